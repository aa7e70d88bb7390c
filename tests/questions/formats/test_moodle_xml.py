import base64
import re
from pathlib import Path

import pytest

from questions.exhibits import FigureError, inspect
from questions.formats import Draft, Entry, Exhibit, Option, Problem, Reading, Rejected, Severity, Source
from questions.formats.moodle_xml import FORMAT
from tests.questions.test_exhibits import PLAIN_PNG as PNG
from tests.questions.test_exhibits import svg

PAGE = Path(__file__).parents[3] / "docs" / "formats" / "moodle-xml.md"
ENCODED = base64.b64encode(PNG).decode()
TWO = '<answer fraction="100"><text>Yes</text></answer>\n<answer fraction="0"><text>No</text></answer>'

IMAGE = '<text>&lt;img src="@@PLUGINFILE@@/x.png" alt="x"&gt; so</text>'


def question(
    *parts: str,
    stem: str = "<text>Is it?</text>",
    answers: str = TWO,
    kind: str = "multichoice",
    form: str = "",
) -> str:
    """A question whose stem is in line 1 of it and whose answers begin in line 2."""
    form = f' format="{form}"' if form else ""
    return "\n".join(
        [f'<question type="{kind}"><questiontext{form}>{stem}</questiontext>', answers, *parts, "</question>"]
    )


def read(*parts: str) -> list[Entry | Problem]:
    """What is in a file whose parts begin in line 2."""
    assert FORMAT.read is not None
    return list(FORMAT.read(Source("quiz.xml", "\n".join(["<quiz>", *parts, "</quiz>"]).encode())))


def entry(*parts: str) -> Entry:
    (found,) = read(*parts)
    assert isinstance(found, Entry)
    return found


def draft(*parts: str) -> Draft:
    found = entry(*parts).draft
    assert found is not None
    return found


def said(found: Entry | Problem) -> list[tuple[str, int, str, str]]:
    """Severity, line, field and advice of what there is to say."""
    problems = [found] if isinstance(found, Problem) else found.problems
    return [(problem.severity.value, problem.line, problem.field, problem.advice) for problem in problems]


