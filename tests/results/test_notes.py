"""Notes and bookmarks: one of each for a candidate and a question, wherever it is reviewed."""

import re
from html.parser import HTMLParser
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.exams.models import Attempt, State
from results import notes
from results.item_tools import Place, tools
from results.items import ReviewItem, Told, items_of
from results.models import Bookmark, Note, ReportState
from tests.factories import NOW, make_attempt, make_user, make_version
from tests.results.reviewing import make_preview

HTMX = {"HX-Request": "true"}


@pytest.fixture
def user(db: None) -> User:
    return make_user()


@pytest.fixture
def attempt(user: User) -> Attempt:
    return make_attempt(user, [make_version(), make_version()], answers={1: "a", 2: "b"})


@pytest.fixture
def candidate(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def url(attempt: Attempt, name: str, number: int = 1, query: str = "") -> str:
    return reverse(f"results:{name}", args=(attempt.pk, number)) + query


def review(attempt: Attempt, rest: str = "") -> str:
    return reverse("results:review", args=(attempt.pk,)) + rest


def test_a_note_is_kept_changed_and_taken_away(candidate: Client, attempt: Attempt, user: User) -> None:
    question = attempt.items.get(number=1).question
    texts = []
    for text in ("First\r\nand second ", "Third", " \r\n "):
        answer = candidate.post(url(attempt, "note", 1, "?show=noted"), {"text": text})
        assert answer["Location"] == review(attempt, "?show=noted#q1")
        texts.append(list(Note.objects.values_list("user", "question", "text")))
    assert texts == [
        [(user.pk, question.pk, "First\nand second")],
        [(user.pk, question.pk, "Third")],
        [],
    ]


def test_a_note_stands_wherever_its_question_is_reviewed(candidate: Client, attempt: Attempt) -> None:
    again = make_attempt(attempt.user, [attempt.items.get(number=2).version], answers={1: "a"})
    candidate.post(url(attempt, "note", 2), {"text": "Watch <out>"})
    page = candidate.get(review(again)).content.decode()
    assert '<p class="written">Watch &lt;out&gt;</p>' in page
    assert "Edit the note" in page


@pytest.mark.parametrize(
    ("text", "kept"), [("x" * 2000, True), ("x\r\n" * 999 + "xy", True), ("x" * 2001, False), ("a\0b", False)]
)
def test_a_note_has_a_length_as_the_browser_counts_it(
    candidate: Client, attempt: Attempt, text: str, kept: bool
) -> None:
    answer = candidate.post(url(attempt, "note"), {"text": text})
    assert (answer.status_code == 302, Note.objects.exists()) == (kept, kept)
    if not kept:
        page = answer.content.decode()
        assert 'aria-invalid="true"' in page
        assert 'class="errorlist"' in page


def test_the_form_has_a_page_of_its_own_and_is_a_foot_for_htmx(candidate: Client, attempt: Attempt) -> None:
    notes.write(attempt.user, attempt.items.get(number=1).question_id, "Mine & yours", NOW)
    whole = candidate.get(url(attempt, "note", 1, "?find=stem")).content.decode()
    part = candidate.get(url(attempt, "note", 1, "?find=stem"), headers=HTMX).content.decode()
    assert ("<!doctype html>" in whole, "<!doctype html>" in part) == (True, False)
    for page in (whole, part):
        assert 'id="q1-foot"' in page
        assert "Mine &amp; yours</textarea>" in page
        assert f'action="{url(attempt, "note", 1, "?find=stem")}"' in page
        assert f'href="{url(attempt, "item", 1)}?find=stem&amp;from=note"' in page


def test_htmx_gets_the_foot_the_filters_and_a_sentence(candidate: Client, attempt: Attempt) -> None:
    answer = candidate.post(url(attempt, "note"), {"text": "Mine"}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.strip().startswith('<footer class="item-foot" id="q1-foot"')
    assert '<p id="said" hx-swap-oob="innerHTML">Note saved.</p>' in page
    assert 'With notes <span class="count">1</span>' in page
    assert "<article" not in page
    assert 'id="q1-note" href="' in page
    assert page.count(" autofocus") == 1


def test_leaving_the_form_brings_the_foot_back(candidate: Client, attempt: Attempt) -> None:
    address = url(attempt, "item", 1, "?show=incorrect&from=note")
    part = candidate.get(address, headers=HTMX).content.decode()
    assert part.strip().startswith('<footer class="item-foot" id="q1-foot"')
    assert "said" not in part
    assert candidate.get(address)["Location"] == review(attempt, "?show=incorrect#q1")


def test_a_bookmark_is_set_and_taken_away_and_never_toggled(candidate: Client, attempt: Attempt) -> None:
    kept = []
    for on in ("1", "1", "", ""):
        answer = candidate.post(url(attempt, "bookmark", 2), {"on": on})
        assert answer["Location"] == review(attempt, "#q2")
        kept.append(Bookmark.objects.count())
    assert kept == [1, 1, 0, 0]


def test_bookmarks_and_notes_are_filters(candidate: Client, attempt: Attempt) -> None:
    candidate.post(url(attempt, "bookmark", 2), {"on": "1"})
    candidate.post(url(attempt, "note", 1), {"text": "Mine"})
    shown = {
        show: [item.number for item in candidate.get(review(attempt), {"show": show}).context["page"].shown]
        for show in ("bookmarked", "noted")
    }
    assert shown == {"bookmarked": [2], "noted": [1]}
    page = candidate.get(review(attempt)).content.decode()
    assert re.findall(r'id="(q.)-bookmark".*?aria-pressed="(\w+)"', page) == [("q1", "false"), ("q2", "true")]


def test_a_get_writes_nothing(candidate: Client, attempt: Attempt) -> None:
    for name in ("note", "item", "report"):
        assert candidate.get(url(attempt, name)).status_code in (200, 302)
    assert candidate.get(url(attempt, "bookmark")).status_code == 405
    assert (Note.objects.count(), Bookmark.objects.count()) == (0, 0)


@pytest.mark.parametrize("name", ["note", "bookmark", "report", "item"])
def test_what_is_unseen_open_a_preview_or_not_there_keeps_nothing(
    candidate: Client, user: User, name: str
) -> None:
    unseen = make_attempt(user, [make_version()])
    open_ = make_attempt(user, [make_version()], state=State.OPEN, started_at=timezone.now())
    preview = make_preview(user, [make_version()])
    seen = make_attempt(user, [make_version()], answers={1: "a"})
    asked = [url(unseen, name), url(open_, name), url(preview, name), url(seen, name, 2), url(seen, name, 0)]
    data = {"text": "x", "on": "1", "kind": "key"}
    send = candidate.get if name == "item" else candidate.post
    assert [send(address, data).status_code for address in asked] == [404] * 5


def test_notes_and_bookmarks_are_of_one_candidate_alone(client: Client, attempt: Attempt, user: User) -> None:
    question = attempt.items.get(number=1).question_id
    notes.write(user, question, "Mine", NOW)
    notes.bookmark(user, question, True, NOW)
    other = make_user("other@example.org")
    theirs = make_attempt(other, [attempt.items.get(number=1).version], answers={1: "a"})
    client.force_login(other)
    for name in ("note", "bookmark", "reveal", "report"):
        assert client.post(url(attempt, name), {"text": "x", "on": "1", "kind": "key"}).status_code == 404
    [item] = items_of(theirs)
    assert (item.note, item.bookmarked) == ("", False)


@pytest.mark.parametrize("items", [1, 3])
def test_query_count(
    candidate: Client, user: User, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answers = dict.fromkeys(range(1, items + 1), "a")
    attempt = make_attempt(user, [make_version() for _ in range(items)], answers=answers)
    with django_assert_num_queries(16):  # of which four frame the transaction
        candidate.post(url(attempt, "note"), {"text": "Mine"})


# No text is markup


class Skeleton(HTMLParser):
    """Tags with the names of their attributes, as a browser reads them, and the text between."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[str]]] = []
        self.said = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", []))

    def handle_data(self, data: str) -> None:
        self.said += data


WRITTEN = st.text(max_size=40) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onclick='x",
        "&lt;b&gt;",
        "</p>",
        "<!--",
    ]
)


def foot(note: str, reply: str, query: str) -> Skeleton:
    fields = dict.fromkeys(ReviewItem.__dataclass_fields__)
    said = {"number": 7, "note": note, "told": Told(ReportState.FIXED, reply)}
    item = ReviewItem(**fields | said)  # type: ignore[arg-type]
    return Skeleton(tools(item, Place.at(UUID(int=1), "/results/1/review", f"?find={query}", True)))


@given(note=WRITTEN, reply=WRITTEN, query=WRITTEN)
def test_nothing_that_a_person_wrote_becomes_markup(note: str, reply: str, query: str) -> None:
    drawn = foot(note, reply, query)
    plain = foot(note and "x", reply and "x", "x")
    assert drawn.tags == plain.tags
    assert (note in drawn.said, reply in drawn.said) == (True, True)
