"""Which questions each way of studying chooses."""

import datetime as dt
from collections.abc import Iterable

import pytest

from exam_sim.exams.exceptions import NothingToStudyError
from exam_sim.exams.models import Attempt, EventKind, Mode, Reserve, ReservedQuestion, Sight, Study
from questions import listing, pools
from questions.models import Collection, Question, QuestionVersion, Status
from results import study
from results.grading import result_for
from results.models import Bookmark, Note
from results.study import Desk, Terms, Wish
from tests.factories import NOW, make_profile, make_register, make_sighted_attempt, make_user, make_version

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=1)


def make_bank(each: int = 6) -> dict[str, list[QuestionVersion]]:
    """So many published questions in each task statement, ready to be drawn; by task statement."""
    profile = make_profile()
    profile.collections.set(Collection.objects.filter(pk="mls-c01"))
    bank = {code: [make_version(code) for _ in range(each)] for code in ("1.1", "1.2", "2.1")}
    pools.renumber(Collection.objects.get(pk="mls-c01"))
    return bank


def desk() -> Desk:
    return Desk(make_user(), make_profile(), LATER)


def chosen(attempt: Attempt) -> set[object]:
    return set(attempt.items.values_list("version_id", flat=True))


def ids(versions: Iterable[QuestionVersion]) -> set[object]:
    return {version.pk for version in versions}


def test_a_drill_of_a_task_statement_asks_nothing_else() -> None:
    bank = make_bank()
    attempt = study.drill(desk(), "1", "1.2", Terms(4, timed=True, feedback=False))
    assert (attempt.title, attempt.mode, attempt.study, attempt.feedback) == (
        "Drill: 1.2 Ingest data",
        Mode.STUDY,
        Study.DRILL,
        False,
    )
    assert attempt.item_count == 4
    assert attempt.seconds_granted == 12 * 60  # 180 minutes ÷ 65 × 4, up to whole minutes
    assert chosen(attempt) <= ids(bank["1.2"])


def test_a_drill_of_a_domain_spreads_evenly_and_makes_up_for_a_short_task_statement() -> None:
    bank = make_bank()
    attempt = study.drill(desk(), "1", "", Terms(6))
    assert {code: len(chosen(attempt) & ids(bank[code])) for code in bank} == {"1.1": 3, "1.2": 3, "2.1": 0}
    Question.objects.filter(pk__in=[v.question_id for v in bank["1.1"][1:]]).update(
        status=Status.RETIRED, pool=None, rank=None
    )
    pools.renumber(Collection.objects.get(pk="mls-c01"))
    again = study.drill(Desk(make_user("other@example.org"), make_profile(), LATER), "1", "", Terms(6))
    assert {code: len(chosen(again) & ids(bank[code])) for code in bank} == {"1.1": 1, "1.2": 5, "2.1": 0}


def test_an_unknown_domain_is_nothing_to_study() -> None:
    make_bank(1)
    with pytest.raises(NothingToStudyError):
        study.drill(desk(), "9", "", Terms(4))


def test_missed_flagged_and_lucky_questions_are_repeated_the_oldest_first() -> None:
    bank = make_bank()
    table = desk()
    right, wrong, flagged, lucky, mended = bank["1.1"][:5]
    first = make_sighted_attempt(table.user, [wrong, mended, right], answers={1: "b", 2: "b", 3: "a"})
    second = make_sighted_attempt(
        table.user,
        [flagged, lucky, mended],
        answers={1: "a", 2: "a", 3: "a"},
        sure={2: False, 3: True},
        started_at=NOW + dt.timedelta(hours=3),
    )
    make_register(second, 1, EventKind.FLAG, True)
    for attempt in (first, second):
        result_for(attempt, LATER)
    assert (table.missed, table.flagged, table.lucky) == (
        {wrong.question_id.hex},
        {flagged.question_id.hex},
        {lucky.question_id.hex},
    )
    assert chosen(study.missed(table, Terms(10))) == ids([wrong, flagged, lucky])
    assert chosen(study.missed(table, Terms(1))) == ids([wrong])


