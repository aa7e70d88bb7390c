"""The bank in the administration: to look, and to move questions from status to status, as far as
`questions.access` allows.

A question's text is changed in the bank's own pages; versions are history and cannot be changed or removed.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from exam_sim.accounts.models import User
from exam_sim.accounts.readonly import ReadOnly
from questions import access, statuses
from questions.models import (
    Certification,
    Collection,
    Domain,
    Import,
    KeyCorrection,
    Question,
    QuestionVersion,
    Status,
    StatusChange,
    TaskStatement,
)


def visible_collections(request: HttpRequest) -> QuerySet[Collection]:
    user = request.user
    return access.visible(user) if isinstance(user, User) else Collection.objects.none()


class VisibleCollections(admin.RelatedFieldListFilter):
    """A filter that names no collection of somebody else."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return [(collection.pk, str(collection)) for collection in visible_collections(request)]


class DomainInline(ReadOnly, admin.TabularInline):
    model = Domain
    fields = ("code", "title", "weight")


@admin.register(Certification)
class CertificationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "slug", "retired_on")
    search_fields = ("title", "slug")
    inlines = (DomainInline,)


@admin.register(TaskStatement)
class TaskStatementAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("code", "title", "domain")
    list_filter = ("domain__certification",)
    list_select_related = ("domain",)
    search_fields = ("code", "title")


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ("title", "slug", "certification", "owner")
    list_select_related = ("certification", "owner")
    search_fields = ("title", "slug")
    autocomplete_fields = ("owner",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        return visible_collections(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Collection | None = None) -> tuple[str, ...]:
        return ("slug", "certification") if obj else ()

    def get_exclude(self, request: HttpRequest, obj: Collection | None = None) -> tuple[str, ...]:
        """Whose a collection is, an administrator says; an instructor's new one is their own."""
        return () if request.user.has_perm(access.CHANGE_EVERYTHING) else ("owner",)

    def save_model(self, request: HttpRequest, obj: Collection, form: ModelForm, change: bool) -> None:
        if not change and not request.user.has_perm(access.CHANGE_EVERYTHING):
            obj.owner = cast("User", request.user)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Collection | None = None) -> bool:
        return False


class VersionInline(ReadOnly, admin.TabularInline):
    model = QuestionVersion
    fields = ("number", "created_at", "source", "created_by", "testing_point")
    ordering = ("-number",)
    show_change_link = True


class StatusChangeInline(ReadOnly, admin.TabularInline):
    model = StatusChange
    fields = ("at", "old", "new", "by")


class KeyCorrectionInline(ReadOnly, admin.TabularInline):
    model = KeyCorrection
    fields = ("at", "before", "after", "reason", "by")


