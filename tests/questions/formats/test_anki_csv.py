import csv
import io

from questions.formats import Draft, anki_csv
from tests.questions.builders import draft, options
from tests.questions.formats.made_up import export


def cards(*drafts: Draft) -> tuple[list[str], list[dict[str, str]]]:
    """The lines of the head, and each card by the names of its columns."""
    text = anki_csv.write(export(*drafts)).decode()
    head = [line for line in text.splitlines() if line.startswith("#")]
    body = text[len("".join(f"{line}\n" for line in head)) :]
    rows = csv.reader(io.StringIO(body, newline=""), delimiter=";")
    return head, [dict(zip(anki_csv.COLUMNS, row, strict=True)) for row in rows]


def test_a_question_becomes_a_card() -> None:
    texts = [{**one, "rationale": f"Because {one['id']}."} for one in options("abc", "ac")]
    head, (card,) = cards(
        draft(
            kind="multiple_response",
            stem="Which < **two**?",
            options=texts,
            explanation="So.",
            references=[{"title": "A & B", "url": "https://example.org/?a=1&b=2"}],
            services=["Amazon S3"],
        )
    )
    assert head == [
        "#separator:Semicolon",
        "#html:true",
        "#notetype:AllInOne (kprim, mc, sc)",
        f"#columns:{';'.join(anki_csv.COLUMNS)}",
        "#guid column:1",
        "#tags column:13",
    ]
    assert card == {
        "GUID": "mls-c01/q-001",
        "Question": "<p>Which &lt; <strong>two</strong>?</p>",
        "Title": "q-001",
        "QType (0=kprim,1=mc,2=sc)": "1",
        "Q_1": "Option a",
        "Q_2": "Option b",
        "Q_3": "Option c",
        "Q_4": "",
        "Q_5": "",
        "Answers": "1 0 1",
        "Sources": '<a href="https://example.org/?a=1&amp;b=2">A &amp; B</a>',
        "Extra 1": (
            "<p>So.</p><ul>"
            "<li>Option a<br><p>Because a.</p></li>"
            "<li>Option b<br><p>Because b.</p></li>"
            "<li>Option c<br><p>Because c.</p></li></ul>"
        ),
        "Tags": "mls-c01::task_statement::1.1 mls-c01::level::2 mls-c01::service::Amazon_S3",
    }


def test_no_cell_is_a_formula() -> None:
    found = [
        {**one, "text": text} for one, text in zip(options("abcd"), ["=1+1", "-2", "+3", "@a"], strict=True)
    ]
    _, (card,) = cards(draft(options=found))
    assert [card[f"Q_{number}"] for number in range(1, 5)] == ["&#61;1+1", "&#45;2", "&#43;3", "&#64;a"]


def test_questions_with_six_options_are_left_out() -> None:
    _, found = cards(draft("q-001", options=options("abcdef")), draft("q-002", options=options("abcde")))
    assert [card["Title"] for card in found] == ["q-002"]
