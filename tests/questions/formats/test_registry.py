from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from questions.formats import Entry, Exhibit, Export, Feature, Problem, Source
from questions.formats.archive import open_archive, write_archive
from questions.formats.registry import FORMATS, package, read
from tests.questions.builders import draft
from tests.questions.formats.made_up import PNG, export
from tests.questions.formats.seeds import PACKAGES, SEEDS

PAGE = Path(settings.BASE_DIR) / "docs" / "formats" / "README.md"
SLUGS = (
    *("exchange-yaml", "exchange-json", "csv", "xlsx", "markdown", "gift", "moodle-xml", "aiken"),
    *("qti12", "qti2", "tab-text", "anki"),
)


def test_the_formats_have_the_names_that_others_use() -> None:
    assert tuple(FORMATS) == SLUGS
    assert {slug for slug, format_ in FORMATS.items() if not format_.read} == {"anki"}
    assert {slug for slug, format_ in FORMATS.items() if not format_.write} == {"qti12", "tab-text"}
    assert [slug for slug, format_ in FORMATS.items() if format_.read and not format_.give_back] == []
    assert {format_.suffix[0] for format_ in FORMATS.values()} == {"."}


def found(slug: str, name: str, content: bytes) -> list[Entry | Problem]:
    return list(read(Source(name, content), slug))


@pytest.mark.parametrize("slug", SEEDS)
def test_a_package_reads_as_the_file_in_it(slug: str) -> None:
    alone = [one.draft for one in found(slug, "bank", SEEDS[slug]) if isinstance(one, Entry)]
    packed = [one for one in found(slug, "bank.zip", PACKAGES[slug]) if isinstance(one, Entry)]
    assert len(alone) >= 1
    assert [entry.draft and entry.draft.stem for entry in packed] == [one and one.stem for one in alone]


@pytest.mark.parametrize("slug", ["exchange-yaml", "exchange-json", "markdown", "qti2"])
def test_figures_travel_in_the_package(slug: str) -> None:
    figures = [one.figures for one in found(slug, "bank.zip", PACKAGES[slug]) if isinstance(one, Entry)]
    assert figures == [{}, {"a.png": PNG}]


def test_figures_lie_beside_the_file_in_whatever_folder() -> None:
    files = {"readme.txt": b"", "week 1/bank.yaml": SEEDS["exchange-yaml"], "week 1/exhibits/a.png": PNG}
    figures = [
        one.figures
        for one in found("exchange-yaml", "bank.zip", write_archive(files))
        if isinstance(one, Entry)
    ]
    assert figures == [{}, {"a.png": PNG}]


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({"a.png": PNG, "b.png": PNG}, "Put the file of questions into the package: it has none."),
        (
            {"a.csv": b"", "b.csv": b""},
            "Upload the files of questions one by one: the package has a.csv and b.csv.",
        ),
        ({"../a.csv": b""}, None),
    ],
)
def test_a_package_that_is_not_clear_is_refused(files: dict[str, bytes], advice: str | None) -> None:
    (problem,) = found("csv", "bank.zip", write_archive(files))
    assert isinstance(problem, Problem)
    assert advice is None or problem.advice == advice


def test_what_is_no_zip_inside_is_refused() -> None:
    (problem,) = found("csv", "bank.zip", b"PK\x03\x04 and nothing more")
    assert isinstance(problem, Problem)
    assert problem.file == "bank.zip"


def test_formats_that_are_not_read_say_so() -> None:
    advice = [
        one.advice
        for slug in ("anki", "no such")
        for one in found(slug, "a", b"")
        if isinstance(one, Problem)
    ]
    assert advice == [
        "Choose another format: Anki cards (CSV) is not read.",
        "Choose another format: 'no such' is not read.",
    ]


def test_an_export_without_figures_is_the_file_itself() -> None:
    wanted = export(draft("q-001"))
    name, content = package(wanted, "exchange-yaml")
    write = FORMATS["exchange-yaml"].write
    assert write is not None
    assert (name, content) == ("mls-c01-questions.yaml", write(wanted))
    with pytest.raises(ValueError, match="is not written"):
        package(wanted, "tab-text")


def test_two_figures_of_one_name_are_both_packed() -> None:
    first = replace(draft("q-001"), exhibits=(Exhibit("f", "a.png", "A"),))
    second, third = replace(first, id="q-002"), replace(first, id="q-003")
    figures = {("q-001", "a.png"): b"one", ("q-002", "a.png"): b"two", ("q-003", "a.png"): b"one"}
    name, content = package(Export([first, second, third], "mls-c01", figures=figures), "exchange-yaml")
    assert name == "mls-c01-questions.zip"
    assert open_archive(content).names() == ("mls-c01-questions.yaml", "exhibits/a.png", "exhibits/xa.png")
    read_back = [one for one in found("exchange-yaml", name, content) if isinstance(one, Entry)]
    assert [dict(one.figures) for one in read_back] == [
        {"a.png": b"one"},
        {"xa.png": b"two"},
        {"a.png": b"one"},
    ]


def test_the_index_says_what_each_format_carries() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| ")
    ]
    header = next(row for row in rows if row[1:] == [f"`{slug}`" for slug in SLUGS if FORMATS[slug].write])
    written = [slug for slug in SLUGS if FORMATS[slug].write]
    said = {
        row[0]: {slug for slug, cell in zip(written, row[1:], strict=True) if cell == "yes"}
        for row in rows
        if len(row) == len(header) and row != header and set(row[1]) != {"-"}
    }
    assert said == {
        feature.value: {slug for slug in written if feature in FORMATS[slug].keeps}
        for feature in Feature
        if feature not in {Feature.MANY_OPTIONS, Feature.FORMATTING}
    }
