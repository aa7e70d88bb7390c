from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from exam_sim.accounts import large, roles
from exam_sim.accounts.models import Role, RoleChange, User

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


@pytest.fixture
def root(client: Client) -> User:
    user = User.objects.create_superuser("root@example.org", "x")
    client.force_login(user)
    return user


@pytest.fixture
def administrator(client: Client, ada: User, now: datetime) -> User:
    """An administrator by role, without being a superuser."""
    roles.grant(ada, Role.ADMINISTRATOR, by=None, now=now)
    client.force_login(ada)
    return ada


def test_a_role_is_changed_by_an_action_and_logged(client: Client, root: User, ada: User) -> None:
    client.post(LIST, {"action": "make_instructor", "_selected_action": [str(ada.pk)]})
    assert roles.role_of(ada) == Role.INSTRUCTOR
    assert list(RoleChange.objects.values_list("user", "role", "changed_by")) == [
        (ada.pk, "instructor", root.pk)
    ]


def test_a_refusal_is_a_message(client: Client, root: User) -> None:
    response = client.post(
        LIST, {"action": "make_candidate", "_selected_action": [str(root.pk)]}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == [
        "You cannot change your own role: ask another administrator."
    ]


def test_the_form_changes_what_it_shows_and_no_rights(client: Client, root: User, ada: User) -> None:
    before = User.objects.values().get(pk=ada.pk)
    client.post(
        f"{LIST}{ada.pk}/change/",
        {
            "email": "NEW@example.org",
            "name": "Ada",
            "is_active": "on",
            "extra_time": "x2",
            "is_superuser": "on",
        },
    )
    assert User.objects.values().get(pk=ada.pk) == {**before, "email": "new@example.org", "extra_time": "x2"}


def close(client: Client, user: User) -> list[str]:
    """Untick "active"; return what the page says against it."""
    response = client.post(f"{LIST}{user.pk}/change/", {"email": user.email, "extra_time": "none"})
    return response.context["adminform"].form.errors["is_active"] if response.context else []


REFUSED = (
    "Neither your own account nor the last administrator's can be closed: "
    "ask another administrator, or make one."
)


def test_nobody_closes_their_own_account(client: Client, root: User, administrator: User) -> None:
    assert close(client, administrator) == [REFUSED]
    assert close(client, User.objects.create_user("c@example.org")) == []
    assert list(User.objects.filter(is_active=False).values_list("email", flat=True)) == ["c@example.org"]


def test_of_two_administrators_one_closes_the_other(
    client: Client, ada: User, root: User, now: datetime
) -> None:
    roles.grant(ada, Role.ADMINISTRATOR, by=None, now=now)
    assert close(client, ada) == []
    assert User.objects.get(is_active=True) == root


def test_nobody_closes_the_last_administrator(client: Client, ada: User) -> None:
    """Not even who may change people without being an administrator."""
    root = User.objects.create_superuser("root@example.org", "x")
    roles.grant(root, Role.ADMINISTRATOR, by=None, now=timezone.now())
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    ada.user_permissions.add(Permission.objects.get(codename="change_user"))
    client.force_login(ada)
    assert close(client, root) == [REFUSED]
    assert not User.objects.filter(is_active=False).exists()


class DemotingHasher(MD5PasswordHasher):
    """Takes so long that somebody else makes everybody a candidate meanwhile."""

    def encode(self, password: str, salt: str) -> str:
        User.objects.update(is_superuser=False, is_staff=False)
        return super().encode(password, salt)


@pytest.mark.parametrize("usable", [True, False])
def test_setting_a_password_writes_nothing_else(
    client: Client, root: User, ada: User, settings: Settings, usable: bool
) -> None:
    User.objects.filter(pk=ada.pk).update(is_superuser=True)
    settings.PASSWORD_HASHERS = ["tests.accounts.test_admin.DemotingHasher"]
    fields = {"usable_password": "true"} if usable else {"usable_password": "false", "unset-password": "1"}
    new = "a moth in relay 70"
    client.post(f"{LIST}{ada.pk}/password/", {**fields, "password1": new, "password2": new})
    ada.refresh_from_db()
    found = (ada.is_superuser, ada.has_usable_password(), ada.check_password(new))
    assert found == (not usable, usable, usable)


def test_an_account_keeps_an_address(client: Client, root: User, ada: User) -> None:
    response = client.post(f"{LIST}{ada.pk}/change/", {"email": "", "extra_time": "none"})
    assert list(response.context["adminform"].form.errors) == ["email"]


def test_an_account_can_be_added_and_is_a_candidate(client: Client, root: User) -> None:
    secret = "a moth in relay 70"
    client.post(
        f"{LIST}add/",
        {"email": "Grace@example.org", "usable_password": "true", "password1": secret, "password2": secret},
    )
    user = User.objects.get(email="grace@example.org")
    assert (roles.role_of(user), user.check_password(secret)) == (Role.CANDIDATE, True)


def test_nobody_is_deleted(client: Client, root: User, ada: User) -> None:
    assert client.post(f"{LIST}{ada.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [str(ada.pk)], "post": "yes"})
    assert User.objects.filter(pk=ada.pk).exists()


@pytest.mark.parametrize("page", ["change/", "password/"])
def test_an_administrator_who_is_no_superuser_does_not_touch_one(
    client: Client, administrator: User, page: str
) -> None:
    root = User.objects.create_superuser("root@example.org", "x")
    fields = {"email": "mine@example.org", "password1": "taken over 123", "password2": "taken over 123"}
    assert client.post(f"{LIST}{root.pk}/{page}", fields).status_code == 403
    root.refresh_from_db()
    assert (root.email, root.check_password("x")) == ("root@example.org", True)


def test_a_guest_is_shown_and_not_changed(client: Client, root: User) -> None:
    guest = User.objects.create_guest(last_active=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    assert f'{guest.pk}/change/">Guest {str(guest.pk)[:8]}</a>' in client.get(LIST).text
    page = client.get(f"{LIST}{guest.pk}/change/").text
    assert '<div class="readonly">March 4, 2026</div>' in page
    assert client.post(f"{LIST}{guest.pk}/change/", {"email": "x@example.org"}).status_code == 403


def test_the_log_of_roles_is_only_read(client: Client, root: User, ada: User, now: datetime) -> None:
    roles.grant(ada, Role.INSTRUCTOR, by=root, now=now)
    change = RoleChange.objects.get()
    base = "/admin/accounts/rolechange/"
    assert client.get(base).status_code == 200
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{change.pk}/change/", {"role": "candidate"}).status_code == 403
    assert client.post(f"{base}{change.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.CANDIDATE, 302), (Role.INSTRUCTOR, 200)])
def test_instructors_reach_the_administration_and_candidates_do_not(
    client: Client, ada: User, now: datetime, role: Role, status: int
) -> None:
    roles.grant(ada, role, by=None, now=now)
    client.force_login(ada)
    assert client.get("/admin/").status_code == status
    assert client.get(LIST).status_code in (302, 403)


def test_groups_are_not_edited_by_hand(client: Client, root: User) -> None:
    assert client.get("/admin/auth/group/").status_code == 404


@pytest.mark.parametrize("others", [1, 3])
def test_the_list_costs_the_same_for_few_and_for_more(
    client: Client, root: User, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session with user, their groups twice for the filters and the rows, two counts, and the rows."""
    for number in range(others):
        roles.join(User.objects.create_user(f"{number}@example.org"))
    with django_assert_num_queries(6):
        client.get(LIST)


def listed(client: Client, looked_for: str = "") -> list[str | None]:
    return [user.email for user in client.get(LIST, {"q": looked_for}).context["cl"].result_list]


def test_a_whole_address_is_looked_up_and_a_part_of_one_is_searched(client: Client, root: User) -> None:
    for email in ("ada@example.org", "not-ada@example.org"):
        User.objects.create_user(email)
    assert listed(client, "Ada@example.org") == ["ada@example.org"]
    assert listed(client, "ada") == ["not-ada@example.org", "ada@example.org"]


def test_long_lists_end_where_nobody_pages_to(
    client: Client, root: User, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("newest@example.org")
    monkeypatch.setattr(large, "MOST", 2)
    assert client.get(LIST).context["cl"].result_count == 2
    for _ in range(3):
        RoleChange.objects.create(user=ada, role=Role.CANDIDATE, changed_at=timezone.now())
    assert client.get("/admin/accounts/rolechange/").context["cl"].result_count == 2
