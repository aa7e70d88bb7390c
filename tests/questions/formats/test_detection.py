import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.formats.registry import FORMATS, detect
from tests.questions.formats.seeds import PACKAGES, SEEDS

NAMES = [
    "bank.csv",
    "bank.yaml",
    "bank.json",
    "bank.md",
    "bank.gift",
    "bank.xml",
    "bank.txt",
    "bank.zip",
    "bank",
    "",
]


@pytest.mark.parametrize("slug", SEEDS)
def test_a_file_is_known_by_its_name_and_content(slug: str) -> None:
    assert detect("bank" + FORMATS[slug].suffix, SEEDS[slug]) == slug


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("slug", SEEDS)
def test_a_name_that_lies_is_not_believed(slug: str, name: str) -> None:
    assert detect(name, SEEDS[slug]) == slug


@pytest.mark.parametrize("slug", PACKAGES)
def test_a_package_is_known_by_what_is_in_it(slug: str) -> None:
    assert detect("bank.zip", PACKAGES[slug]) == slug


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    "slug", ["exchange-yaml", "exchange-json", "csv", "markdown", "gift", "aiken", "moodle-xml"]
)
def test_an_encoding_hides_no_format(slug: str, encoding: str) -> None:
    assert detect("bank.txt", SEEDS[slug].decode().encode(encoding)) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("a.yml", "exchange-yaml"),
        ("a.json", "exchange-json"),
        ("a.TSV", "csv"),
        ("a.md", "markdown"),
        ("a.gift", "gift"),
        ("a.xml", "moodle-xml"),
        ("a.txt", "aiken"),
        ("", "aiken"),
    ],
)
def test_where_nothing_is_to_be_seen_the_name_decides(name: str, slug: str) -> None:
    assert detect(name, b"") == slug


def test_parts_of_a_canvas_cartridge_are_no_moodle_quiz() -> None:
    content = b'<?xml version="1.0"?>\n<quiz xmlns="http://canvas.instructure.com/xsd/cccv1p0"/>'
    assert detect("assessment_meta.xml", content) == "qti12"


@given(st.text(max_size=30), st.binary(max_size=200))
def test_nothing_breaks_detection(name: str, content: bytes) -> None:
    assert detect(name, content) in FORMATS
    assert detect(name, b"PK\x03\x04" + content) in FORMATS
