"""The administration of exams: profiles may be changed, what candidates did may be read, time may be
added."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from exam_sim.accounts.large import Large
from exam_sim.accounts.models import User
from exam_sim.accounts.readonly import ReadOnly
from exam_sim.exams import attempts
from exam_sim.exams.exceptions import NotOpenError
from exam_sim.exams.models import Attempt, AttemptItem, ExamProfile, Extension, State

MAX_EXTENSION_MINUTES = 24 * 60


@admin.register(ExamProfile)
class ExamProfileAdmin(admin.ModelAdmin):
    """A change counts from the next start: attempts keep what was frozen on them."""

    list_display = ("title", "certification", "minutes", "scored", "unscored", "pass_mark", "is_rehearsal")
    filter_horizontal = ("collections",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ItemInline(ReadOnly, admin.TabularInline):
    """Names no option: not everybody here may look at every collection."""

    model = AttemptItem
    fields = ("number", "question", "version", "scored")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, Large):
    """History as it happened. While an attempt is open, its items (which question stands where) stay out of
    sight."""

    list_display = ("title", "user", "state", "started_at", "deadline", "closed_at")
    list_filter = ("state", "profile", "started_at")
    search_fields = ("=id", "user__email", "user__name")
    list_select_related = ("user",)

    def get_inlines(self, request: HttpRequest, obj: Attempt | None) -> list[type[InlineModelAdmin]]:
        return [] if obj is None or obj.state == State.OPEN else [ItemInline]


class ExtensionForm(forms.ModelForm):
    minutes = forms.IntegerField(
        min_value=1, max_value=MAX_EXTENSION_MINUTES, help_text="Added to the deadline."
    )

    class Meta:
        model = Extension
        fields = ("attempt", "minutes", "reason")

    def clean_attempt(self) -> Attempt:
        attempt: Attempt = self.cleaned_data["attempt"]
        if (
            attempt.state != State.OPEN
            or attempt.seconds_granted is None
            or attempts.clock_of(attempt).is_due(timezone.now())
        ):
            raise ValidationError("Only an open, timed attempt can be given more time.")
        return attempt


@admin.register(Extension)
class ExtensionAdmin(admin.ModelAdmin):
    """Time given to running attempts; a grant is made here, and never changed."""

    form = ExtensionForm
    list_display = ("attempt", "seconds", "reason", "granted_by", "granted_at")
    raw_id_fields = ("attempt",)
    list_select_related = ("attempt", "granted_by")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return "attempt", "minutes", "reason"
        return "attempt", "seconds", "reason", "granted_by", "granted_at"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The attempt may be closed between the form's look at it and the grant."""
        try:
            return super().add_view(request, form_url, extra_context)
        except NotOpenError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:exams_extension_changelist")

    def save_model(self, request: HttpRequest, obj: Extension, form: Any, change: bool) -> None:
        by = request.user if isinstance(request.user, User) else None
        minutes = form.cleaned_data["minutes"]
        obj.pk = attempts.extend(obj.attempt_id, minutes, by, obj.reason, timezone.now()).pk
