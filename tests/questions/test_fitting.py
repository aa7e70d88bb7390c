from dataclasses import replace

import pytest

from questions.fitting import FRAMED, ONE_KEY, UNLINKED, fit, spelled
from questions.formats import Draft, Option, Place
from questions.rendering import has_link, has_table

FOREIGN = frozenset({"task_statement"})


def draft(stem: str = "Which?", *texts: str, key: str = "a", kind: str = "multiple_choice") -> Draft:
    options = tuple(
        Option(id_, text, id_ in key)
        for id_, text in zip("abcd", texts or ("One", "Two", "Three"), strict=False)
    )
    lines = {"": 3, "stem": 4, "options[0]": 5, "options[1]": 6}
    return Draft(
        kind="multiple_response" if kind == "multiple_response" else "multiple_choice",
        stem=stem,
        options=options,
        unstated=FOREIGN,
        place=Place("bank.gift", "questions[0]", lines),
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("See [the guide](https://example.org/a_b). What?", "See the guide (https://example.org/a_b). What?"),
        ("See [it](<https://example.org/a b>). What?", "See it (https://example.org/a b). What?"),
        ("See <https://example.org/x>. What?", "See https://example.org/x. What?"),
        ("[https://example.org](https://example.org) What?", "https://example.org What?"),
        (
            '[*Guide*](https://example.org "Title") and [B](https://b.org)?',
            "*Guide* (https://example.org) and B (https://b.org)?",
        ),
        ("`[no](https://example.org)` and [B](https://b.org)?", None),
        ("Nothing [here] (really)?", "Nothing [here] (really)?"),
    ],
)
def test_a_link_becomes_its_words_and_its_address(written: str, shown: str | None) -> None:
    fitted, problems = fit(draft(written))
    if shown is None:
        assert not has_link(fitted.stem)
        return
    changed = written != shown
    assert (fitted.stem, [(p.field, p.line, p.advice) for p in problems]) == (
        shown,
        [("questions[0].stem", 4, UNLINKED)] if changed else [],
    )


def test_a_table_in_an_option_is_framed() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"
    fitted, problems = fit(draft("Which?", table, "Two"))
    assert (fitted.options[0].text, has_table(fitted.options[0].text)) == (f"```\n{table}\n```", False)
    assert [(p.field, p.line, p.advice) for p in problems] == [("questions[0].options[0].text", 5, FRAMED)]


def test_several_allowed_and_one_key_is_a_multiple_choice() -> None:
    fitted, problems = fit(draft(kind="multiple_response"))
    assert (fitted.kind, [(p.severity.value, p.field, p.advice) for p in problems]) == (
        "multiple_choice",
        [("warning", "questions[0].kind", ONE_KEY)],
    )
    two = draft(key="ab", kind="multiple_response")
    assert fit(two) == (two, ())


def test_our_own_formats_are_left_as_they_are() -> None:
    own = replace(draft("[a](https://example.org)?", kind="multiple_response"), unstated=frozenset())
    assert fit(own) == (own, ())


def test_fitting_twice_changes_nothing_more() -> None:
    once, _ = fit(draft("See [x](https://example.org)?", "| a |\n|---|\n| 1 |", "[y](https://b.org)"))
    assert fit(once) == (once, ())


def test_a_text_that_is_shown_alike_keeps_the_spelling_of_the_bank() -> None:
    base = draft("Take __all__ of\nthese. Which?", "*One*", "Two", "Three")
    again = draft("Take **all** of\nthese. Which?", "_One_", "Two!", "Three")
    assert spelled(again, base) == draft("Take __all__ of\nthese. Which?", "*One*", "Two!", "Three")
    own = replace(again, unstated=frozenset())
    assert spelled(own, base) == own