def test_the_example_on_the_page_imports_as_one_question() -> None:
    example = re.search(r"```xml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example
    assert FORMAT.read is not None

    (found,) = FORMAT.read(Source("example.xml", example[1].encode()))

    assert isinstance(found, Entry)
    assert found.problems == ()
    assert found.draft == Draft(
        "multiple_choice",
        "Where does a *training job* read its data from by default?",
        (
            Option("a", "Amazon S3", True, "Yes, from a bucket."),
            Option("b", "Amazon SQS", False, "A queue holds messages."),
            Option("c", "Amazon SNS", False, "A topic holds nothing."),
        ),
        id="storage-1",
        task_statement="1.1",
        level=1,
        explanation="Training data is staged in object storage.",
    )
    assert found.draft.labels == ("MLS-C01", "Data Engineering")
    assert found.draft.unstated == {
        *("testing_point", "references", "services", "enemies", "calculation", "shuffle", "verified_on"),
        *("fixed", "distractor_tag"),
    }


@pytest.mark.parametrize(
    ("single", "kind"),
    [
        ("", "multiple_choice"),
        ("<single>true</single>", "multiple_choice"),
        ("<single> 1 </single>", "multiple_choice"),
        ("<single>false</single>", "multiple_response"),
        ("<single>0</single>", "multiple_response"),
        ("<single/>", "multiple_response"),
    ],
)
def test_single_is_true_unless_it_says_otherwise(single: str, kind: str) -> None:
    assert draft(question(single)).kind == kind


def test_an_all_or_nothing_question_is_a_multiple_response() -> None:
    answers = "".join(
        f'<answer fraction="{f}"><text>{f}{t}</text></answer>'
        for f, t in (("100", "a"), ("100", "b"), ("0", "c"))
    )

    found = entry(question(answers=answers, kind="multichoiceset"))

    assert found.draft
    assert (found.draft.kind, found.problems) == ("multiple_response", ())
    assert [option.correct for option in found.draft.options] == [True, True, False]


@pytest.mark.parametrize("right", ["true", "false"])
def test_true_or_false_is_a_choice_of_two_in_that_order(right: str) -> None:
    wrong = "false" if right == "true" else "true"
    answers = (
        f'<answer fraction="0"><text>{wrong}</text><feedback><text>No: {wrong}</text></feedback></answer>'
        f'<answer fraction="100"><text>{right}</text><feedback><text>So: {right}</text></feedback></answer>'
    )

    found = draft(question(answers=answers, kind="truefalse"))

    assert found.options == (
        Option("a", "True", right == "true", "So: true" if right == "true" else "No: true"),
        Option("b", "False", right == "false", "So: false" if right == "false" else "No: false"),
    )
    assert (found.kind, found.shuffle, "shuffle" in found.unstated) == ("multiple_choice", False, False)


@pytest.mark.parametrize(
    ("form", "text", "markdown"),
    [
        ("html", "<![CDATA[<p>a <b>b</b></p>]]>", "a **b**"),
        ("html", "&lt;p&gt;a &amp;lt; b&lt;/p&gt;", "a < b"),
        ("strange", "<![CDATA[<i>a</i>]]>", "*a*"),
        ("plain_text", "a &lt;b&gt;\nc *d*", "a <b>  \nc \\*d\\*"),
        ("moodle_auto_format", "<![CDATA[a\n<b>b</b> c\nd]]>", "a **b** c  \nd"),
        ("moodle_auto_format", "a &amp;lt; b\nc", "a < b  \nc"),
        ("markdown", "<![CDATA[a *b*\n\n- `<b>`]]>", "a *b*\n\n- `<b>`"),
        ("markdown", "<![CDATA[a <b>*b*</b><br>c]]>", "a ***b***  \nc"),
        ("html", "<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
    ],
)
def test_texts_are_read_in_their_format(form: str, text: str, markdown: str) -> None:
    assert draft(question(stem=f"<text>{text}</text>", form=form)).stem == markdown


def test_options_and_feedback_inherit_the_format_of_the_stem() -> None:
    answers = TWO.replace("Yes", "*Yes*").replace(
        "</text>", "</text><feedback><text>*so*</text></feedback>", 1
    )

    plain = draft(question(answers=answers, form="plain_text"))
    own = draft(question(answers=answers.replace('"100"', '"100" format="markdown"'), form="plain_text"))

    assert plain.options[0] == Option("a", "\\*Yes\\*", True, "\\*so\\*")
    assert own.options[0] == Option("a", "*Yes*", True, "\\*so\\*")


def test_categories_and_tags_are_labels_and_ours_are_fields() -> None:
    category = (
        '<question type="category"><category><text>$course$/top/Exam/In//out</text></category></question>'
    )
    tags = "".join(f"<tag><text>{tag}</text></tag>" for tag in ("hard", "level:3", "service:Amazon S3"))

    found = read(
        category, question(f"<tags>{tags}</tags>", "<coursetags><tag>x</tag></coursetags>"), question()
    )

    drafts = [each.draft for each in found if isinstance(each, Entry) and each.draft]
    assert [each.labels for each in drafts] == [("Exam", "In/out", "hard", "x"), ("Exam", "In/out")]
    assert [(each.level, each.services) for each in drafts] == [(3, ("Amazon S3",)), (2, ())]
    assert [each.place.path for each in drafts] == ["questions[0]", "questions[1]"]


def test_a_tag_of_ours_that_moodle_cut_off_says_nothing() -> None:
    tag = f"testing_point:{'so and so on and on ' * 9}"[:50]

    found = draft(question(f"<tags><tag><text>{tag}</text></tag></tags>"))

    assert (found.testing_point, "testing_point" in found.unstated, found.labels) == ("", True, ())


def test_embedded_figures_are_exhibits() -> None:
    stem = (
        '<text><![CDATA[<p>See <img src="@@PLUGINFILE@@/a%20b.png" alt="A curve"> and</p>'
        f'<img alt="B" src="data:image/png;base64,{ENCODED}">]]></text>'
        f'<file name="a b.png" path="/" encoding="base64">{ENCODED}</file>'
    )
    answers = TWO.replace(
        "<text>No</text>",
        '<text>&lt;img src="@@PLUGINFILE@@/sub/a%20b.png" alt="C"&gt;</text>'
        '<file name="a b.png" path="/sub/" encoding="base64">R0lG</file>',
    )

    found = entry(question(stem=stem, answers=answers))

    assert found.draft
    assert found.draft.stem == "See (Figure 1) and"
    assert [option.text for option in found.draft.options] == ["Yes", "(Figure 3)"]
    assert found.draft.exhibits == (
        Exhibit("figure-1", "a-b.png", "A curve"),
        Exhibit("figure-2", "figure-2.png", "B"),
        Exhibit("figure-3", "a-b-2.png", "C"),
    )
    assert found.figures == {"a-b.png": PNG, "figure-2.png": PNG, "a-b-2.png": b"GIF"}
    assert found.problems == ()


def test_the_one_image_of_moodle_1_is_an_exhibit() -> None:
    found = entry(question("<image>old/x.gif</image>", f"<image_base64>{ENCODED}</image_base64>"))

    assert found.draft
    assert found.draft.exhibits == (Exhibit("figure-1", "x.gif", "Figure 1"),)
    assert found.figures == {"x.gif": PNG}
    advice = "Describe the figure for candidates who cannot see it: it has no alt text."
    assert said(found) == [("warning", 6, "questions[0].exhibits[0].alt", advice)]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"\0" * 3_000_000, "Make the figure smaller: 1,000,000 bytes are the most."),
        (svg("<script/>"), "Remove the element 'script' from the SVG: only plain shapes and text are shown."),
        (b"GIF89a/*<script>*/", "Save the figure anew: it is damaged or cut off (GIF)."),
    ],
)
def test_an_embedded_file_that_is_no_figure_is_read_and_then_refused(content: bytes, refusal: str) -> None:
    stem = f'{IMAGE}<file name="x.png" encoding="base64">{base64.b64encode(content).decode()}</file>'

    found = entry(question(stem=stem))

    assert found.problems == ()
    with pytest.raises(FigureError) as error:
        inspect(found.figures["x.png"])
    assert str(error.value) == refusal


