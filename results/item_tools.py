"""The foot of a reviewed question: my note, what I reported, and what I can do with it. It changes alone.

Every button and link works without a script: buttons post the page's one form `#tools`, which holds the
token, and links lead to a page of their own. As in `results.markup`, what a person wrote goes through
`escape`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape

from results.models import ReportState

if TYPE_CHECKING:
    from results.items import ReviewItem, Told

TOLD = {
    ReportState.OPEN: "You reported a problem with this question. Nobody has decided about it yet.",
    ReportState.FIXED: "You reported a problem with this question, and it was fixed.",
    ReportState.DECLINED: "You reported a problem with this question. It was looked at and stays as it is.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where questions stand: in the review at `address`, chosen by `query` ("?" and fields, or nothing), both
    escaped for an attribute. `has_tools`: there is something to keep; of a preview there is not."""

    attempt_id: UUID
    address: str
    query: str
    has_tools: bool

    @classmethod
    def at(cls, attempt_id: UUID, address: str, query: str, has_tools: bool) -> "Place":
        return cls(attempt_id, escape(address), escape(query.rstrip("?")), has_tools)

    def of(self, number: int, name: str) -> str:
        """The address of a tool of a question."""
        return f"{self.address}/{number}/{name}{self.query}"


def tools(item: "ReviewItem", place: Place, focus: str = "") -> str:
    """`focus` ("note", "report") is where to go on from when this is put in place of a form."""
    if not place.has_tools:
        return ""
    n = item.number
    return (
        f'<footer class="item-foot" id="q{n}-foot" hx-target="this" hx-swap="outerHTML">'
        f"{_note(item)}{_told(item.told, item.withheld) if item.told else ''}"
        f'<p class="tools">{_bookmark(item, place)}'
        f"{_link(item, place, 'note', 'Edit the note' if item.note else 'Write a note', focus)}"
        f"{_link(item, place, 'report', _report_words(item), focus)}</p></footer>"
    )


def reveal(item: "ReviewItem", place: Place) -> str:
    """What stands in the place of a question that its candidate never saw."""
    if item.withheld:
        return (
            '<p class="item-note">You did not get to this question here, and it is in an exam that you'
            " have open. It is shown when that is over.</p>"
        )
    return (
        '<p class="item-note">You did not get to this question, so it is kept unseen for a later exam.</p>'
        f'<p class="tools"><button class="button small" form="tools"'
        f' formaction="{place.of(item.number, "reveal")}">Show it anyway'
        f'<span class="visually-hidden"> (question {item.number})</span></button></p>'
    )


def _note(item: "ReviewItem") -> str:
    if not item.note:
        return ""
    return f'<section class="note"><h3>My note</h3><p class="written">{escape(item.note)}</p></section>'


def _told(told: "Told", withheld: bool) -> str:
    """The reply may tell the key, and is held back together with it."""
    reply = ""
    if told.state != ReportState.OPEN and withheld:
        reply = "<p>The reply is shown when your open exam or session is over.</p>"
    elif told.state != ReportState.OPEN and told.reply:
        reply = f'<p class="written">{escape(told.reply)}</p>'
    return (
        f'<section class="told"><h3>My report</h3><p>{TOLD[told.state]}'
        f' <a href="{reverse("results:reports")}">My reports</a></p>{reply}</section>'
    )


def _bookmark(item: "ReviewItem", place: Place) -> str:
    address = place.of(item.number, "bookmark")
    on, sign, value = ("true", "★", "") if item.bookmarked else ("false", "☆", "1")
    return (
        f'<button class="button small" form="tools" id="q{item.number}-bookmark" formaction="{address}"'
        f' hx-post="{address}" name="on" value="{value}" aria-pressed="{on}">'
        f'<span aria-hidden="true">{sign}</span> Bookmark{_of(item)}</button>'
    )


def _link(item: "ReviewItem", place: Place, name: str, words: str, focus: str) -> str:
    address = place.of(item.number, name)
    autofocus = " autofocus" if focus == name else ""
    return (
        f'<a class="button quiet small" id="q{item.number}-{name}" href="{address}" hx-get="{address}"'
        f"{autofocus}>{words}{_of(item)}</a>"
    )


def _report_words(item: "ReviewItem") -> str:
    is_open = item.told is not None and item.told.state == ReportState.OPEN
    return "See my report" if is_open else "Report a problem"


def _of(item: "ReviewItem") -> str:
    return f'<span class="visually-hidden"> of question {item.number}</span>'
