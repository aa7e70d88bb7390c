"""Roles: what each may do, and the one function that changes somebody's role.

A role is a group. Permissions are named by "app.codename", so that this app knows of no other; they are set
anew after each migration, so the lists below are the truth and not what somebody once clicked together.
What belongs to a candidate (attempts, results) is guarded by ownership in the views, not by a permission.
"""

from datetime import datetime

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from exam_sim.accounts.models import Role, RoleChange, User

CANDIDATE = frozenset({"exams.add_attempt"})
INSTRUCTOR = CANDIDATE | {
    "questions.view_certification",
    "questions.view_domain",
    "questions.view_taskstatement",
    "questions.view_collection",
    "questions.add_collection",
    "questions.view_question",
    "questions.change_question",
    "questions.view_questionversion",
    "questions.view_asset",
    "questions.view_import",
    "questions.view_keycorrection",
    "questions.view_statuschange",
    "exams.view_examprofile",
    "exams.view_attempt",
    "exams.view_attemptitem",
    "exams.view_extension",
    "exams.add_extension",
    "results.view_result",
    "results.view_report",
    "results.change_report",
}
ADMINISTRATOR = INSTRUCTOR | {
    "questions.change_certification",
    "questions.change_collection",
    "exams.add_examprofile",
    "exams.change_examprofile",
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.view_rolechange",
    "accounts.view_auditentry",
}
PERMISSIONS = {Role.CANDIDATE: CANDIDATE, Role.INSTRUCTOR: INSTRUCTOR, Role.ADMINISTRATOR: ADMINISTRATOR}
STAFF = frozenset({Role.INSTRUCTOR, Role.ADMINISTRATOR})


class RoleRefusedError(Exception):
    """The role cannot be given; the message says why in one sentence."""


def role_of(user: User) -> Role | None:
    """The role somebody holds, or None: createsuperuser gives none."""
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in reversed(Role) if role.value in names), None)


def administrators() -> QuerySet[User]:
    """Who can log in and change roles."""
    by_role = User.objects.filter(groups__name=Role.ADMINISTRATOR).values("pk")
    return User.objects.filter(Q(is_superuser=True) | Q(pk__in=by_role), is_active=True)


def is_last_administrator(user: User) -> bool:
    return set(administrators().values_list("pk", flat=True)) == {user.pk}


def leaves_no_administrator(user: User) -> bool:
    """Whether nobody could administer this site without `user`: asked in the transaction that deletes,
    closes or demotes an account. Of two administrators who go at once the second waits, and is the last."""
    if not administrators().filter(pk=user.pk).exists():
        return False
    list(administrators().order_by("pk").select_for_update().values_list("pk"))
    return is_last_administrator(user)


def join(user: User) -> None:
    """Make a new person a candidate. For everything later there is `grant`."""
    user.groups.add(Group.objects.get(name=Role.CANDIDATE))


def grant(user: User, role: Role, *, by: User | None, now: datetime) -> bool:
    """Give `user` the role in place of any other, and log it; False if that changed nothing.

    `by` is None for a command at the server, which may do everything. Instructors and administrators may
    use the administration; whoever is made less than administrator loses superuser rights as well. Nobody
    changes their own role, nor the last administrator's (two may demote each other at once), and only a
    superuser touches a superuser: an administrator could otherwise rise by taking over such an account.
    """
    if by is not None and by.pk == user.pk:
        raise RoleRefusedError("You cannot change your own role: ask another administrator.")
    with transaction.atomic():
        if by is not None and role != Role.ADMINISTRATOR and leaves_no_administrator(user):
            raise RoleRefusedError(f"{user} is the last administrator: make another one first.")
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.is_guest:
            raise RoleRefusedError("A guest has no log-in and can only be a candidate.")
        if by is not None and user.is_superuser and not by.is_superuser:
            raise RoleRefusedError(f"Only a superuser can change the role of {user}.")
        before = role_of(user)
        superuser = user.is_superuser and role == Role.ADMINISTRATOR
        if before == role and user.is_staff == (role in STAFF) and user.is_superuser == superuser:
            return False
        user.groups.set([Group.objects.get(name=role)])
        user.is_staff = role in STAFF
        user.is_superuser = superuser
        user.save(update_fields=["is_staff", "is_superuser"])
        RoleChange.objects.create(user=user, before=before or "", role=role, changed_by=by, changed_at=now)
    return True


def set_permissions(sender: AppConfig, *, using: str, apps: Apps = current_apps, **kwargs: object) -> None:
    """After a migration of app `sender`: give each role's group exactly its permissions of that app.

    Permissions are made here first, because Django's own receiver may run after this one. Emptying the
    database (flush) sends the same signal, without `apps`.
    """
    label = sender.label
    try:
        apps.get_model("auth", "Permission")
        apps.get_model("accounts", "User")
    except LookupError:
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    present = {
        permission.codename: permission.pk
        for permission in Permission.objects.using(using).filter(content_type__app_label=label)
    }
    if not present:
        return
    groups = [Group.objects.using(using).get_or_create(name=role)[0] for role in PERMISSIONS]
    wanted = {
        (group.pk, present[codename])
        for group, names in zip(groups, PERMISSIONS.values(), strict=True)
        for app, _, codename in (name.partition(".") for name in names)
        if app == label and codename in present
    }
    rows = Group.permissions.through.objects.using(using)
    of_the_app = rows.filter(group__in=groups, permission__in=present.values())
    held = {(row.group_id, row.permission_id): row.pk for row in of_the_app}
    rows.filter(pk__in=[held[pair] for pair in held.keys() - wanted]).delete()
    rows.bulk_create(
        rows.model(group_id=group, permission_id=permission) for group, permission in wanted - held.keys()
    )