@pytest.mark.parametrize("kind", ["essay", "matching", "cloze", "kprime", "description"])
def test_other_kinds_are_skipped_by_their_name(kind: str) -> None:
    found = entry(question(kind=kind))

    assert (found.draft, found.skipped, found.problems) == (None, kind, ())


def test_every_entry_has_its_piece_of_the_file_and_the_share_read() -> None:
    whole = question(kind="essay")

    found = read(whole, "<!-- between -->", question())

    assert [each.raw for each in found if isinstance(each, Entry)] == [whole, question()]
    assert [round(each.done, 1) for each in found if isinstance(each, Entry)] == [0.4, 1.0]


PARTIAL = "Check the key: the file gives partial credit, and this simulator scores all or nothing."


@pytest.mark.parametrize(
    ("single", "fractions", "warned"),
    [
        ("true", ("100", "0"), False),
        ("true", ("100", "50"), True),
        ("true", ("100", "-25"), True),
        ("false", ("50", "50", "0"), False),
        ("false", ("33.33333", "33.3333333", "33.33333"), False),
        ("false", ("100.00000", "100", "0"), False),
        ("false", ("75", "25", "0"), True),
        ("false", ("50", "50", "-50"), True),
    ],
)
def test_partial_credit_is_warned_of_once(single: str, fractions: tuple[str, ...], warned: bool) -> None:
    answers = "".join(f'<answer fraction="{f}"><text>{n}</text></answer>' for n, f in enumerate(fractions))

    found = entry(question(f"<single>{single}</single>", answers=answers))

    assert said(found) == ([("warning", 3, "questions[0].options", PARTIAL)] if warned else [])


def test_feedback_on_the_whole_answer_is_warned_of_unless_it_is_moodles_own() -> None:
    stock = "<correctfeedback><text>&lt;p&gt;Your answer is correct.&lt;/p&gt;</text></correctfeedback>"
    own = "<incorrectfeedback><text>Read chapter 2.</text></incorrectfeedback>"

    assert said(entry(question(stock))) == []
    advice = "Put into the general feedback what matters: feedback on the whole answer cannot be kept."
    assert said(entry(question(stock, own))) == [("warning", 6, "questions[0].incorrectfeedback", advice)]


def test_several_full_marks_behind_radio_buttons_are_offered_as_what_they_may_mean() -> None:
    found = entry(question(answers=TWO.replace('"0"', '"100"')))

    (problem,) = found.problems
    assert (problem.severity, problem.line, problem.field) == (Severity.ERROR, 3, "questions[0].options")
    assert problem.readings == (
        Reading("All of them together: a, b", {"kind": "multiple_response", "key": ["a", "b"]}),
        Reading("Only a", {"kind": "multiple_choice", "key": ["a"]}),
        Reading("Only b", {"kind": "multiple_choice", "key": ["b"]}),
    )


