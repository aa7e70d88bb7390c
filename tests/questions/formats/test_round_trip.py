"""What a question has comes back equal from every format that is written, or is announced before."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Feature, Format, Option, Severity, Source
from questions.formats.losses import losses
from questions.formats.registry import FORMATS, detect, package, read
from questions.formats.texts import to_plain
from questions.rendering import option_to_html, to_html
from tests.questions.formats.made_up import PNG, drafts, export

EXACT = frozenset({"exchange-yaml", "exchange-json"})
BOTH_WAYS = [format_ for format_ in FORMATS.values() if format_.read and format_.write]


def without(draft: Draft, lost: set[Feature]) -> Draft:
    """The draft without what a format loses, as if it had never had it."""
    changes: dict[Feature, dict[str, object]] = {
        Feature.ID: {"id": ""},
        Feature.TASK_STATEMENT: {"task_statement": ""},
        Feature.LEVEL: {"level": 2},
        Feature.TESTING_POINT: {"testing_point": ""},
        Feature.EXPLANATION: {"explanation": ""},
        Feature.REFERENCES: {"references": ()},
        Feature.SERVICES: {"services": ()},
        Feature.ENEMIES: {"enemies": ()},
        Feature.EXHIBITS: {"exhibits": ()},
        Feature.CALCULATION: {"calculation": None},
        Feature.OPTION_ORDER: {"shuffle": True},
        Feature.VERIFIED_ON: {"verified_on": None},
    }
    of_options: dict[Feature, dict[str, object]] = {
        Feature.RATIONALES: {"rationale": ""},
        Feature.DISTRACTOR_TAGS: {"distractor_tag": None},
        Feature.FIXED_OPTIONS: {"fixed": False},
    }
    for feature in lost & changes.keys():
        draft = replace(draft, **changes[feature])  # type: ignore[arg-type]
    for feature in lost & of_options.keys():
        draft = replace(draft, options=tuple(replace(one, **of_options[feature]) for one in draft.options))  # type: ignore[arg-type]
    return draft


def plain(draft: Draft) -> Draft:
    """The draft with its texts as one line without formatting, and without what Aiken sets before a stem that
    looks like a line of another kind."""
    options = tuple(replace(one, text=" ".join(to_plain(one.text).split())) for one in draft.options)
    stem = " ".join(to_plain(draft.stem).split()).removeprefix("Question: ")
    return replace(draft, stem=stem, options=options)


def rendered(draft: Draft) -> Draft:
    """The draft with its texts as pages show them: what two ways to write the same Markdown share."""
    options = tuple(
        Option(
            one.id,
            option_to_html(one.text),
            one.correct,
            to_html(one.rationale),
            one.distractor_tag and str(one.distractor_tag),
            one.fixed,
        )
        for one in draft.options
    )
    return replace(draft, stem=to_html(draft.stem), explanation=to_html(draft.explanation), options=options)


@pytest.mark.parametrize("format_", BOTH_WAYS, ids=[format_.slug for format_ in BOTH_WAYS])
@given(st.data())
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_not_announced_comes_back_equal(format_: Format, data: st.DataObject) -> None:
    made = [data.draw(drafts(1)), data.draw(drafts(2))]
    announced = losses(made, format_)
    left_out = {id_ for loss in announced if loss.left_out for id_ in loss.ids}
    wanted = [
        without(draft, {loss.feature for loss in announced if draft.id in loss.ids})
        for draft in made
        if draft.id not in left_out
    ]
    if not wanted:
        return
    name, content = package(export(*made), format_.slug)
    assert detect(name, content) == format_.slug
    found = list(read(Source(name, content), format_.slug))
    entries = [one for one in found if isinstance(one, Entry)]
    assert [one for one in found if not isinstance(one, Entry)] == []
    problems = [problem for entry in entries for problem in entry.problems]
    assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    got = [entry.draft for entry in entries if entry.draft]
    formatted = {id_ for loss in announced if loss.feature is Feature.FORMATTING for id_ in loss.ids}
    if formatted:
        assert [plain(draft) for draft in got] == [plain(draft) for draft in wanted]
    elif format_.slug in EXACT:
        assert got == wanted
    else:
        assert [rendered(draft) for draft in got] == [rendered(draft) for draft in wanted]
    assert [dict(entry.figures) for entry in entries] == [
        {exhibit.file: PNG for exhibit in draft.exhibits} for draft in wanted
    ]


def test_the_formats_carry_at_least_what_was_promised() -> None:
    texts = {Feature.MULTIPLE_RESPONSE, Feature.ID, Feature.EXPLANATION, Feature.RATIONALES}
    floor = {
        "exchange-yaml": set(Feature),
        "exchange-json": set(Feature),
        "csv": {Feature.MULTIPLE_RESPONSE, Feature.EXPLANATION, Feature.RATIONALES, Feature.TASK_STATEMENT},
        "xlsx": {Feature.MULTIPLE_RESPONSE, Feature.EXPLANATION, Feature.RATIONALES, Feature.TASK_STATEMENT},
        "markdown": {Feature.MULTIPLE_RESPONSE, Feature.EXPLANATION, Feature.EXHIBITS},
        "gift": texts | {Feature.TASK_STATEMENT},
        "moodle-xml": texts | {Feature.TASK_STATEMENT, Feature.EXHIBITS},
        "aiken": set(),
        "qti2": texts | {Feature.TASK_STATEMENT, Feature.EXHIBITS},
        "anki": {Feature.MULTIPLE_RESPONSE, Feature.EXPLANATION, Feature.TASK_STATEMENT},
    }
    written = {slug: format_ for slug, format_ in FORMATS.items() if format_.write}
    assert written.keys() == floor.keys()
    assert {slug: floor[slug] - format_.keeps for slug, format_ in written.items()} == {
        slug: set() for slug in written
    }
