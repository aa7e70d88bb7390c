"""The HTML of reviewed questions, joined from strings: 65 of them through a template loop take most of a
request.

Fragments of `html` and `key_html` were sanitised when their version was made and go in as they are;
everything else goes through `escape`. Markup of one region is one function, read from the top down.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime

from exam_sim.exams.pages import exhibits_markup
from results.item_tools import Place, reveal, tools
from results.wording import duration

if TYPE_CHECKING:
    from results.items import Correction, ReviewItem

WEB = ("https://", "http://")


def navigator(items: "Sequence[ReviewItem]") -> str:
    """The list of links to the questions: state by sign and words, never by colour alone."""
    return "".join(
        f'<li><a href="#q{item.number}" data-outcome="{item.outcome.name.lower()}">'
        f'<span class="number">{item.number}</span>'
        f'<span class="sign" aria-hidden="true">{item.outcome.mark}{" ⚑" if item.flagged else ""}</span>'
        f'<span class="visually-hidden"> {item.outcome.label}{", flagged" if item.flagged else ""}</span>'
        "</a></li>"
        for item in items
    )


def articles(items: "Sequence[ReviewItem]", place: Place) -> str:
    numbers: list[int | None] = [None, *(item.number for item in items), None]
    return "".join(
        article(item, place, numbers[index], numbers[index + 2]) for index, item in enumerate(items)
    )


def article(item: "ReviewItem", place: Place, previous: int | None, following: int | None) -> str:
    n = item.number
    return (
        f'<article class="item" id="q{n}" data-outcome="{item.outcome.name.lower()}" tabindex="-1"'
        f' aria-labelledby="q{n}-title"><header class="item-head"><h2 id="q{n}-title">Question {n}</h2>'
        f'{_badges(item)}<p class="item-meta">{_meta(item)}</p></header>'
        f"{reveal(item, place) if item.unseen else _question(item, place)}"
        f"{_neighbours(previous, following)}</article>"
    )


def _question(item: "ReviewItem", place: Place) -> str:
    return (
        f'{_notes(item)}<div class="stem prose">{item.html["stem"]}</div>'
        f"{exhibits_markup(place.attempt_id, item.html['exhibits'])}"
        f'<ol class="sat-options">{_options(item)}</ol>{_sights(item)}'
        f"{_explanation(item)}{tools(item, place)}"
    )


def _explanation(item: "ReviewItem") -> str:
    if item.withheld:
        return ""
    return (
        '<section class="explanation"><h3>Explanation</h3>'
        f'<div class="prose">{item.key_html["explanation"]}</div>{_references(item.references)}</section>'
    )


def _badges(item: "ReviewItem") -> str:
    badges = [_badge(item.outcome.tone, item.outcome.mark, item.outcome.label)]
    if item.sure is not None:
        badges.append(_badge("neutral", "●", "Sure") if item.sure else _badge("neutral", "≈", "Unsure"))
    if item.flagged:
        badges.append(_badge("neutral", "⚑", "Flagged"))
    if not item.scored:
        badges.append(_badge("neutral", "◇", "Unscored"))
    return f'<p class="badges">{"".join(badges)}</p>'


def _badge(tone: str, sign: str, word: str) -> str:
    return f'<span class="badge {tone}"><span aria-hidden="true">{sign}</span> {word}</span>'


def _meta(item: "ReviewItem") -> str:
    spent = f"{duration(item.spent)} on this question" if item.spent else "no time recorded"
    return f"{escape(item.task_statement)} <span aria-hidden='true'>·</span> {spent}"


def _notes(item: "ReviewItem") -> str:
    notes = []
    if item.late:
        notes.append(late_sentence(item.late.numbers, item.late.received_at))
    if item.correction and not item.withheld:
        notes.append(correction_sentence(item.correction))
    if item.has_newer_version:
        notes.append("A newer version of this question exists. This is how it read when you sat it.")
    if not item.scored:
        notes.append("This question was unscored: it counts neither for nor against you.")
    return "".join(f'<p class="item-note">{note}</p>' for note in notes)


def late_sentence(numbers: str, received_at: datetime) -> str:
    answer = f"Your answer {numbers}" if numbers else "Clearing your answer"
    at = date_format(localtime(received_at), "j F Y, H:i:s")
    return f"{answer} came too late to count: it arrived on {at}."


def correction_sentence(correction: "Correction") -> str:
    """Held back together with the key: a reason tells it."""
    on = date_format(localtime(correction.at), "j F Y")
    reason = correction.reason.strip()
    stop = "" if reason.endswith((".", "!", "?")) else "."
    return (
        f"<strong>The key was corrected on {on}:</strong> {escape(reason)}{stop}"
        " Your result stands as it was scored."
    )


def _options(item: "ReviewItem") -> str:
    rationales = {} if item.withheld else item.key_html["rationales"]
    return "".join(
        f'<li class="{_classes(item, id_)}"><span class="mark">{position + 1}</span>'
        f'<div class="said"><div class="prose">{item.html["options"][id_]}</div>{_standing(item, id_)}'
        f'<div class="rationale prose">{rationales.get(id_, "")}</div></div>{_share(item, id_)}</li>'
        for position, id_ in enumerate(item.options)
    )


def _classes(item: "ReviewItem", id_: str) -> str:
    """An option that was chosen and is no key is painted as wrong, unless that is untold."""
    standing = "untold" if item.withheld else "key" if id_ in item.key else ""
    names = (standing, "chosen" if id_ in item.chosen else "", "struck" if id_ in item.struck else "")
    return " ".join(filter(None, ("sat-option", *names)))


def _standing(item: "ReviewItem", id_: str) -> str:
    """What this option was and what the candidate did with it, in words."""
    if item.withheld:
        return '<p class="standing">Your choice</p>' if id_ in item.chosen else ""
    words = {
        (True, True): "✓ Your choice, correct",
        (True, False): "✗ Your choice, not correct",
        (False, True): "✓ Correct, not chosen",
    }.get((id_ in item.chosen, id_ in item.key), "")
    struck = "Struck out" if id_ in item.struck else ""
    text = " · ".join(filter(None, (words, struck)))
    return f'<p class="standing">{text}</p>' if text else ""


def _share(item: "ReviewItem", id_: str) -> str:
    """How many of those who saw the question for the first time chose this option."""
    if item.shares is None:
        return ""
    percent = item.shares.percent(id_)
    return (
        '<p class="chosen-by"><svg class="chosen-bar" aria-hidden="true" focusable="false">'
        f'<rect width="{percent}%" height="100%"/></svg>'
        f'<span>{percent} %<span class="visually-hidden"> chose this.</span></span></p>'
    )


def _sights(item: "ReviewItem") -> str:
    if item.shares is None:
        return ""
    sights = item.shares.sights
    return f'<p class="quiet-text sights">Percent of {sights} candidates who saw it for the first time.</p>'


def _references(references: Sequence[dict[str, str]]) -> str:
    links = "".join(
        f'<li><a href="{escape(reference["url"])}" rel="noopener noreferrer external">'
        f"{escape(reference['title'])}</a></li>"
        for reference in references
        if reference["url"].startswith(WEB)
    )
    return f'<h3>References</h3><ul class="references">{links}</ul>' if links else ""


def _neighbours(previous: int | None, following: int | None) -> str:
    links = "".join(
        f'<a class="button quiet small" href="#q{number}">{text} {number}</a>'
        for number, text in ((previous, "Previous: question"), (following, "Next: question"))
        if number is not None
    )
    return f'<p class="neighbours">{links}</p>' if links else ""
