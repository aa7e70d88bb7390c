import re
from pathlib import Path

import pytest

from questions.formats import Entry, Source, csv_file, exchange, markdown_file, xlsx_file
from questions.formats.templates import TEMPLATES, template
from questions.formats.worked_examples import EXAMPLES
from questions.rules import Known, check_all

DOCS = Path(__file__).parents[3] / "docs" / "formats"
FORMATS = {
    format_.slug: format_
    for format_ in (csv_file.FORMAT, xlsx_file.FORMAT, markdown_file.FORMAT, *exchange.FORMATS)
}


@pytest.mark.parametrize("slug", list(TEMPLATES))
def test_a_template_imports_as_exactly_the_three_worked_examples(slug: str) -> None:
    name, content = template(slug)
    read = FORMATS[slug].read
    assert read is not None
    entries = [entry for entry in read(Source(name, content)) if isinstance(entry, Entry)]
    assert [entry.draft for entry in entries] == list(EXAMPLES)
    assert [entry.problems for entry in entries] == [(), (), ()]
    assert name == f"questions{FORMATS[slug].suffix}"


def test_the_worked_examples_break_no_rule() -> None:
    assert check_all(EXAMPLES, Known({"2.1", "3.4", "3.5"})) == []


def _example(page: str, language: str) -> bytes:
    found = re.search(rf"```{language}\n(.*?)\n```", (DOCS / page).read_text(), re.DOTALL)
    assert found is not None
    return found[1].encode()


def test_the_example_on_the_page_about_tables_is_two_questions() -> None:
    entries = list(csv_file.read(Source("page.csv", _example("csv-xlsx.md", "csv"))))
    drafts = [entry.draft for entry in entries if isinstance(entry, Entry) and entry.draft]
    assert [(draft.kind, [option.correct for option in draft.options]) for draft in drafts] == [
        ("multiple_choice", [True, False, False]),
        ("multiple_response", [True, False, True]),
    ]
    assert [entry.problems for entry in entries if isinstance(entry, Entry)] == [(), ()]
    assert drafts[0].labels == ("Modeling",)


def test_the_example_on_the_page_about_markdown_is_two_questions() -> None:
    entries = list(markdown_file.read(Source("page.md", _example("markdown.md", "markdown"))))
    drafts = [entry.draft for entry in entries if isinstance(entry, Entry) and entry.draft]
    assert [(draft.kind, [option.correct for option in draft.options]) for draft in drafts] == [
        ("multiple_choice", [True, False, False]),
        ("multiple_response", [True, False, True]),
    ]
    assert [entry.problems for entry in entries if isinstance(entry, Entry)] == [(), ()]
    assert (drafts[0].id, drafts[0].task_statement, drafts[0].level) == ("fraud-1", "3.5", 1)
    assert [option.rationale for option in drafts[0].options][:1] == ["It asks just that."]