@admin.register(Question)
class QuestionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("external_id", "task_statement", "status", "kind", "level", "testing_point")
    list_filter = (
        ("collection", VisibleCollections),
        "status",
        "current_version__kind",
        "current_version__level",
        "task_statement",
    )
    list_select_related = ("task_statement", "current_version")
    search_fields = ("external_id", "current_version__stem", "current_version__testing_point")
    fields = ("external_id", "collection", "task_statement", "status", "stem")
    readonly_fields = ("stem",)
    inlines = (VersionInline, StatusChangeInline, KeyCorrectionInline)
    actions = ("publish", "put_on_trial", "make_draft", "retire")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        return super().get_queryset(request).filter(collection__in=visible_collections(request))

    def has_status_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("questions.change_question")

    @admin.display(ordering="current_version__kind")
    def kind(self, question: Question) -> str:
        return question.current_version.get_kind_display() if question.current_version else ""

    @admin.display(ordering="current_version__level")
    def level(self, question: Question) -> int | None:
        return question.current_version.level if question.current_version else None

    @admin.display(ordering="current_version__testing_point")
    def testing_point(self, question: Question) -> str:
        return question.current_version.testing_point if question.current_version else ""

    @admin.display
    def stem(self, question: Question) -> SafeString:
        return _fragment(question.current_version.html["stem"] if question.current_version else "")

    @admin.action(description="Publish the selected questions", permissions=["status"])
    def publish(self, request: HttpRequest, questions: QuerySet[Question]) -> None:
        self._change(request, questions, Status.PUBLISHED)

    @admin.action(description="Put the selected questions on trial", permissions=["status"])
    def put_on_trial(self, request: HttpRequest, questions: QuerySet[Question]) -> None:
        self._change(request, questions, Status.TRIAL)

    @admin.action(description="Make the selected questions drafts", permissions=["status"])
    def make_draft(self, request: HttpRequest, questions: QuerySet[Question]) -> None:
        self._change(request, questions, Status.DRAFT)

    @admin.action(description="Retire the selected questions", permissions=["status"])
    def retire(self, request: HttpRequest, questions: QuerySet[Question]) -> None:
        self._change(request, questions, Status.RETIRED)

    def _change(self, request: HttpRequest, questions: QuerySet[Question], status: Status) -> None:
        actor = request.user
        if not isinstance(actor, User):
            return
        own = questions.filter(collection__in=access.changeable(actor))
        ids = own.order_by().values_list("pk", flat=True)
        changed = statuses.change(ids, status, by=actor, now=timezone.now())
        self.message_user(request, f"{status.label}: {changed} questions changed.", messages.SUCCESS)
        if others := questions.exclude(collection__in=access.changeable(actor)).count():
            message = f"{others} left as they are: they are in collections that are not yours."
            self.message_user(request, message, messages.WARNING)


@admin.register(Import)
class ImportAdmin(ReadOnly, admin.ModelAdmin):
    """What was imported; it is undone on the bank's own pages. Uploads that nobody imported are private to
    who uploaded them, and stand nowhere here."""

    list_display = ("file_name", "collection", "at", "by", "format", "undone_at")
    list_filter = (("collection", VisibleCollections), "format")
    list_select_related = ("collection", "by")
    search_fields = ("file_name", "file_hash")
    date_hierarchy = "at"
    fields = (
        *("file_name", "file_hash", "format", "collection", "status", "counts", "at", "by"),
        *("undone_at", "undone_by"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        rows: QuerySet[Import] = super().get_queryset(request)
        return rows.filter(collection__in=visible_collections(request))


@admin.register(QuestionVersion)
class QuestionVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("question", "number", "created_at", "source", "testing_point")
    list_filter = (("question__collection", VisibleCollections), "kind", "level")
    list_select_related = ("question",)
    search_fields = ("question__external_id", "stem", "testing_point")
    date_hierarchy = "created_at"
    fields = (
        *("question", "number", "created_at", "created_by", "source", "task_statement", "kind", "level"),
        *("testing_point", "shown_stem", "shown_options", "shown_explanation", "references", "services"),
        *("enemies", "exhibits", "calculation", "shuffle", "verified_on", "renderer", "fingerprint"),
    )
    readonly_fields = ("shown_stem", "shown_options", "shown_explanation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionVersion]:
        rows: QuerySet[QuestionVersion] = super().get_queryset(request)
        return rows.filter(question__collection__in=visible_collections(request))

    @admin.display(description="stem")
    def shown_stem(self, version: QuestionVersion) -> SafeString:
        return _fragment(version.html["stem"])

    @admin.display(description="explanation")
    def shown_explanation(self, version: QuestionVersion) -> SafeString:
        return _fragment(version.key_html["explanation"])

    @admin.display(description="options")
    def shown_options(self, version: QuestionVersion) -> SafeString:
        rows = [
            format_html(
                "<dt>{} {}</dt><dd>{}{}</dd>",
                option["id"],
                "(correct)" if option["correct"] else "",
                _fragment(version.html["options"][option["id"]]),
                _fragment(version.key_html["rationales"][option["id"]]),
            )
            for option in version.options
        ]
        return format_html("<dl>{}</dl>", mark_safe("".join(rows)))  # noqa: S308 - made by format_html


def _fragment(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - sanitised when the version was made
