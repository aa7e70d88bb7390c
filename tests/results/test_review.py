import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams import answers
from exam_sim.exams.events import Event
from exam_sim.exams.models import (
    AnswerEvent,
    Attempt,
    EventKind,
    LateAnswer,
    Reserve,
    ReservedQuestion,
    Sight,
    State,
)
from questions.models import KeyCorrection, QuestionVersion
from results.grading import result_for
from results.items import Correction, Outcome, Shares, items_of
from results.models import Bookmark, Note, Report, Tally
from results.review import Choice, ReviewPage, Show
from tests.factories import NOW, make_attempt, make_profile, make_register, make_user, make_version
from tests.results.reviewing import make_preview, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(attempt: Attempt, query: str = "") -> str:
    return reverse("results:review", args=(attempt.pk,)) + query


def visit(attempt: Attempt, item: int, ms: int) -> None:
    AnswerEvent.objects.create(
        attempt=attempt,
        event_id=uuid.uuid4(),
        item=item,
        kind=EventKind.VISIT,
        value=ms,
        intent_ms=ms,
        received_at=attempt.started_at,
    )


def correct(version: QuestionVersion, key: str, reason: str, at: dt.datetime = NOW) -> QuestionVersion:
    """The question's next version, with another key."""
    after = make_version(question=version.question, key=key)
    KeyCorrection.objects.create(question=version.question, before=version, after=after, reason=reason, at=at)
    return after


def mixed(user: User) -> Attempt:
    """1 right and flagged, 2 wrong, 3 incomplete, 4 unanswered, 5 wrong and unscored."""
    versions = [
        make_version("1.1"),
        make_version("1.2"),
        make_version("2.1", key="ab"),
        make_version("2.1"),
        make_version("2.1"),
    ]
    attempt = make_attempt(user, versions, answers={1: "a", 2: "b", 3: "a", 5: "d"}, unscored={5})
    make_register(attempt, 1, EventKind.FLAG, True)
    make_register(attempt, 2, EventKind.FLAG, False)
    make_register(attempt, 4, EventKind.ANSWER, [])
    return attempt


def test_each_item_as_it_was_sat(user: User) -> None:
    attempt = mixed(user)
    make_register(attempt, 2, EventKind.STRIKE, [0, 2])
    make_register(attempt, 0, EventKind.SCRATCHPAD, "notes")
    for ms in (1500, 61_700):
        visit(attempt, 2, ms)
    first, second, third, fourth, fifth = items_of(attempt)
    assert [item.outcome for item in (first, second, third, fourth, fifth)] == [
        Outcome.RIGHT,
        Outcome.WRONG,
        Outcome.INCOMPLETE,
        Outcome.UNANSWERED,
        Outcome.WRONG,
    ]
    assert (second.options, second.chosen, second.key, second.struck) == (
        ["d", "c", "b", "a"],
        frozenset("b"),
        frozenset("a"),
        frozenset("db"),
    )
    assert second.spent == dt.timedelta(milliseconds=63_200)
    assert (first.flagged, second.flagged) == (True, False)
    assert (fourth.scored, fifth.scored) == (True, False)


@pytest.mark.parametrize(
    ("query", "numbers", "counts"),
    [
        ({}, [1, 2, 3, 4, 5], [5, 4, 1, 1, 0, 0, 1]),
        ({"show": "incorrect"}, [2, 3, 4, 5], [5, 4, 1, 1, 0, 0, 1]),
        ({"show": "unanswered"}, [4], [5, 4, 1, 1, 0, 0, 1]),
        ({"show": "flagged"}, [1], [5, 4, 1, 1, 0, 0, 1]),
        ({"show": "unscored"}, [5], [5, 4, 1, 1, 0, 0, 1]),
        ({"domain": "2"}, [3, 4, 5], [3, 3, 1, 0, 0, 0, 1]),
        ({"domain": "2", "show": "flagged"}, [], [3, 3, 1, 0, 0, 0, 1]),
        ({"domain": "9", "show": "nonsense"}, [1, 2, 3, 4, 5], [5, 4, 1, 1, 0, 0, 1]),
    ],
)
def test_filters_with_the_count_each_would_show(
    user: User, query: dict[str, str], numbers: list[int], counts: list[int]
) -> None:
    page = ReviewPage(mixed(user), Choice.read(query))
    assert [item.number for item in page.shown] == numbers
    assert [filter_.count for filter_ in page.filters] == counts
    assert sum(filter_.current for filter_ in page.filters) == 1
    assert sum(filter_.current for filter_ in page.domain_filters) == 1