def test_nothing_missed_is_nothing_to_study() -> None:
    make_bank(1)
    with pytest.raises(NothingToStudyError):
        study.missed(desk(), Terms(10))


def test_weak_areas_hold_as_many_as_were_asked_for() -> None:
    make_bank()
    attempt = study.weak(desk(), Terms(9))
    assert (attempt.item_count, attempt.title) == (9, "Weak areas")


def test_a_custom_session_holds_what_suits_every_filter() -> None:
    bank = make_bank(3)
    table = desk()
    two = [make_version("2.1", key="ab", level=3), make_version("2.1", key="ab", level=2)]
    wish = Wish(domain="2", task_statement="2.1", kind="multiple_response", level=3)
    assert chosen(study.custom(table, wish, Terms(10))) == ids(two[:1])
    assert chosen(study.custom(table, Wish(domain="1"), Terms(10))) == ids(bank["1.1"] + bank["1.2"])


def test_a_custom_session_finds_words_and_services() -> None:
    make_bank(2)
    table = desk()
    named = make_version("1.1", stem="About ice cream vans", services=["Amazon S3"])
    listing.refresh([named.question_id], LATER.date())
    assert chosen(study.custom(table, Wish(words="ICE vans"), Terms(10))) == ids([named])
    assert chosen(study.custom(table, Wish(service="Amazon S3"), Terms(10))) == ids([named])


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ("unseen", {3}),
        ("seen", {0, 1, 2}),
        ("missed", {1}),
        ("right", {0, 2}),
        ("flagged", {2}),
        ("bookmarked", {3}),
        ("noted", {0}),
    ],
)
def test_a_custom_session_goes_by_how_a_question_stands_with_me(standing: str, expected: set[int]) -> None:
    bank = make_bank(4)["1.1"]
    table = desk()
    attempt = make_sighted_attempt(table.user, bank[:3], answers={1: "a", 2: "b", 3: "a"})
    make_register(attempt, 3, EventKind.FLAG, True)
    result_for(attempt, LATER)
    Bookmark.objects.create(user=table.user, question_id=bank[3].question_id, made_at=NOW)
    Note.objects.create(user=table.user, question_id=bank[0].question_id, text="Aha", updated_at=NOW)
    attempt = study.custom(table, Wish(task_statement="1.1", standing=standing), Terms(10))
    assert chosen(attempt) == ids(bank[nth] for nth in expected)


def test_a_custom_session_takes_unseen_questions_first() -> None:
    bank = make_bank(5)["1.1"]
    table = desk()
    for version in bank[:3]:
        Sight.objects.create(user=table.user, question_id=version.question_id, last_seen=NOW)
    attempt = study.custom(table, Wish(task_statement="1.1"), Terms(2))
    assert chosen(attempt) == ids(bank[3:])


def test_no_way_of_studying_asks_what_is_kept_for_the_rehearsal() -> None:
    bank = make_bank(4)
    table = desk()
    kept = [versions[0] for versions in bank.values()]
    reserve = Reserve.objects.create(user=table.user, certification_id="mls-c01", drawn_at=NOW)
    for version in kept:
        ReservedQuestion.objects.create(reserve=reserve, question_id=version.question_id)
    attempts = [
        study.custom(table, Wish(), Terms(100)),
        study.drill(table, "1", "", Terms(100)),
        study.weak(table, Terms(12)),
    ]
    assert not set.union(*map(chosen, attempts)) & ids(kept)
    assert attempts[0].item_count == 9


def test_what_is_kept_for_the_rehearsal_makes_no_session_shorter() -> None:
    bank = make_bank(4)["1.1"]
    table = desk()
    reserve = Reserve.objects.create(user=table.user, certification_id="mls-c01", drawn_at=NOW)
    for version in bank[:2]:
        ReservedQuestion.objects.create(reserve=reserve, question_id=version.question_id)
    attempt = study.custom(table, Wish(task_statement="1.1", standing="unseen"), Terms(2))
    assert chosen(attempt) == ids(bank[2:])