BROKEN = {
    "no answer": (question("<single>false"), 6, "", "Close <single>, opened in line 5, first"),
    "a name": (question("", "&uarr;"), 6, "", "Write \u2191 instead of &uarr;"),
    "cut off": (question().removesuffix("</question>"), 6, "", "Close <question>, opened in line 2, first"),
    "an ampersand": (question(stem="<text>A & B</text>"), 2, "", "Write &amp; where an ampersand is meant"),
    "a fraction": (
        question(answers=TWO.replace('"0"', '"42"')),
        4,
        "options[1].correct",
        "Write a percentage",
    ),
    "half a mark": (
        question(answers=TWO.replace('"0"', '"none"')),
        4,
        "options[1].correct",
        "Write how much of the mark",
    ),
    "no file": (question("", stem=IMAGE), 2, "exhibits[0].file", "Embed the figure in a <file> of its text"),
    "bad base64": (
        question(stem=f'{IMAGE}\n\n<file name="x.png" encoding="base64">?!</file>'),
        4,
        "exhibits[0].file",
        "Embed the figure again: its base64 is damaged",
    ),
    "another encoding": (
        question(stem=f'{IMAGE}\n<file name="x.png" encoding="quoted">a</file>'),
        3,
        "exhibits[0].file",
        'Embed the figure with encoding="base64"',
    ),
    "no stem": (question().replace("questiontext", "text"), 2, "stem", "Write the stem into <questiontext>"),
    "no kind": (question(kind=""), 2, "kind", "Write what kind it is"),
    "true and true": (
        question(kind="truefalse"),
        3,
        "options",
        "Write true into one answer and false into the other",
    ),
    "a script": (
        question(stem="<text>a&lt;script&gt;b&lt;/script&gt;</text>"),
        2,
        "stem",
        "Check the text: a script",
    ),
    "tags": (
        question(answers=TWO.replace("Yes", "<b>Yes</b>")),
        3,
        "options[0].text",
        "Put the text into <![CDATA[",
    ),
    "no text": (
        question("\n<generalfeedback>So</generalfeedback>"),
        6,
        "explanation",
        "Put the text into <text>",
    ),
    "a figure after the answer": (
        question(f"<generalfeedback>{IMAGE}</generalfeedback>"),
        5,
        "explanation",
        "Put the figure into the stem",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_with_line_field_and_what_to_do(name: str) -> None:
    text, line, field, advice = BROKEN[name]

    (_, told_line, told_field, told), *_ = said(read(text)[-1])

    field = f"questions[0].{field}" if field else ""
    assert (told_line, told_field, told[: len(advice)]) == (line, field, advice)


def test_questions_before_a_break_are_read() -> None:
    found = read(question(), "<question>", "</quiz>")

    assert [type(each) for each in found] == [Entry, Problem]


def test_a_file_without_questions_says_so() -> None:
    advice = "Choose another file, or format: there is no <question> in it."
    assert [said(each) for each in read("<item/>")] == [[("error", 1, "", advice)]]


def test_a_file_in_another_encoding_offers_what_it_may_be() -> None:
    assert FORMAT.read is not None
    content = question(stem="<text>na\u00efve</text>").encode("cp1252")

    (problem,) = FORMAT.read(Source("quiz.xml", content))
    (found,) = FORMAT.read(Source("quiz.xml", content, encoding="cp1252"))

    assert isinstance(problem, Problem)
    assert {"encoding": "cp1252"} in [reading.changes for reading in problem.readings]
    assert isinstance(found, Entry)
    assert found.draft
    assert found.draft.stem == "na\u00efve"


def test_what_is_given_back_says_what_to_mend_and_reads_once_it_is_mended() -> None:
    category = '<question type="category"><category><text>Exam</text></category></question>'
    broken = entry(category, question(answers=TWO.replace('"0"', '"4--2"')))
    assert FORMAT.give_back is not None
    assert FORMAT.read is not None

    given = FORMAT.give_back(Source("quiz.xml", b""), [Rejected(broken.raw, broken.problems)])

    assert given.decode().splitlines()[2].startswith("<!-- error: options[1].correct: Write how much")
    (again,) = FORMAT.read(Source("quiz.xml", given))
    assert isinstance(again, Entry)
    assert again.draft == broken.draft
    assert again.draft
    assert again.draft.labels == ("Exam",)
    assert [problem.field for problem in again.problems] == [problem.field for problem in broken.problems]
    (mended,) = FORMAT.read(Source("quiz.xml", given.replace(b'"4--2"', b'"0"')))
    assert isinstance(mended, Entry)
    assert mended.problems == ()
