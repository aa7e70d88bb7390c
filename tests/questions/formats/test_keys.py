import pytest

from questions.formats.keys import Choice, Key, read_key

SERVICES = ("Amazon S3", "AWS Glue", "Amazon EMR", "Red, green, and blue")


def choices(*texts: str) -> list[Choice]:
    return [Choice("abcdefghijklmnop"[n], "ABCDEFGHIJKLMNOP"[n], n + 1, text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("B", "b"),
        ("b", "b"),
        ("(B)", "b"),
        ("B.", "b"),
        ("Option B", "b"),
        ("A,", "a"),
        ("A,C", "ac"),
        ("A, C", "ac"),
        ("A;C", "ac"),
        ("A and C", "ac"),
        ("AC", "ac"),
        ("Ac", "ac"),
        ("2", "b"),
        ("1,3", "ac"),
        ("1, 3, 4", "acd"),
        ("AWS Glue", "b"),
        ("aws glue.", "b"),
        ("B. AWS Glue", "b"),
        ("Amazon S3; AWS Glue", "ab"),
        ("Amazon S3, Red, green, and blue", "ad"),
        ("", ""),
    ],
)
def test_a_key_is_read_in_every_usual_spelling(text: str, ids: str) -> None:
    assert read_key(text, choices(*SERVICES)) == Key(frozenset(ids))


@pytest.mark.parametrize(
    ("text", "texts", "readings"),
    [
        ("1.0", SERVICES, [["a"]]),
        ("1.2", SERVICES, [["a", "b"]]),
        ("1/3", SERVICES, [["a", "c"]]),
        ("2026-03-01", SERVICES, [["a", "c"]]),
        ("12", SERVICES, [["a", "b"]]),
        ("4", ("1", "2", "4", "8"), [["d"], ["c"]]),
        ("AC", ("x", "AC", "z"), [["a", "c"], ["b"]]),
        ("B. Amazon S3", SERVICES, [["b"], ["a"]]),
    ],
)
def test_a_key_that_can_be_read_in_several_ways_is_an_error_with_its_readings(
    text: str, texts: tuple[str, ...], readings: list[list[str]]
) -> None:
    key = read_key(text, choices(*texts))
    assert key.ids == frozenset()
    assert key.advice
    assert [reading.changes["key"] for reading in key.readings] == readings


@pytest.mark.parametrize("text", ["E", "7", "A,A", "AWS Glu", "Zooker coordination", "x" * 10_000])
def test_a_key_that_names_no_option_is_an_error_without_readings(text: str) -> None:
    key = read_key(text, choices(*SERVICES))
    assert (key.ids, key.readings) == (frozenset(), ())
    assert key.advice


def test_a_reading_sets_the_kind_only_where_the_file_declares_none() -> None:
    texts = choices(*SERVICES)
    assert read_key("1.2", texts).readings[0].changes == {"key": ["a", "b"], "kind": "multiple_response"}
    assert read_key("1.2", texts, "multiple_choice").readings[0].changes == {"key": ["a", "b"]}


def test_in_a_numbered_file_numbers_count_the_options_whatever_their_texts_are() -> None:
    assert read_key("4", choices("1", "2", "4", "8"), numbered=True) == Key(frozenset("d"))
