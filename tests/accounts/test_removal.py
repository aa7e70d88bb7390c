"""An account goes with everything of its person, and with nothing else."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission
from django.db.models import CASCADE, SET_NULL, ForeignKey, Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exam_sim.accounts import removal, roles
from exam_sim.accounts.models import Action, AuditEntry, Role, RoleChange, Session, User
from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    EventKind,
    Extension,
    LateAnswer,
    Reserve,
    ReservedQuestion,
    Sight,
    State,
)
from questions.models import (
    Collection,
    ColumnMapping,
    Import,
    KeyCorrection,
    Preview,
    PreviewEntry,
    PreviewFigure,
    QuestionVersion,
    StatusChange,
)
from results.grading import result_for
from results.models import Bookmark, Card, ExamDate, Note, Report
from tests.accounts.conftest import PASSWORD
from tests.factories import NOW, make_attempt, make_certification, make_register, make_version

pytestmark = pytest.mark.django_db
URL = "/accounts/delete/"
Row = tuple[type[Model], str]


@pytest.fixture
def person(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def an_attempt(user: User) -> Attempt:
    """With a row in every table below it."""
    version = make_version()
    attempt = make_attempt(user, [version], answers={1: "a"})
    AnswerEvent.objects.create(
        attempt=attempt,
        event_id=uuid.uuid4(),
        item=1,
        kind=EventKind.ANSWER,
        value=[3],
        intent_ms=1,
        received_at=NOW,
    )
    make_register(attempt, 1, EventKind.FLAG, True)
    LateAnswer.objects.create(attempt=attempt, item=1, value=[], intent_ms=1, received_at=NOW)
    Extension.objects.create(attempt=attempt, seconds=60, reason="Noise", granted_at=NOW)
    Sight.objects.create(user=user, question=version.question, first_attempt=attempt, last_seen=NOW)
    result_for(attempt, NOW)
    return attempt


def a_report(reporter: User, **fields: Any) -> Report:
    attempt = make_attempt(reporter, [make_version()])
    item = attempt.items.get()
    return Report.objects.create(
        reporter=reporter,
        attempt=attempt,
        number=1,
        question=item.question,
        version=item.version,
        option_order=[],
        chosen=[],
        kind="typo",
        made_at=NOW,
        **fields,
    )


def a_reserve(user: User) -> Reserve:
    reserve = Reserve.objects.create(
        user=user,
        certification=make_certification(),
        drawn_at=NOW,
        spent_on=make_attempt(user, [make_version()]),
        spent_at=NOW,
    )
    ReservedQuestion.objects.create(reserve=reserve, question=make_version().question)
    return reserve


def an_upload(user: User) -> Preview:
    make_certification()
    preview = Preview.objects.create(
        owner=user,
        collection_id="mls-c01",
        created_at=NOW,
        expires_at=NOW,
        file_name="a.csv",
        file_hash="0" * 64,
        content=b"",
        format="csv",
    )
    PreviewEntry.objects.create(preview=preview, position=0, outcome="new")
    PreviewFigure.objects.create(preview=preview, sha256="0" * 64, media_type="image/png", content=b"")
    return preview


def an_import(**people: User) -> Import:
    make_certification()
    return Import.objects.create(
        collection_id="mls-c01",
        at=NOW,
        file_name="a",
        file_hash="",
        format="csv",
        status="draft",
        counts={},
        **people,
    )


def a_correction(user: User) -> KeyCorrection:
    version = make_version()
    return KeyCorrection.objects.create(
        question=version.question, before=version, after=version, reason="", at=NOW, by=user
    )


def somebody() -> User:
    return User.objects.create_user(f"{uuid.uuid4()}@example.org", None)


MAKE: dict[Row, Callable[[User], Model]] = {
    (RoleChange, "user"): lambda u: RoleChange.objects.create(user=u, role=Role.CANDIDATE, changed_at=NOW),
    (RoleChange, "changed_by"): lambda u: RoleChange.objects.create(
        changed_by=u, role=Role.CANDIDATE, changed_at=NOW
    ),
    (User.groups.through, "user"): lambda u: User.groups.through.objects.get(user=u),
    (User.user_permissions.through, "user"): lambda u: User.user_permissions.through.objects.create(
        user=u, permission=Permission.objects.earliest("pk")
    ),
    (Session, "user"): lambda u: Session.objects.create(
        user=u, session_key=uuid.uuid4().hex, expire_date=NOW
    ),
    (LogEntry, "user"): lambda u: LogEntry.objects.create(user=u, action_flag=ADDITION),
    (Attempt, "user"): an_attempt,
    (Sight, "user"): lambda u: Sight.objects.create(user=u, question=make_version().question, last_seen=NOW),
    (Extension, "granted_by"): lambda u: Extension.objects.create(
        attempt=make_attempt(somebody(), [make_version()]), seconds=1, granted_at=NOW, granted_by=u
    ),
    (Reserve, "user"): a_reserve,
    (Card, "user"): lambda u: Card.objects.create(
        user=u, question=make_version().question, due=NOW, last_review=NOW, stability=1, difficulty=1
    ),
    (Note, "user"): lambda u: Note.objects.create(
        user=u, question=make_version().question, text="A note", updated_at=NOW
    ),
    (Bookmark, "user"): lambda u: Bookmark.objects.create(
        user=u, question=make_version().question, made_at=NOW
    ),
    (Report, "reporter"): a_report,
    (Report, "decided_by"): lambda u: a_report(somebody(), state="fixed", decided_at=NOW, decided_by=u),
    (ExamDate, "user"): lambda u: ExamDate.objects.create(
        user=u, certification=make_certification(), date=dt.date(2026, 5, 1)
    ),
    (AuditEntry, "actor"): lambda u: AuditEntry.objects.create(
        at=NOW, actor=u, action=Action.PROFILE, object="user:x"
    ),
    (Collection, "owner"): lambda u: Collection.objects.create(
        slug=uuid.uuid4().hex, title="Acme", certification=make_certification(), owner=u
    ),
    (StatusChange, "by"): lambda u: StatusChange.objects.create(
        question=make_version().question, old="draft", new="published", at=NOW, by=u
    ),
    (QuestionVersion, "created_by"): lambda u: make_version(created_by=u),
    (KeyCorrection, "by"): a_correction,
    (Import, "by"): lambda u: an_import(by=u),
    (Import, "undone_by"): lambda u: an_import(undone_by=u),
    (Preview, "owner"): an_upload,
    (ColumnMapping, "owner"): lambda u: ColumnMapping.objects.create(
        owner=u, headers_hash=uuid.uuid4().hex, columns={}
    ),
}
"""A row for each foreign key to a user."""


def pointing_at(model: type[Model]) -> list[ForeignKey[Any, Any]]:
    return [
        field
        for every in apps.get_models(include_auto_created=True)
        for field in every._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is model
    ]


def owned() -> set[type[Model]]:
    """Every model whose rows go with a user, at whatever distance."""
    found: set[type[Model]] = set()
    waiting: list[type[Model]] = [User]
    while waiting:
        for field in pointing_at(waiting.pop()):
            if field.remote_field.on_delete is CASCADE and field.model not in found:
                found.add(field.model)
                waiting.append(field.model)
    return found


def test_every_foreign_key_to_a_user_is_told_to_go_or_to_forget() -> None:
    found = {(field.model, field.name): field.remote_field.on_delete for field in pointing_at(User)}
    assert found.keys() == MAKE.keys(), "make a row of the new model in this test"
    assert set(found.values()) == {CASCADE, SET_NULL}


def a_whole_life(user: User) -> dict[Row, Model]:
    roles.join(user)
    return {place: make(user) for place, make in MAKE.items()}


def test_everything_that_is_mine_goes_and_the_rest_forgets_me(ada: User) -> None:
    rows = a_whole_life(ada)
    others = set(User.objects.exclude(pk=ada.pk))
    removal.remove(ada, NOW)
    for (model, name), row in rows.items():
        left = model._base_manager.filter(pk=row.pk).values_list(name, flat=True)
        goes = model._meta.get_field(name).remote_field.on_delete is CASCADE
        assert list(left) == ([] if goes else [None]), f"{model.__name__}.{name}"
    assert set(User.objects.all()) == others == {attempt.user for attempt in Attempt.objects.all()}


def test_nothing_below_what_is_mine_is_left(ada: User) -> None:
    before = {model: model._base_manager.count() for model in owned()}
    a_whole_life(ada)
    filled = {model for model in owned() if model._base_manager.count() > before[model]}
    assert filled == owned(), "make a row of the new model in this test"
    for user in User.objects.all():
        removal.remove(user, NOW)
    assert {model: model._base_manager.count() for model in owned()} == before


def test_what_goes_is_told_in_numbers(person: Client, ada: User) -> None:
    an_attempt(ada)
    for _ in range(2):
        Note.objects.create(user=ada, question=make_version().question, text="A note", updated_at=NOW)
    make_attempt(somebody(), [make_version()])
    response = person.get(URL)
    assert [(loss.count, loss.noun) for loss in response.context["losses"]] == [
        (1, "exam or study session"),
        (1, "question you have seen"),
        (2, "notes"),
    ]
    assert "<li>2 notes</li>" in response.content.decode()


def test_collections_that_stay_are_told(person: Client, ada: User) -> None:
    MAKE[Collection, "owner"](ada)
    assert "Your collection “Acme” stays" in person.get(URL).content.decode()


def test_the_right_password_deletes_and_says_goodbye(person: Client, ada: User) -> None:
    an_attempt(ada)
    forget = f'data-forget="{ada.pk}">Everything'
    page = person.post(URL, {"password": PASSWORD}, follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert "Everything of yours is deleted. Goodbye" in page.content.decode()
    assert forget in page.content.decode()
    assert not page.context["user"].is_authenticated
    assert (User.objects.count(), Attempt.objects.count()) == (0, 0)


def test_every_other_session_ends(person: Client, ada: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    person.post(URL, {"password": PASSWORD})
    assert (
        elsewhere.get("/accounts/settings/").headers["Location"]
        == "/accounts/login/?next=/accounts/settings/"
    )


@pytest.mark.parametrize("posted", [{}, {"password": "wrong"}, {"sure": "on"}])
def test_without_the_right_password_everything_stays(
    person: Client, ada: User, posted: dict[str, str]
) -> None:
    response = person.post(URL, posted)
    assert (response.status_code, list(response.context["form"].errors)) == (
        200,
        ["password"] if posted else [],
    )
    assert User.objects.get() == ada


def test_a_guest_ticks_a_box(client: Client, guest: User) -> None:
    refused = client.post(URL, {"sure": ""})
    assert "<title>Delete everything · " in refused.text
    assert list(refused.context["form"].errors) == ["sure"]
    client.post(URL, {"sure": "on"})
    assert not User.objects.exists()


def test_an_open_exam_goes_too(person: Client, ada: User) -> None:
    make_attempt(ada, [make_version()], state=State.OPEN)
    person.post(URL, {"password": PASSWORD})
    assert not Attempt.objects.exists()


SENTENCE = "You are the only administrator here"


@pytest.mark.parametrize("by", ["role", "superuser"])
def test_the_only_administrator_cannot_go(person: Client, ada: User, by: str) -> None:
    if by == "role":
        roles.grant(ada, Role.ADMINISTRATOR, by=None, now=NOW)
    else:
        User.objects.filter(pk=ada.pk).update(is_superuser=True)
    User.objects.create_user("closed@example.org", None, is_superuser=True, is_active=False)
    for response in (person.get(URL), person.post(URL, {"password": PASSWORD})):
        assert SENTENCE in response.content.decode()
    with pytest.raises(removal.LastAdministratorError):
        removal.remove(ada, NOW)
    assert User.objects.filter(pk=ada.pk).exists()


def test_an_administrator_who_is_not_the_only_one_can_go(person: Client, ada: User) -> None:
    for user in (ada, somebody()):
        roles.grant(user, Role.ADMINISTRATOR, by=None, now=NOW)
    person.post(URL, {"password": PASSWORD})
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_candidate_can_go_where_one_administrator_is(person: Client, ada: User) -> None:
    roles.grant(somebody(), Role.ADMINISTRATOR, by=None, now=NOW)
    person.post(URL, {"password": PASSWORD})
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_stranger_is_sent_to_log_in(client: Client) -> None:
    assert client.get(URL).headers["Location"] == f"/accounts/login/?next={URL}"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_there_is(
    person: Client, ada: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        an_attempt(ada)
    with django_assert_num_queries(4):  # session with user, administrators, losses, collections
        person.get(URL)


@pytest.mark.parametrize("count", [1, 3])
def test_removing_costs_the_same_whatever_there_is(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        an_attempt(ada)
    with django_assert_num_queries(45):
        removal.remove(ada, NOW)
