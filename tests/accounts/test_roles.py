from datetime import datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from exam_sim.accounts import roles
from exam_sim.accounts.models import Role, RoleChange, User

pytestmark = pytest.mark.django_db


def held(group: Group) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in group.permissions.select_related("content_type")
    }


def facts(user: User) -> tuple[list[str], bool, bool]:
    user = User.objects.get(pk=user.pk)
    return [group.name for group in user.groups.all()], user.is_staff, user.is_superuser


@pytest.mark.parametrize("role", Role)
def test_each_role_is_a_group_with_exactly_its_permissions(role: Role) -> None:
    assert held(Group.objects.get(name=role)) == roles.PERMISSIONS[role]


def test_a_migration_sets_permissions_back(db: None) -> None:
    group = Group.objects.get(name=Role.CANDIDATE)
    group.permissions.set([Permission.objects.get(codename="delete_user")])
    call_command("migrate", verbosity=0)
    assert held(group) == roles.CANDIDATE


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_has_the_roles_again() -> None:
    call_command("flush", verbosity=0, interactive=False)
    assert {group.name: held(group) for group in Group.objects.all()} == roles.PERMISSIONS


@pytest.mark.parametrize(
    ("role", "staff"), [(Role.CANDIDATE, False), (Role.INSTRUCTOR, True), (Role.ADMINISTRATOR, True)]
)
def test_a_role_replaces_the_one_before_and_is_logged(
    ada: User, now: datetime, role: Role, staff: bool
) -> None:
    by = User.objects.create_superuser("root@example.org")
    assert roles.grant(ada, role, by=by, now=now)
    assert facts(ada) == ([role], staff, False)
    assert list(RoleChange.objects.values_list("user", "before", "role", "changed_by", "changed_at")) == [
        (ada.pk, "", role, by.pk, now)
    ]


def test_the_same_role_again_changes_and_logs_nothing(ada: User, now: datetime) -> None:
    roles.grant(ada, Role.INSTRUCTOR, by=None, now=now)
    assert not roles.grant(ada, Role.INSTRUCTOR, by=None, now=now)
    assert RoleChange.objects.count() == 1


def test_who_is_made_less_than_administrator_is_no_superuser_any_more(now: datetime) -> None:
    root = User.objects.create_superuser("root@example.org")
    roles.grant(root, Role.ADMINISTRATOR, by=None, now=now)
    assert facts(root) == (["administrator"], True, True)
    roles.grant(root, Role.CANDIDATE, by=None, now=now)
    assert facts(root) == (["candidate"], False, False)


def test_nobody_changes_their_own_role(now: datetime) -> None:
    root = User.objects.create_superuser("root@example.org")
    with pytest.raises(roles.RoleRefusedError, match="your own role"):
        roles.grant(root, Role.CANDIDATE, by=root, now=now)
    assert facts(root) == ([], True, True)


def test_only_a_superuser_touches_a_superuser(ada: User, now: datetime) -> None:
    root = User.objects.create_superuser("root@example.org")
    roles.grant(ada, Role.ADMINISTRATOR, by=root, now=now)
    with pytest.raises(roles.RoleRefusedError, match="Only a superuser"):
        roles.grant(root, Role.CANDIDATE, by=ada, now=now)
    assert facts(root) == ([], True, True)


def test_a_guest_can_only_be_a_candidate(now: datetime) -> None:
    guest = User.objects.create_guest()
    with pytest.raises(roles.RoleRefusedError, match="A guest"):
        roles.grant(guest, Role.INSTRUCTOR, by=None, now=now)
    assert facts(guest) == ([], False, False)
