"""The review of a closed attempt: which of its questions to show, and what the page says around them.

Six statements for any number of items: the session, the attempt, and those of `results.items`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from exam_sim.exams.models import Attempt
from questions.fingerprint import fold
from results import markup
from results.item_tools import Place, tools
from results.items import LateChoice, Outcome, ReviewItem, items_of
from results.wording import counted

MAX_FIND = 200


class Show(Enum):
    """A filter over the items. An unanswered item is incorrect too: that is how it was scored; one that was
    not reached is unanswered."""

    ALL = ("all", "All", "This exam has no questions.")
    INCORRECT = (
        "incorrect",
        "Incorrect",
        "Nothing incorrect here: all of these questions were correct.",
    )
    UNANSWERED = ("unanswered", "Unanswered", "Nothing unanswered here: you chose something everywhere.")
    FLAGGED = ("flagged", "Flagged", "You flagged none of these questions.")
    LUCKY = ("lucky", "Lucky guesses", "No lucky guesses here: nothing you were unsure of was correct.")
    BOOKMARKED = ("bookmarked", "Bookmarked", "You bookmarked none of these questions.")
    NOTED = ("noted", "With notes", "You wrote no notes on these questions.")
    UNSCORED = ("unscored", "Unscored", "None of these questions was unscored.")

    def __init__(self, slug: str, label: str, empty: str) -> None:
        self.slug = slug
        self.label = label
        self.empty = empty

    def holds(self, item: ReviewItem) -> bool:
        return _HOLDS[self](item)


_HOLDS: dict[Show, Callable[[ReviewItem], bool]] = {
    Show.ALL: lambda item: True,
    Show.INCORRECT: lambda item: item.outcome not in (Outcome.RIGHT, Outcome.WITHHELD),
    Show.UNANSWERED: lambda item: not item.chosen,
    Show.FLAGGED: lambda item: item.flagged,
    Show.LUCKY: lambda item: item.lucky,
    Show.BOOKMARKED: lambda item: item.bookmarked,
    Show.NOTED: lambda item: bool(item.note),
    Show.UNSCORED: lambda item: not item.scored,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items to show: `domain` is a code, empty for all; `find` holds words that must all occur. What is
    not understood shows all."""

    show: Show = Show.ALL
    domain: str = ""
    find: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        show = next((show for show in Show if show.slug == query.get("show")), Show.ALL)
        find = " ".join(query.get("find", "")[:MAX_FIND].split())
        return cls(show, query.get("domain", ""), find)

    def holds(self, item: ReviewItem) -> bool:
        """As far as it is a filter: what a search finds is the same for all of them."""
        return self.show.holds(item) and self.domain in ("", item.domain)

    @property
    def fields(self) -> dict[str, str]:
        chosen = {
            "show": self.show.slug if self.show is not Show.ALL else "",
            "domain": self.domain,
            "find": self.find,
        }
        return {name: value for name, value in chosen.items() if value}

    @property
    def query(self) -> str:
        return "?" + urlencode(self.fields)


@dataclass(frozen=True, slots=True)
class Filter:
    """A link of the filter bar; `count` is how many items it would show."""

    label: str
    query: str
    count: int
    current: bool


class ReviewPage:
    """A closed attempt under a choice, as far as the attempt knows what is chosen."""

    def __init__(self, attempt: Attempt, choice: Choice) -> None:
        self.attempt = attempt
        self._asked = choice

    @cached_property
    def choice(self) -> Choice:
        domains = {domain["code"] for domain in self.attempt.blueprint}
        known = self._asked if self._asked.domain in domains else replace(self._asked, domain="")
        return known if known.show in self.shows else replace(known, show=Show.ALL)

    @cached_property
    def shows(self) -> list[Show]:
        """The filters that this attempt has a use for."""
        useless = {
            Show.UNSCORED: all(item.scored for item in self.items),
            Show.LUCKY: not self.attempt.is_study,
            Show.BOOKMARKED: self.attempt.is_preview,
            Show.NOTED: self.attempt.is_preview,
        }
        return [show for show in Show if not useless.get(show)]

    @cached_property
    def items(self) -> list[ReviewItem]:
        return items_of(self.attempt, searched=bool(self._asked.find))

    @cached_property
    def found(self) -> list[ReviewItem]:
        """The items with all the words that are looked for, as parts of words too."""
        words = fold(self._asked.find).split()
        return [item for item in self.items if all(word in item.text for word in words)]

    @cached_property
    def shown(self) -> list[ReviewItem]:
        return [item for item in self.found if self.choice.holds(item)]

    @property
    def filters(self) -> list[Filter]:
        return [self._filter(show.label, replace(self.choice, show=show)) for show in self.shows]

    @property
    def domain_filters(self) -> list[Filter]:
        every = [("All domains", "")]
        named = [(f"{domain['code']} {domain['title']}", domain["code"]) for domain in self.attempt.blueprint]
        return [self._filter(label, replace(self.choice, domain=code)) for label, code in every + named]

    @property
    def unsearched(self) -> str:
        return replace(self.choice, find="").query

    @property
    def late(self) -> list[LateChoice]:
        return [item.late for item in self.items if item.late]

    @property
    def withheld(self) -> int:
        """How many items keep their key back, because the candidate sits their question in an open exam."""
        return sum(item.outcome is Outcome.WITHHELD for item in self.items)

    @property
    def unseen(self) -> int:
        """How many items the candidate did not get to, here or anywhere else."""
        return sum(item.unseen for item in self.items)

    @property
    def empty(self) -> str:
        """What to say when nothing is shown."""
        if self.choice.find and any(self.choice.holds(item) for item in self.items):
            return f"None of these questions has all the words of “{self.choice.find}”."
        if self.withheld and self.choice.show is Show.INCORRECT:
            return (
                "Nothing to show yet: what became of the questions of your open exam or session is kept back."
            )
        return self.choice.show.empty

    @property
    def summary(self) -> str:
        shown = f"{len(self.shown)} of {counted(len(self.items), 'question')}"
        return f"{shown} found" if self.choice.find else f"{shown} shown"

    @property
    def address(self) -> str:
        return reverse("results:review", args=[self.attempt.pk])

    @property
    def navigator(self) -> SafeString:
        return mark_safe(markup.navigator(self.shown))  # noqa: S308

    @property
    def articles(self) -> SafeString:
        """The questions, joined: `markup` escapes all that is not a stored, sanitised fragment."""
        return mark_safe(markup.articles(self.shown, self.place))  # noqa: S308

    def item(self, number: int) -> ReviewItem | None:
        return next((item for item in self.items if item.number == number), None)

    def tools(self, item: ReviewItem, focus: str = "") -> SafeString:
        """The foot of one question, which changes alone; `focus` names what to go on from."""
        return mark_safe(tools(item, self.place, focus))  # noqa: S308

    @cached_property
    def place(self) -> Place:
        return Place.at(self.attempt.pk, self.address, self.choice.query, not self.attempt.is_preview)

    def address_of(self, number: int) -> str:
        """Where a question stands in this review, under the same filters."""
        return f"{self.address}{self.choice.query.rstrip('?')}#q{number}"

    def _filter(self, label: str, choice: Choice) -> Filter:
        count = sum(choice.holds(item) for item in self.found)
        return Filter(label, choice.query, count, choice == self.choice)
