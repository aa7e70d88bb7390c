import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Entry, Option, Reading, Source
from questions.formats.qti_package import read
from tests.questions.formats.qti_files import entries, entry, file12, found, gives, item12, options, said

EXAMPLES = re.findall(r"```xml\n(.*?)```", Path("docs/formats/qti.md").read_text(encoding="utf-8"), re.DOTALL)
TWO = {"o1": "Alpha", "o2": "Beta"}
THREE = TWO | {"o3": "Gamma"}
SEVERAL = ' rcardinality="Multiple"'


def one(*arguments: object, **fields: object) -> Entry:
    return entry(file12(item12(*arguments, **fields)))  # type: ignore[arg-type]


def test_the_page_s_file_is_read() -> None:
    read_from_page = entry(EXAMPLES[1])

    assert read_from_page.draft is not None
    assert (read_from_page.draft.kind, read_from_page.draft.id, read_from_page.problems) == (
        "multiple_response",
        "storage-2",
        (),
    )
    assert read_from_page.draft.stem == "Which store objects? (Choose two.)"
    assert read_from_page.draft.options == (
        Option("a", "Amazon S3", True),
        Option("b", "S3 Glacier", True),
        Option("c", "Amazon SNS", False),
    )
    assert read_from_page.draft.explanation == "A topic holds nothing."


@pytest.mark.parametrize(
    ("kind", "cardinality", "expected"),
    [
        ("multiple_choice_question", ' rcardinality="Single"', "multiple_choice"),
        ("multiple_answers_question", SEVERAL, "multiple_response"),
        ("cc.multiple_choice.v0p1", "", "multiple_choice"),
        ("cc.multiple_response.v0p1", SEVERAL, "multiple_response"),
        ("Multiple Choice", "", "multiple_choice"),
        ("Multi-Select", "", "multiple_response"),
        ("", ' rcardinality="Single"', "multiple_choice"),
        ("", SEVERAL, "multiple_response"),
        ("", "", "multiple_choice"),
    ],
)
def test_the_kind_is_what_the_item_calls_itself_or_its_cardinality(
    kind: str, cardinality: str, expected: str
) -> None:
    got = one(TWO, gives("o1"), kind=kind, cardinality=cardinality)

    assert got.draft is not None
    assert (got.draft.kind, got.problems) == (expected, ())


@pytest.mark.parametrize(
    ("kind", "skipped"),
    [
        ("essay_question", "essay"),
        ("cc.essay.v0p1", "essay"),
        ("matching_question", "matching"),
        ("text_only_question", "text_only"),
        ("fill_in_multiple_blanks_question", "fill_in_multiple_blanks"),
        ("cc.fib.v0p1", "fib"),
    ],
)
def test_other_kinds_are_skipped_by_their_name(kind: str, skipped: str) -> None:
    got = one(TWO, gives("o1"), kind=kind)

    assert (got.skipped, got.draft, got.problems) == (skipped, None, ())


@pytest.mark.parametrize(
    ("response", "skipped"),
    [
        ("<response_str><render_fib/></response_str>", "response_str"),
        ("<response_lid><render_choice/></response_lid>" * 2, "several response_lid"),
        ("<response_lid><material/><render_choice/></response_lid>", "labelled response_lid"),
        ('<response_lid rcardinality="Ordered"><render_choice/></response_lid>', "ordered response_lid"),
        ("<response_lid><render_hotspot/></response_lid>", "render_hotspot"),
        ("", "no response"),
    ],
)
def test_an_item_without_metadata_is_skipped_by_what_it_asks_for(response: str, skipped: str) -> None:
    content = f"<item ident='q'><presentation><material/>{response}</presentation></item>"

    assert entry(file12(content)).skipped == skipped


def test_true_and_false_are_two_options_that_stay_in_place() -> None:
    got = one({"t": "True", "f": "False"}, gives("f"), kind="true_false_question")

    assert got.draft is not None
    assert (got.draft.kind, got.draft.shuffle, "shuffle" in got.draft.unstated) == (
        "multiple_choice",
        False,
        False,
    )
    assert got.draft.options == (Option("a", "True", False), Option("b", "False", True))