def test_filter_links_keep_the_other_filter(user: User) -> None:
    page = ReviewPage(mixed(user), Choice(Show.INCORRECT, "1"))
    assert [(filter_.label, filter_.query, filter_.count) for filter_ in page.domain_filters] == [
        ("All domains", "?show=incorrect", 4),
        ("1 Data engineering", "?show=incorrect&domain=1", 1),
        ("2 Modeling", "?show=incorrect&domain=2", 3),
    ]


def test_the_unscored_filter_is_offered_only_where_something_was_unscored(user: User) -> None:
    page = ReviewPage(make_attempt(user, [make_version()]), Choice())
    assert [filter_.label for filter_ in page.filters] == [
        "All",
        "Incorrect",
        "Unanswered",
        "Flagged",
        "Bookmarked",
        "With notes",
    ]


def test_the_markup_of_an_item(candidate: Client, user: User) -> None:
    version = make_version(
        "1.1",
        options="abc",
        references=[
            {"title": "Docs <b>", "url": 'https://example.org/?a=1&b="2'},
            {"title": "No", "url": "javascript:alert(1)"},
        ],
    )
    name = version.question.external_id[:6]
    attempt = make_attempt(user, [version], answers={1: "b"})
    make_register(attempt, 1, EventKind.STRIKE, [0])
    visit(attempt, 1, 134_000)
    page = candidate.get(url(attempt)).content.decode()
    assert re.findall(r'<li class="(sat-option.*?)"><span class="mark">(.)</span>.*?Option (.) of', page) == [
        ("sat-option struck", "1", "c"),
        ("sat-option chosen", "2", "b"),
        ("sat-option key", "3", "a"),
    ]
    assert re.findall(r'<p class="standing">(.*?)</p>', page) == [
        "Struck out",
        "✗ Your choice, not correct",
        "✓ Correct, not chosen",
    ]
    assert [f"<p>Rationale of {id_} of {name}</p>" in page for id_ in "abc"] == [True] * 3
    assert f"<p>Explanation of {name}</p>" in page
    assert "2 min 14 s on this question" in page
    assert (
        '<a href="https://example.org/?a=1&amp;b=&quot;2" rel="noopener noreferrer external">'
        "Docs &lt;b&gt;</a>" in page
    )
    assert "javascript:" not in page
    assert " style=" not in page


def test_exhibits_come_from_the_attempts_own_address(candidate: Client, user: User) -> None:
    exhibit = {"sha256": "ab" * 32, "alt": 'A "plot"', "long_description": "x < y"}
    version = make_version()
    QuestionVersion.objects.filter(pk=version.pk).update(html=version.html | {"exhibits": [exhibit]})
    attempt = make_attempt(user, [version], answers={1: "a"})
    page = candidate.get(url(attempt)).content.decode()
    source = reverse("exams:exhibit", args=(attempt.pk, "ab" * 32))
    assert f'<img src="{source}" alt="A &quot;plot&quot;" loading="lazy">' in page
    assert "<p>x &lt; y</p>" in page


