import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

EMAIL_LENGTH = 254


def fold_email(email: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return email.strip().casefold()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """Make an account; without `email` it is a guest's, which nobody can log in to by password."""
        user = self.model(email=fold_email(email) if email else None, **fields)
        user.set_password(password)
        user.save(force_insert=True, using=self._db)
        return user

    def create_guest(self, **fields: Any) -> "User":
        return self.create_user(None, is_guest=True, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def by_email(self, email: str) -> "User | None":
        return self.filter(email=fold_email(email)).first()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=fold_email(username or ""))


class ExtraTime(models.TextChoices):
    """What is added to an exam's minutes; read when an attempt starts, frozen on it from then on."""

    NONE = "none", "No extra time"
    ESL_30 = "esl30", "+30 minutes (English as a second language)"
    X1_25 = "x1.25", "1.25 times the minutes"
    X1_5 = "x1.5", "1.5 times the minutes"
    X2 = "x2", "2 times the minutes"

    def extra_seconds(self, base_seconds: int) -> int:
        """Seconds added to `base_seconds`, rounded up to whole minutes in the candidate's favour."""
        match self:
            case ExtraTime.NONE:
                return 0
            case ExtraTime.ESL_30:
                return 30 * 60
            case ExtraTime.X1_25:
                share = 0.25
            case ExtraTime.X1_5:
                share = 0.5
            case ExtraTime.X2:
                share = 1.0
        return -int(-base_seconds * share // 60) * 60


class Theme(models.TextChoices):
    AUTO = "auto", "Like the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Roles are groups; a guest is a person without an e-mail address who may become an account
    on the same row, so that no attempt ever changes hands."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", unique=True, null=True, blank=True, max_length=EMAIL_LENGTH)
    name = models.CharField(max_length=120, blank=True)
    is_guest = models.BooleanField("guest", default=False)
    is_active = models.BooleanField("active", default=True)
    is_staff = models.BooleanField("may use the administration", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    last_active = models.DateTimeField(default=timezone.now, editable=False)
    extra_time = models.CharField(max_length=8, choices=ExtraTime, default=ExtraTime.NONE)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.AUTO)
    character_keys = models.BooleanField("keyboard shortcuts with single characters", default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")) | models.Q(email__isnull=True),
                name="accounts_user_email_folded",
            ),
            models.CheckConstraint(
                condition=models.Q(is_guest=True, email__isnull=True)
                | models.Q(is_guest=False, email__isnull=False),
                name="accounts_user_guest_iff_no_email",
            ),
            models.CheckConstraint(
                condition=models.Q(extra_time__in=ExtraTime.values), name="accounts_user_extra_time_known"
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=Theme.values), name="accounts_user_theme_known"
            ),
        )
        indexes = (
            models.Index(
                fields=["last_active"], condition=models.Q(is_guest=True), name="accounts_guest_last_active"
            ),
            models.Index(fields=["-date_joined", "-id"], name="accounts_user_newest"),
        )

    def __str__(self) -> str:
        return self.name or self.email or "Guest"

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def clean(self) -> None:
        if self.email:
            self.email = fold_email(self.email)


class Role(models.TextChoices):
    """What a person may do here; each role is a group whose permissions `roles` holds."""

    CANDIDATE = "candidate", "Candidate"
    INSTRUCTOR = "instructor", "Instructor"
    ADMINISTRATOR = "administrator", "Administrator"


class RoleChange(models.Model):
    """One change of somebody's role: who, from what, to what, by whom (empty: by a command at the server)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="role_changes")
    before = models.CharField(max_length=20, choices=Role, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("-changed_at",)
        indexes = (models.Index(fields=["changed_at"], name="accounts_role_change_at"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="accounts_role_change_role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.before or 'no role'} to {self.role}"


class Session(AbstractBaseSession):
    """A log-in, or a visit of nobody: kept and read by `exam_sim.accounts.sessions`."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")

    class Meta:
        verbose_name = "session"


class Throttle(models.Model):
    """How often something limited was done: written by `exam_sim.accounts.throttle` alone. `key` is the name
    of the limit and a keyed hash of what it is counted for; `until` is when a wait ends, `since` when
    counting began or, after a first wait, when the one before ended."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["since"], name="accounts_throttle_since"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class Action(models.TextChoices):
    """What the audit log tells of."""

    LOGIN = "login", "Logged in"
    LOGIN_FAILED = "login_failed", "Failed to log in"
    ADDED = "added", "Account added"
    PROFILE = "profile", "Profile changed"
    EXTRA_TIME = "extra_time", "Extra time changed"
    PASSWORD = "password", "Password set"
    DELETED = "deleted", "Account deleted"
    ATTEMPT_DELETED = "attempt_deleted", "Attempt deleted"
    KEYS_RESTORED = "keys_restored", "Key corrections taken back"


class AuditEntry(models.Model):
    """Somebody (empty: nobody known, or a command at the server) did something to `object`, "model:key"."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=20, choices=Action)
    object = models.CharField(max_length=80)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        indexes = (
            models.Index(fields=["at"], name="accounts_audit_at"),
            models.Index(fields=["object"], name="accounts_audit_object"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(action__in=Action.values), name="accounts_audit_action_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.object}"