def test_plain_text_is_shown_letter_for_letter_and_html_as_html() -> None:
    content = item12({"o1": "<p>a &amp; <b>b</b></p>", "o2": "x"}, gives("o1")).replace(
        '<mattext texttype="text/html">x', '<mattext texttype="text/plain">a_b &lt;b&gt; &amp;amp;'
    )

    got = entry(file12(content))
    assert options(got) == [("a", "a & **b**", True), ("b", "a_b <b> \\&amp;", False)]


def test_material_in_flows_and_pieces_is_joined() -> None:
    flow = """<presentation><flow><flow><material><mattext>One</mattext><matbreak/></material></flow>
<flow><material><mat_extension><mat_formattedtext type="HTML">&lt;i&gt;two&lt;/i&gt;</mat_formattedtext>
</mat_extension></material></flow></flow>"""
    content = re.sub(r"<presentation><material>.*?</material>", flow, item12(TWO, gives("o1")))
    got = entry(file12(content.replace("</presentation>", "</presentation>")))

    assert got.draft is not None
    assert got.draft.stem == "One\n\n*two*"


def test_every_option_that_adds_points_is_correct() -> None:
    got = one(
        THREE,
        gives("o1", "50") + gives("o2", "-10") + gives("o3", "25"),
        kind="multiple_answers_question",
        cardinality=SEVERAL,
    )

    assert options(got) == [("a", "Alpha", True), ("b", "Beta", False), ("c", "Gamma", True)]
    assert [problem.advice for problem in got.problems] == [
        "Expect no partial credit: the file gives points by option, here all or nothing."
    ]


def test_of_points_that_vary_the_marked_answer_is_the_key() -> None:
    got = one(THREE, gives("o1", "100") + gives("o2", "100", 'correctanswer="Yes"') + gives("o3", "0"))

    assert options(got) == [("a", "Alpha", False), ("b", "Beta", True), ("c", "Gamma", False)]
    assert [problem.severity for problem in got.problems] == ["warning"]


def test_of_points_that_vary_the_most_is_the_key() -> None:
    got = one(THREE, gives("o1", "25") + gives("o2", "SCORE.max") + gives("o3", "no number"))

    assert options(got) == [("a", "Alpha", False), ("b", "Beta", True), ("c", "Gamma", False)]


def test_a_single_choice_with_two_full_answers_offers_its_readings() -> None:
    got = one(TWO, gives("o1") + gives("o2"))

    (problem,) = got.problems
    assert (problem.severity, problem.field, problem.text) == ("error", "questions[0].key", "o1, o2")
    assert problem.readings == (
        Reading("All of them, as a multiple response", {"kind": "multiple_response", "key": ["a", "b"]}),
        Reading("Only option a", {"kind": "multiple_choice", "key": ["a"]}),
        Reading("Only option b", {"kind": "multiple_choice", "key": ["b"]}),
    )


def test_two_full_combinations_offer_their_readings() -> None:
    both = "".join(
        f"<respcondition><conditionvar>{''.join(f'<varequal>{name}</varequal>' for name in names)}"
        "</conditionvar><setvar>100</setvar></respcondition>"
        for names in (["o1", "o2"], ["o2", "o3"])
    )
    got = one(THREE, both, kind="multiple_answers_question", cardinality=SEVERAL)

    assert [problem.readings for problem in got.problems] == [
        (
            Reading("Options a, b", {"kind": "multiple_response", "key": ["a", "b"]}),
            Reading("Options b, c", {"kind": "multiple_response", "key": ["b", "c"]}),
        )
    ]


def test_feedback_finds_its_option_or_explains() -> None:
    shows = (
        "<respcondition><conditionvar><varequal>o2</varequal></conditionvar>"
        '<displayfeedback linkrefid="other"/></respcondition>'
    )
    feedback = "".join(
        f'<itemfeedback ident="{ident}"><material><mattext>{text}</mattext></material></itemfeedback>'
        for ident, text in {
            "o1_fb": "Of Alpha.",
            "other": "Of Beta.",
            "general_fb": "In general.",
            "correct_fb": "Well.",
            "general_incorrect_fb": "No.",
        }.items()
    )
    got = one(TWO, gives("o1") + shows, rest=feedback)

    assert got.draft is not None
    assert [option.rationale for option in got.draft.options] == ["Of Alpha.", "Of Beta."]
    assert got.draft.explanation == "In general.\n\nIf answered correctly:\n\nWell.\n\nOtherwise:\n\nNo."


