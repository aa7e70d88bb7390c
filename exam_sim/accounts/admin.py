"""People in the administration. Rights change by the actions here alone, which go through `roles.grant`."""

from copy import copy
from datetime import datetime
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import Field, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.views.decorators.debug import sensitive_post_parameters

from exam_sim.accounts import audit, changes, roles
from exam_sim.accounts.large import Large
from exam_sim.accounts.models import Action, AuditEntry, Role, RoleChange, User, fold_email
from exam_sim.accounts.readonly import ReadOnly

# The permissions of a role are code: a group edited here would be set back by the next migration.
admin.site.unregister(Group)
admin.site.site_header = admin.site.site_title = "Exam Simulator administration"
admin.site.index_title = "Administration"


class RequiredEmailMixin:
    """Who is no guest has an address; the column is empty for guests alone."""

    fields: dict[str, Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].required = True


class AccountCreationForm(RequiredEmailMixin, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class AccountChangeForm(RequiredEmailMixin, UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "name", "is_active", "extra_time")

    by: User
    """Who fills it in; set for each request."""

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        user = self.instance
        if not active and user.is_active and (user == self.by or roles.leaves_no_administrator(user)):
            raise ValidationError(
                "Neither your own account nor the last administrator's can be closed: "
                "ask another administrator, or make one."
            )
        return active


class AccountPasswordForm(AdminPasswordChangeForm):
    """Writes the password alone, where Django's form saves the whole row: it has other writers."""

    def __init__(self, *args: Any, by: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.now = by, now

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        changes.set_password(self.user, password, by=self.by, now=self.now)
        return self.user


@admin.register(User)
class AccountAdmin(Large, UserAdmin):
    """Nobody is deleted here, because every attempt would go too: taking "active" away closes an account."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    list_display = ("address", "name", "role", "is_guest", "is_active", "date_joined", "active_on")
    list_filter = ("groups", "is_guest", "is_active", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    filter_horizontal = ()
    list_per_page = 50
    readonly_fields = (
        "role",
        "is_guest",
        "is_staff",
        "is_superuser",
        "date_joined",
        "last_login",
        "active_on",
    )
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "is_active")}),
        ("Exams", {"fields": ("extra_time",)}),
        ("Rights", {"fields": ("role", "is_staff", "is_superuser", "is_guest")}),
        ("Dates", {"fields": ("date_joined", "last_login", "active_on")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    actions = ["make_candidate", "make_instructor", "make_administrator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """A whole address is looked up; to look for a part of one or of a name reads everybody."""
        found = queryset.filter(email=fold_email(search_term))
        if found.exists():
            return found, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="e-mail address", ordering="email")
    def address(self, user: User) -> str:
        return user.email or f"Guest {str(user.pk)[:8]}"

    @admin.display(description="last active", ordering="last_active")
    def active_on(self, user: User) -> str:
        """It is written once a day at most, so a time of day would claim too much."""
        return date_format(timezone.localdate(user.last_active))

    @admin.display(description="role")
    def role(self, user: User) -> str:
        names = {group.name for group in user.groups.all()}
        return next((role.label for role in reversed(Role) if role.value in names), "None")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A guest has nothing to change; a superuser's account, its password above all, is for superusers."""
        if obj is not None and (obj.is_guest or (obj.is_superuser and not request.user.is_superuser)):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        by, now = cast("User", request.user), timezone.now()
        if change:
            values = {name: getattr(obj, name) for name in form.changed_data}
            changes.change(obj, values, by=by, now=now)
        else:
            obj.save()
            roles.join(obj)
            audit.note(Action.ADDED, obj, by=by, at=now, after={"email": obj.email, "name": obj.name})

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if issubclass(form, AccountChangeForm):
            form.by = cast("User", request.user)
        return form

    @method_decorator(sensitive_post_parameters())
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Django's view, with a form that knows who asks: hence a copy of its own for each request."""
        own = copy(self)
        own.change_password_form = partial(
            AccountPasswordForm, by=cast("User", request.user), now=timezone.now()
        )
        with transaction.atomic():
            return super(AccountAdmin, own).user_change_password(request, id, form_url)

    @admin.action(description="Make candidate", permissions=["change"])
    def make_candidate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.grant(request, users, Role.CANDIDATE)

    @admin.action(description="Make instructor", permissions=["change"])
    def make_instructor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.grant(request, users, Role.INSTRUCTOR)

    @admin.action(description="Make administrator", permissions=["change"])
    def make_administrator(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self.grant(request, users, Role.ADMINISTRATOR)

    def grant(self, request: HttpRequest, users: QuerySet[User], role: Role) -> None:
        now = timezone.now()
        for user in users:
            try:
                changed = roles.grant(user, role, by=cast("User", request.user), now=now)
            except roles.RoleRefusedError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                state = "now" if changed else "already"
                self.message_user(request, f"{user} is {state} {role.label.lower()}.", messages.SUCCESS)


@admin.register(RoleChange)
class RoleChangeAdmin(ReadOnly, Large):
    """The log of roles, to read."""

    list_display = ("changed_at", "user", "before", "role", "changed_by")
    list_filter = ("role",)
    list_select_related = ("user", "changed_by")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, Large):
    """Who did what, when, from what to what; to read."""

    list_display = ("at", "actor", "action", "object", "before", "after")
    list_filter = ("action", "at")
    list_select_related = ("actor",)
    search_fields = ("=object", "actor__email")