def test_late_answers_are_listed_and_do_not_count(candidate: Client, user: User, now: dt.datetime) -> None:
    attempt = make_attempt(user, [make_version(), make_version()])
    late = Event(uuid.uuid4(), 2, EventKind.ANSWER, [3], 1)
    answers.record(attempt.pk, user, [late], now)
    page = candidate.get(url(attempt)).content.decode()
    assert "Question 2: 4, arrived" in page
    assert "Your answer 4 came too late to count: it arrived on 2 March 2026, 09:00:00." in page
    assert [item.outcome for item in items_of(attempt)] == [Outcome.UNSEEN, Outcome.UNANSWERED]


def test_a_newer_version_is_mentioned_and_the_old_one_shown(candidate: Client, user: User) -> None:
    version = make_version()
    attempt = make_attempt(user, [version, make_version()], answers={1: "a", 2: "a"})
    make_version(question=version.question, html=version.html | {"stem": "<p>Reworded</p>"})
    page = candidate.get(url(attempt)).content.decode()
    assert page.count("A newer version of this question exists") == 1
    assert "Reworded" not in page


def test_a_key_that_was_corrected_since_is_told_at_its_question_and_the_score_stands(
    candidate: Client, user: User
) -> None:
    version, other = make_version(key="a"), make_version()
    attempt = make_attempt(user, [version, other], answers={1: "a"})
    stored = result_for(attempt, NOW).correct
    correct(version, "b", "The limit is <10 GB", dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC))
    page = candidate.get(url(attempt)).content.decode()
    first, second = page.split('<article class="item" id="q2"')
    said = (
        "<strong>The key was corrected on 21 November 2026:</strong> The limit is &lt;10 GB."
        " Your result stands as it was scored."
    )
    assert (said in first, "The key was corrected" in second) == (True, False)
    assert [item.outcome for item in items_of(attempt)] == [Outcome.RIGHT, Outcome.UNSEEN]
    assert result_for(attempt, NOW).correct == stored == 1


def test_the_newest_correction_after_the_version_that_was_sat(user: User) -> None:
    """Versions: 1 has a wrong key; 2 is a typo mended; 3 corrects the key; 4 corrects it once more."""
    later = NOW + dt.timedelta(days=1)
    first = make_version(key="a")
    second = make_version(question=first.question, key="a")
    third = correct(second, "b", "It is b.")
    fourth = correct(third, "c", "It is c.", later)
    reviewed = [items_of(make_attempt(user, [v]))[0].correction for v in (first, second, third, fourth)]
    newest = Correction(later, "It is c.")
    assert reviewed == [newest, newest, newest, None]


def test_a_correction_is_held_back_while_its_question_is_in_an_open_exam(
    candidate: Client, user: User
) -> None:
    version = make_version(key="a")
    attempt = make_attempt(user, [version], answers={1: "a"})
    after = correct(version, "b", "Option b of the guide is right.")
    make_attempt(user, [after], state=State.OPEN, started_at=timezone.now(), profile=make_profile("another"))
    page = candidate.get(url(attempt)).content.decode()
    assert [text for text in ("was corrected", "of the guide") if text in page] == []


def test_an_empty_filter_says_so_and_leads_back(candidate: Client, user: User) -> None:
    page = candidate.get(url(make_attempt(user, [make_version()]), "?show=flagged")).content.decode()
    assert "You flagged none of these questions." in page
    assert '<a class="button" href="?">Show all questions</a>' in page


@pytest.mark.parametrize("character_keys", [True, False])
def test_character_keys_follow_the_setting(client: Client, character_keys: bool) -> None:
    user = make_user(character_keys=character_keys)
    client.force_login(user)
    page = client.get(url(make_attempt(user, [make_version()]))).content.decode()
    assert f'data-character-keys="{"on" if character_keys else "off"}"' in page
    assert ("<kbd>N</kbd>" in page) is character_keys