def test_rows_that_nobody_filled_in_are_left_out_with_a_word() -> None:
    got = one(TWO | {"o3": "", "o4": " "}, gives("o2"))

    assert options(got) == [("a", "Alpha", False), ("b", "Beta", True)]
    assert said(got) == [
        (
            "items.xml:5, item q1: warning: questions[0].options: "
            "Check the options: 2 without any text were left out."
        )
    ]


def test_the_title_of_a_bank_is_a_label_of_its_items() -> None:
    field = "<fieldlabel>bank_title</fieldlabel><fieldentry>1.2 Storage</fieldentry>"
    metadata = f"<qtimetadata><qtimetadatafield>{field}</qtimetadatafield></qtimetadata>"
    content = f"<questestinterop><objectbank>{metadata}{item12(TWO, gives('o1'))}"
    got = entry(f"{content}</objectbank></questestinterop>")

    assert got.draft is not None
    assert got.draft.labels == ("1.2 Storage",)


def test_a_declared_encoding_is_obeyed() -> None:
    content = '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + file12(item12({"o1": "Größe", "o2": "x"}, ""))

    got = entry(content.encode("latin-1"))
    assert options(got)[0][1] == "Größe"


@pytest.mark.parametrize(
    ("content", "line", "field", "advice"),
    [
        (
            file12(item12(TWO, "\n" + gives("o9"))),
            *(10, "questions[0].key"),
            "Name an option of the item as correct: it has none with this ident.",
        ),
        (
            file12(item12(TWO, gives("o1")).replace('ident="o2"', 'ident="o1"')),
            *(7, "questions[0].options[1]"),
            "Give every option an ident of its own: this one is taken.",
        ),
        (
            file12(item12(TWO, gives("o1")).replace('ident="o2"', "")),
            *(7, "questions[0].options[1]"),
            "Give the option an ident: nothing can say that it is correct.",
        ),
        (
            file12(item12(TWO, gives("o1"), cardinality=SEVERAL)),
            *(2, "questions[0].kind"),
            "Say how many may be chosen: the item's type and its rcardinality contradict each other.",
        ),
        (
            file12('<item ident="q"/>'),
            *(2, "questions[0].stem"),
            "Give the item a presentation with the question and its choices.",
        ),
        (
            file12(item12(TWO, "").replace("render_choice", "render_x")),
            *(2, "questions[0].options"),
            "Give the item its choices, in response_lid and render_choice.",
        ),
        (
            file12(),
            *(0, ""),
            "Give a QTI file with items in it: this one has none.",
        ),
        ('<?xml version="1.0"encoding="UTF-8"?>\n' + file12(item12(TWO, "")), 1, "", ""),
    ],
)
def test_what_is_broken_is_named_with_its_line_and_field(
    content: str, line: int, field: str, advice: str
) -> None:
    (got,) = found(content)
    (problem,) = got.problems if isinstance(got, Entry) else (got,)

    assert (problem.severity, problem.line, problem.field) == ("error", line, field)
    assert problem.advice.startswith(advice)


def test_items_before_a_break_are_read() -> None:
    content = file12(item12(TWO, gives("o1")), item12(TWO, gives("o1"), ident="q2"))
    got = found(content[: content.rindex("resprocessing")])

    assert [item.place.item if isinstance(item, Entry) else item.line for item in got] == ["q1", 20]
    assert len(entries(content)) == 2


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    list(read(Source("items.xml", b"<questestinterop><item>" + content + b"</item></questestinterop>")))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_an_item_with_changed_pieces_is_read_or_refused(data: st.DataObject) -> None:
    pieces = re.split(r"(?=<)|(?<=>)|(?= )", EXAMPLES[1])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at] = data.draw(st.sampled_from([*pieces, "", "<", "&", "\0", "Multiple", "<not>", "11", "é"]))
    list(read(Source("items.xml", "".join(pieces).encode())))