@pytest.mark.parametrize("name", ["results:result", "results:review", "results:history"])
def test_no_key_of_an_open_attempt_is_in_any_page_followed_to_the_end(
    candidate: Client, user: User, name: str
) -> None:
    """The same question was reviewed before, and its answer, flag and late answer are all there to be
    leaked."""
    version = make_version(key="a")
    attempt = make_attempt(
        user, [version], answers={1: "a"}, state=State.OPEN, started_at=dt.datetime.now(dt.UTC)
    )
    make_register(attempt, 1, EventKind.FLAG, True)
    LateAnswer.objects.create(attempt=attempt, item=1, value=[0], intent_ms=1, received_at=attempt.started_at)
    response = candidate.get(reverse(name, args=() if name == "results:history" else (attempt.pk,)))
    body = response.content.decode()
    leaks = ("Explanation of", "Rationale of", "Stem", "Option a", "sat-option", "Pass", "Right")
    assert [leak for leak in leaks if leak in body] == []
    if name != "results:history":
        assert (response.status_code, body) == (302, "")


@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize("query", ["", "?find=stem&show=noted"])
def test_query_count(
    candidate: Client,
    user: User,
    items: int,
    query: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    attempt = make_attempt(user, [make_version() for _ in range(items)], answers={1: "a"})
    visit(attempt, 1, 1000)
    for item in attempt.items.select_related("version"):
        correct(item.version, "b", "A mistake.")
        keep_all(attempt, item.version, item.number)
    with django_assert_num_queries(6):
        candidate.get(url(attempt, query))


def keep_all(attempt: Attempt, version: QuestionVersion, number: int) -> None:
    """Everything that a candidate can have of a question."""
    own = {"user_id": attempt.user_id, "question_id": version.question_id}
    Sight.objects.get_or_create(**own, defaults={"last_seen": NOW})
    Note.objects.create(**own, text="Remember the limit.", updated_at=NOW)
    Bookmark.objects.create(**own, made_at=NOW)
    Tally.objects.create(version=version, sights=40, chosen={"a": 10})
    Report.objects.create(
        reporter_id=attempt.user_id,
        attempt=attempt,
        number=number,
        question_id=version.question_id,
        version=version,
        option_order=["a"],
        chosen=[],
        kind="key",
        made_at=NOW,
    )


def test_a_question_of_an_open_exam_keeps_its_key_in_every_review(candidate: Client, user: User) -> None:
    """A question may be in a closed exam and in one that runs: until that is over nothing tells its key."""
    shared, other = make_version(key="b"), make_version(key="a")
    attempt = make_attempt(user, [shared, other], answers={1: "b", 2: "a"})
    running = make_attempt(
        user, [shared], state=State.OPEN, started_at=timezone.now(), profile=make_profile("another")
    )
    page = candidate.get(url(attempt)).content.decode()
    first, second = page.split('<article class="item" id="q2"')
    name = shared.question.external_id[:6]
    assert "In your open exam or session" in first
    assert "1 of this exam's questions is in an exam or session that you have open: its key is shown" in page
    assert re.findall(r'<li class="(sat-option.*?)">', first) == [
        "sat-option untold",
        "sat-option untold",
        "sat-option untold chosen",
        "sat-option untold",
    ]
    assert [text in page for text in (f"Rationale of b of {name}", f"Explanation of {name}")] == [
        False,
        False,
    ]
    assert re.findall(r'<p class="standing">(.*?)</p>', first) == ["Your choice"]
    assert "✓ Your choice, correct" in second
    incorrect = candidate.get(url(attempt), {"show": "incorrect"}).content.decode()
    assert '<article class="item"' not in incorrect
    Attempt.objects.filter(pk=running.pk).update(state=State.CLOSED, closed_at=running.started_at)
    assert f"Explanation of {name}" in candidate.get(url(attempt)).content.decode()


# What was not reached


def halves(page: str) -> list[str]:
    """The articles of questions 1 and 2."""
    return page.split('<article class="item"')[1:3]


def test_a_question_that_was_never_displayed_stays_unseen(candidate: Client, user: User) -> None:
    first, second = make_version("1.1"), make_version("2.1")
    attempt = make_attempt(user, [first, second], answers={1: "a"})
    page = candidate.get(url(attempt)).content.decode()
    name = second.question.external_id[:6]
    reached, unreached = halves(page)
    assert [
        text for text in ("Stem", "Option", "Rationale", "Explanation") if f"{text} of {name}" in page
    ] == []
    assert f"Stem {name}" not in page
    assert "You did not get to this question, so it is kept unseen for a later exam." in unreached
    assert "Show it anyway" in unreached
    tools = ("q2-bookmark", "q2-report", "q2-note")
    assert [text in unreached for text in ("Unanswered, not reached", *tools)] == [True, False, False, False]
    assert "Show it anyway" not in reached
    assert "You did not get to 1 of this exam's questions: it counts as unanswered and is kept unseen" in page


def test_an_unreached_question_counts_as_it_was_scored(user: User) -> None:
    attempt = make_attempt(user, [make_version(), make_version()], answers={1: "a"})
    page = ReviewPage(attempt, Choice())
    assert {filter_.label: filter_.count for filter_ in page.filters} == {
        "All": 2,
        "Incorrect": 1,
        "Unanswered": 1,
        "Flagged": 0,
        "Bookmarked": 0,
        "With notes": 0,
    }
    assert [item.outcome for item in page.items] == [Outcome.RIGHT, Outcome.UNSEEN]


@pytest.mark.parametrize("how", ["displayed here", "seen elsewhere", "preview"])
def test_what_was_seen_in_any_way_is_shown(user: User, how: str) -> None:
    version = make_version()
    attempt = make_preview(user, [version]) if how == "preview" else make_attempt(user, [version])
    if how == "displayed here":
        visit(attempt, 1, 0)
    if how == "seen elsewhere":
        Sight.objects.create(user=user, question=version.question, last_seen=NOW)
    assert [item.outcome for item in items_of(attempt)] == [Outcome.UNANSWERED]


def test_what_was_answered_too_late_is_shown_and_is_no_first_sight_elsewhere(user: User) -> None:
    versions = [make_version(), make_version()]
    attempt = make_attempt(user, versions)
    late = Event(uuid.uuid4(), 1, EventKind.ANSWER, [0], 1)
    answers.record(attempt.pk, user, [late], NOW + dt.timedelta(days=1))
    assert [item.outcome for item in items_of(attempt)] == [Outcome.UNANSWERED, Outcome.UNSEEN]
    sights = Sight.objects.values_list("user", "question", "first_attempt")
    assert list(sights) == [(user.pk, versions[0].question_id, attempt.pk)]


def test_a_late_answer_opens_nothing_that_is_kept_for_the_rehearsal(user: User) -> None:
    version = make_version()
    attempt = make_attempt(user, [version])
    reserve = Reserve.objects.create(user=user, certification_id="mls-c01", drawn_at=NOW)
    ReservedQuestion.objects.create(reserve=reserve, question=version.question)
    late = Event(uuid.uuid4(), 1, EventKind.ANSWER, [0], 1)
    answers.record(attempt.pk, user, [late], NOW + dt.timedelta(days=1))
    assert [item.outcome for item in items_of(attempt)] == [Outcome.UNSEEN]
    assert not Sight.objects.exists()


def test_what_another_candidate_saw_is_still_unseen(user: User) -> None:
    version = make_version()
    Sight.objects.create(user=make_user("other@example.org"), question=version.question, last_seen=NOW)
    assert [item.unseen for item in items_of(make_attempt(user, [version]))] == [True]


def test_a_search_finds_nothing_in_what_is_unseen(user: User) -> None:
    attempt = make_attempt(user, [make_version(), make_version()], answers={1: "a"})
    assert [item.number for item in ReviewPage(attempt, Choice(find="stem")).shown] == [1]


def reveal(attempt: Attempt, number: int, query: str = "") -> str:
    return reverse("results:reveal", args=(attempt.pk, number)) + query


def test_show_it_anyway_makes_it_seen_and_comes_back_to_it(candidate: Client, user: User) -> None:
    version = make_version()
    attempt = make_attempt(user, [make_version(), version])
    answer = candidate.post(reveal(attempt, 2, "?show=unanswered&x=1"))
    assert (answer.status_code, answer["Location"]) == (302, url(attempt, "?show=unanswered#q2"))
    sight = Sight.objects.get(user=user)
    assert (sight.question_id, sight.first_attempt) == (version.question_id, attempt)
    assert timezone.now() - sight.last_seen < dt.timedelta(minutes=1)
    assert [item.outcome for item in items_of(attempt)] == [Outcome.UNSEEN, Outcome.UNANSWERED]
    candidate.post(reveal(attempt, 2))
    assert list(Sight.objects.values_list("last_seen", flat=True)) == [sight.last_seen]
    assert candidate.post(reveal(attempt, 3)).status_code == 404


@pytest.mark.parametrize("why", ["in an open exam", "kept for the rehearsal"])
def test_what_is_needed_unseen_is_not_shown_before(candidate: Client, user: User, why: str) -> None:
    version = make_version()
    attempt = make_attempt(user, [version])
    if why == "in an open exam":
        profile = make_profile("another")
        make_attempt(user, [version], state=State.OPEN, started_at=timezone.now(), profile=profile)
        assert "Show it anyway" not in candidate.get(url(attempt)).content.decode()
    else:
        kept = Reserve.objects.create(user=user, certification_id="mls-c01", drawn_at=NOW)
        ReservedQuestion.objects.create(reserve=kept, question=version.question)
    answer = candidate.post(reveal(attempt, 1), follow=True)
    assert "Question 1 stays unseen." in answer.content.decode()
    assert not Sight.objects.exists()


def test_only_a_post_shows_it(candidate: Client, user: User) -> None:
    attempt = make_attempt(user, [make_version()])
    assert candidate.get(reveal(attempt, 1)).status_code == 405
    assert not Sight.objects.exists()


# What others chose


def test_shares_stand_beside_each_option_from_thirty_first_sights_on(candidate: Client, user: User) -> None:
    version, few = make_version(), make_version()
    Tally.objects.create(version=version, sights=58, chosen={"a": 20, "b": 38, "gone": 3})
    Tally.objects.create(version=few, sights=29, chosen={"a": 29})
    attempt = make_attempt(user, [version, few], answers={1: "a", 2: "a"})
    page = candidate.get(url(attempt)).content.decode()
    told, untold = halves(page)
    assert re.findall(r'<rect width="(\d+%)".*?<span>(\d+ %)<', told) == [
        ("0%", "0 %"),
        ("0%", "0 %"),
        ("66%", "66 %"),
        ("34%", "34 %"),
    ]
    assert "Percent of 58 candidates who saw it for the first time." in told
    assert [text in untold for text in ("<rect", "first time")] == [False, False]
    assert [item.shares for item in items_of(attempt)] == [
        Shares(58, {"a": 20, "b": 38, "gone": 3}),
        None,
    ]


def test_shares_are_held_back_together_with_the_key(user: User) -> None:
    running, unseen = make_version(), make_version()
    for version in (running, unseen):
        Tally.objects.create(version=version, sights=30, chosen={"a": 30})
    attempt = make_attempt(user, [running, unseen], answers={1: "a"})
    make_attempt(
        user, [running], state=State.OPEN, started_at=timezone.now(), profile=make_profile("another")
    )
    assert [(item.outcome, item.shares) for item in items_of(attempt)] == [
        (Outcome.WITHHELD, None),
        (Outcome.UNSEEN, None),
    ]


# Searching


@pytest.mark.parametrize(
    ("find", "numbers"),
    [
        ("GLUE", [1]),
        ("glue   crawler", [1]),
        ("crawl glu", [1]),
        ("glue kinesis", []),
        ("shards", [2]),
        ("straße", [3]),
        ("STRASSE", [3]),
        ("<p>", []),
        ("100%", [2]),
        ("  ", [1, 2, 3]),
    ],
)
def test_words_are_found_in_texts_as_written_and_all_must_occur(
    user: User, find: str, numbers: list[int]
) -> None:
    versions = [
        make_version(stem="An AWS **Glue** crawler", explanation="No more."),
        make_version(stem="Kinesis", explanation="Its *shards* at 100%", options="abcde"),
        make_version(stem="Plain"),
    ]
    attempt = make_attempt(user, versions, answers={1: "a", 2: "a", 3: "a"})
    Note.objects.create(user=user, question=versions[2].question, text="Die Straße", updated_at=NOW)
    page = ReviewPage(attempt, Choice.read({"find": find}))
    assert [item.number for item in page.shown] == numbers


def test_a_search_does_not_find_by_a_key_that_is_held_back(user: User) -> None:
    version = make_version(explanation="Because of sharding.")
    attempt = make_attempt(user, [version], answers={1: "a"})
    make_attempt(
        user, [version], state=State.OPEN, started_at=timezone.now(), profile=make_profile("another")
    )
    found = {
        find: len(ReviewPage(attempt, Choice(find=find)).shown) for find in ("sharding", "because", "stem")
    }
    assert found == {"sharding": 0, "because": 0, "stem": 1}


def test_a_search_goes_with_the_filters_and_says_how_many_it_found(candidate: Client, user: User) -> None:
    attempt = mixed(user)
    page = candidate.get(url(attempt), {"find": "stem", "show": "incorrect", "domain": "2"})
    review = page.context["page"]
    assert review.summary == "3 of 5 questions found"
    assert [filter_.query for filter_ in review.filters][:2] == [
        "?domain=2&find=stem",
        "?show=incorrect&domain=2&find=stem",
    ]
    text = page.content.decode()
    assert '<input type="hidden" name="show" value="incorrect">' in text
    assert 'value="stem" maxlength="200"' in text
    assert '<p id="said" class="visually-hidden" role="status"></p>' in text
    part = candidate.get(url(attempt), {"find": "stem"}, headers={"HX-Request": "true"}).content.decode()
    assert '<p id="said" hx-swap-oob="innerHTML">5 of 5 questions found</p>' in part


def test_a_search_that_finds_nothing_says_so_and_leads_back(candidate: Client, user: User) -> None:
    page = candidate.get(url(mixed(user)), {"find": "<b>", "show": "flagged"}).content.decode()
    assert "None of these questions has all the words of “&lt;b&gt;”." in page
    assert '<a class="button" href="?show=flagged">Without the search</a>' in page


# Study sessions


def test_the_review_of_a_study_session_tells_confidence_and_lucky_guesses(
    candidate: Client, user: User
) -> None:
    attempt = make_study(user, [make_version() for _ in range(4)], {1: "a", 2: "a", 3: "b", 4: "a"})
    for number, sure in ((1, False), (2, True), (3, False)):
        make_register(attempt, number, EventKind.SURE, sure)
    page = candidate.get(url(attempt), {"show": "lucky"})
    assert [item.number for item in page.context["page"].shown] == [1]
    assert [item.sure for item in page.context["page"].items] == [False, True, False, None]
    assert '<span aria-hidden="true">≈</span> Unsure</span>' in page.content.decode()
    assert "Lucky guesses" not in candidate.get(url(mixed(user)), {"show": "lucky"}).content.decode()


@pytest.mark.parametrize(("checked", "withheld"), [(True, False), (False, True)])
def test_what_was_explained_in_an_open_study_session_is_not_held_back(
    user: User, checked: bool, withheld: bool
) -> None:
    version, other = make_version(), make_version()
    attempt = make_attempt(user, [version], answers={1: "a"})
    open_ = make_study(user, [other, version], state=State.OPEN, started_at=timezone.now())
    make_register(open_, 1, EventKind.CHECK, True)
    if checked:
        make_register(open_, 2, EventKind.CHECK, True)
    assert [item.withheld for item in items_of(attempt)] == [withheld]
