import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Entry, Option, Reading, Source
from questions.formats.qti2 import normalise
from questions.formats.qti_package import read
from tests.questions.formats.qti_files import CHOICES, entry, found, item2, options, said

EXAMPLES = re.findall(r"```xml\n(.*?)```", Path("docs/formats/qti.md").read_text(encoding="utf-8"), re.DOTALL)
MULTIPLE = 'shuffle="true" maxChoices="0"'
TWO = "<correctResponse><value>A</value><value>B</value></correctResponse>"
THREE_CHOICES = CHOICES + '<simpleChoice identifier="C">Gamma</simpleChoice>'


def test_the_page_s_item_is_read() -> None:
    one = entry(EXAMPLES[0])

    assert one.draft is not None
    assert (one.draft.kind, one.draft.id, one.draft.shuffle, one.problems, one.done > 0.9) == (
        "multiple_choice",
        "storage-1",
        True,
        (),
        True,
    )
    assert one.draft.stem == "Where does a *training job* read its data from by default?"
    assert one.draft.options == (
        Option("a", "Amazon S3", True, "Yes, from a bucket."),
        Option("b", "Amazon SQS", False),
        Option("c", "Amazon SNS", False),
    )
    assert one.draft.explanation == "Training data is staged in object storage."


def test_the_names_of_3_0_are_those_of_2_x() -> None:
    names = ["qti-choice-interaction", "response-identifier", "imsqti:simpleChoice", "p", "qti-prompt"]

    assert [normalise(name) for name in names] == [
        "choiceInteraction",
        "responseIdentifier",
        "simpleChoice",
        "p",
        "prompt",
    ]


def test_an_item_of_3_0_is_read() -> None:
    one = entry("""<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="v3">
<qti-response-declaration identifier="RESPONSE" cardinality="multiple" base-type="identifier">
<qti-correct-response><qti-value>A</qti-value><qti-value>C</qti-value></qti-correct-response>
</qti-response-declaration>
<qti-item-body><qti-choice-interaction response-identifier="RESPONSE" max-choices="2" min-choices="2"
 class="qti-labels-none" data-x="y"><qti-prompt>Which two?</qti-prompt>
<qti-simple-choice identifier="A" fixed="true">Alpha
<qti-feedback-inline outcome-identifier="F" identifier="A"><em>Why</em> A.</qti-feedback-inline>
</qti-simple-choice>
<qti-simple-choice identifier="B">Beta</qti-simple-choice>
<qti-simple-choice identifier="C">Gamma</qti-simple-choice></qti-choice-interaction></qti-item-body>
<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/>
<qti-modal-feedback outcome-identifier="F" identifier="solution">
<qti-content-body><p>Because.</p></qti-content-body></qti-modal-feedback>
</qti-assessment-item>""")

    assert one.draft is not None
    assert (one.draft.kind, one.draft.stem, one.draft.explanation) == (
        "multiple_response",
        "Which two?",
        "Because.",
    )
    assert one.draft.options == (
        Option("a", "Alpha", True, "*Why* A.", fixed=True),
        Option("b", "Beta", False),
        Option("c", "Gamma", True),
    )
    assert one.problems == ()


def test_a_prefix_and_any_namespace_do_no_harm() -> None:
    prefixed = re.sub(r"<(/?)(?=[a-z])", r"<\1qti:", item2()).replace("xmlns=", "xmlns:qti=")

    assert options(entry(prefixed)) == [("a", "Alpha", True), ("b", "Beta", False)]


def test_the_stem_is_the_body_before_the_choices_and_the_prompt() -> None:
    body = '<div class="row"><p>First.</p><rubricBlock view="scorer"><p>For markers.</p></rubricBlock></div>'
    one = entry(item2(f"<prompt>Then?</prompt>{CHOICES}", body=body))

    assert one.draft is not None
    assert (one.draft.stem, one.problems) == ("First.\n\nThen?", ())


def test_choices_deep_in_the_body_part_what_stands_before_from_what_stands_after() -> None:
    nested = (
        item2()
        .replace("<itemBody><p>", "<itemBody><div><div><p>")
        .replace("</choiceInteraction>", "</choiceInteraction><p>Source: X.</p></div><p>End.</p></div>")
    )
    one = entry(nested)

    assert one.draft is not None
    assert one.draft.stem == "Which?"
    assert said(one) == [
        (
            "items.xml:5, item q1: warning: questions[0].stem: "
            "Move what follows the choices before them: it was left out. [Source: X.End.]"
        )
    ]


def test_a_choice_with_blocks_and_formulas_keeps_them() -> None:
    choices = (
        '<simpleChoice identifier="A"><p>1 &lt; 2</p><pre><code>a\n  b</code></pre></simpleChoice>'
        '<simpleChoice identifier="B"><math><mfrac><mn>1</mn><mn>6</mn></mfrac></math></simpleChoice>'
    )

    assert options(entry(item2(choices))) == [("a", "1 < 2\n\n```\na\n  b\n```", True), ("b", "1/6", False)]


@pytest.mark.parametrize(
    ("cardinality", "key", "most", "kind"),
    [
        ("single", "A", "0", "multiple_choice"),
        ("single", "A", "", "multiple_choice"),
        ("multiple", "A B", "0", "multiple_response"),
        ("multiple", "A B", "", "multiple_response"),
        ("multiple", "A B", "3", "multiple_response"),
        ("multiple", "A", "0", "multiple_response"),
        ("multiple", "A", "1", "multiple_choice"),
    ],
)
def test_the_kind_is_the_cardinality(cardinality: str, key: str, most: str, kind: str) -> None:
    values = "".join(f"<value> {name} </value>" for name in key.split())
    interaction = f'maxChoices="{most}"' if most else ""
    one = entry(
        item2(
            THREE_CHOICES,
            f"<correctResponse>{values}</correctResponse>",
            cardinality=cardinality,
            interaction=interaction,
        )
    )

    assert one.draft is not None
    assert (one.draft.kind, [option.correct for option in one.draft.options], one.problems) == (
        kind,
        ["A" in key, "B" in key, False],
        (),
    )


def test_without_a_correct_response_the_key_is_what_gives_points() -> None:
    mapping = """<mapping defaultValue="0"><mapEntry mapKey="A" mappedValue="1"/>
<mapEntry mapKey="B" mappedValue="0"/><mapEntry mapKey="C" mappedValue="1"/></mapping>"""
    one = entry(item2(THREE_CHOICES, mapping, cardinality="multiple", interaction=MULTIPLE))

    assert options(one) == [("a", "Alpha", True), ("b", "Beta", False), ("c", "Gamma", True)]
    assert said(one) == []


def test_of_a_single_response_the_key_gives_the_most_points() -> None:
    mapping = (
        '<mapping><mapEntry mapKey="A" mappedValue="0.5"/><mapEntry mapKey="B" mappedValue="1"/></mapping>'
    )
    one = entry(item2(CHOICES, mapping))

    assert options(one) == [("a", "Alpha", False), ("b", "Beta", True)]
    assert said(one) == [
        (
            "items.xml:6, item q1: warning: questions[0].options: "
            "Expect no partial credit: the file gives points by option, here all or nothing."
        )
    ]


def test_an_item_without_a_key_comes_to_be_mended() -> None:
    one = entry(item2(key=""))

    assert options(one) == [("a", "Alpha", False), ("b", "Beta", False)]


def test_a_single_response_with_two_keys_offers_its_readings() -> None:
    one = entry(item2(key=TWO))

    (problem,) = one.problems
    assert str(problem) == (
        "items.xml:2, item q1: error: questions[0].kind: "
        "Say which is meant: the response is single, but several choices are correct. [A, B]"
    )
    assert problem.readings == (
        Reading("All of them, as a multiple response", {"kind": "multiple_response", "key": ["a", "b"]}),
        Reading("Only option a", {"kind": "multiple_choice", "key": ["a"]}),
        Reading("Only option b", {"kind": "multiple_choice", "key": ["b"]}),
    )


def test_partial_credit_is_told() -> None:
    mapping = (
        '<mapping><mapEntry mapKey="A" mappedValue="1"/><mapEntry mapKey="B" mappedValue="1"/></mapping>'
    )
    rest = (
        '<responseProcessing template="http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"/>'
    )
    one = entry(item2(THREE_CHOICES, TWO + mapping, cardinality="multiple", interaction=MULTIPLE, rest=rest))

    assert [problem.advice for problem in one.problems] == [
        "Expect no partial credit: the file gives points by option, here all or nothing."
    ]


@pytest.mark.parametrize(
    ("rules", "advice"),
    [
        ("<match><variable/><correct/></match>", []),
        ("<gt/>", ["Check the key: the item's own scoring rules are not read, only its correct response."]),
        ("", []),
    ],
)
def test_scoring_rules_of_its_own_are_told_unless_they_compare_with_the_key(
    rules: str, advice: list[str]
) -> None:
    rest = f"<responseProcessing>{rules}</responseProcessing>"

    assert [problem.advice for problem in entry(item2(rest=rest)).problems] == advice


def test_feedback_finds_its_option_or_explains() -> None:
    choices = """<simpleChoice identifier="A">Alpha <feedbackInline identifier="x">In it.</feedbackInline>
</simpleChoice><simpleChoice identifier="B"><p>Beta</p>
<feedbackBlock identifier="B"><p>Block.</p></feedbackBlock></simpleChoice>"""
    rest = """<modalFeedback identifier="A">And after.</modalFeedback>
<modalFeedback identifier="n1">Same.</modalFeedback><modalFeedback identifier="n2">Same.</modalFeedback>"""
    body = '<p>Which?</p><feedbackBlock identifier="general"><p>General.</p></feedbackBlock>'
    one = entry(item2(choices, body=body, rest=rest))

    assert one.draft is not None
    assert one.draft.stem == "Which?"
    assert [(option.text, option.rationale) for option in one.draft.options] == [
        ("Alpha", "In it.\n\nAnd after."),
        ("Beta", "Block."),
    ]
    assert one.draft.explanation == "General.\n\nSame."


def test_what_is_said_for_one_outcome_says_so() -> None:
    rest = """<modalFeedback identifier="correct">Well.</modalFeedback>
<modalFeedback identifier="INCORRECT">No.</modalFeedback>"""
    one = entry(item2(rest=rest))

    assert one.draft is not None
    assert one.draft.explanation == "If answered correctly:\n\nWell.\n\nOtherwise:\n\nNo."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (item2().replace("choiceInteraction", "orderInteraction"), "orderInteraction"),
        (item2(body='<p><textEntryInteraction responseIdentifier="R2"/></p>'), "composite"),
        (item2(body='<choiceInteraction responseIdentifier="R2"/>'), "composite"),
        (item2(attributes='adaptive="true"'), "adaptive"),
        (item2(rest='<templateDeclaration identifier="T"/>'), "itemTemplate"),
        (item2(body='<p><printedVariable identifier="T"/></p>'), "itemTemplate"),
        (item2(cardinality="ordered"), "ordered choiceInteraction"),
        (
            "<assessmentItem identifier='q1'><itemBody><p>Read.</p></itemBody></assessmentItem>",
            "no interaction",
        ),
        (
            (
                "<assessmentItem identifier='q1'><itemBody><inlineChoiceInteraction/><p>and</p>"
                "<inlineChoiceInteraction/></itemBody></assessmentItem>"
            ),
            "inlineChoiceInteraction",
        ),
    ],
)
def test_other_kinds_are_skipped_by_their_name(content: str, kind: str) -> None:
    one = entry(content)

    assert (one.skipped, one.draft, one.problems, one.place.item) == (kind, None, (), "q1")


def test_what_the_item_cannot_say_is_unstated() -> None:
    one = entry(item2(CHOICES.replace('"A"', '"A" fixed="false"'), interaction=""))

    assert one.draft is not None
    assert one.draft.unstated == {
        *("task_statement", "level", "testing_point", "references", "services", "enemies", "calculation"),
        *("verified_on", "distractor_tag", "shuffle", "explanation", "rationale"),
    }


def test_a_picture_that_did_not_come_along_is_asked_for() -> None:
    one = entry(item2(body='<p>Look: <img src="img/a%20b.png" alt="Plan"/></p>'))

    assert one.draft is not None
    assert (one.draft.stem, one.draft.exhibits) == ("Look: Plan", ())
    assert said(one) == [
        (
            "items.xml:5, item q1: warning: questions[0].stem: "
            "Upload the whole package to bring the picture along: it is not in this file. [img/a%20b.png]"
        )
    ]


def test_scripts_and_remote_pictures_are_left_out_and_named() -> None:
    one = entry(
        item2(body='<p onclick="x()">Q<script>alert(1)</script><img src="https://e.org/x.png" alt="R"/></p>')
    )

    assert one.draft is not None
    assert "alert" not in one.draft.stem
    (problem,) = one.problems
    assert problem.advice.startswith("Check the text: ")
    assert {"a script", "a remote image", "an event handler"} <= set(
        problem.advice.removeprefix("Check the text: ").removesuffix(" could not be kept.").split(", ")
    )


def test_more_pictures_than_anybody_shows_are_refused() -> None:
    one = entry(item2(body="<img src='data:image/png;base64,AA==' alt='x'/>" * 60))

    assert [problem.advice for problem in one.problems] == [
        "Use fewer pictures: 50 are the most that is read of one question."
    ]


@pytest.mark.parametrize(
    ("content", "line", "field", "advice"),
    [
        (
            item2(key="<correctResponse>\n<value>Z</value></correctResponse>"),
            *(4, "questions[0].key"),
            "Name a choice of the item as correct: it has none with this identifier.",
        ),
        (
            item2(CHOICES + '\n<simpleChoice identifier="B">Twice</simpleChoice>'),
            *(8, "questions[0].options[2]"),
            "Give every choice an identifier of its own: this one is taken.",
        ),
        (
            item2(CHOICES + "\n<simpleChoice>None</simpleChoice>"),
            *(8, "questions[0].options[2]"),
            "Give the choice an identifier: nothing can say that it is correct.",
        ),
        (
            item2().replace('responseIdentifier="RESPONSE"', 'responseIdentifier="ANSWER"'),
            *(6, "questions[0].options"),
            "Declare the response: no responseDeclaration has the identifier of the choiceInteraction.",
        ),
        (
            item2(THREE_CHOICES, TWO, cardinality="multiple", interaction='minChoices="3" maxChoices="3"'),
            *(6, "questions[0].options"),
            "Let as many be chosen as are correct: 2 are.",
        ),
        (
            item2(cardinality="several"),
            *(2, "questions[0].kind"),
            "Write single or multiple as the cardinality of the response.",
        ),
        (
            "<assessmentItem identifier='q1'>\n<responseDeclaration/></assessmentItem>",
            *(1, "questions[0].stem"),
            "Give the item an itemBody with the question and its choices.",
        ),
        (item2().replace("</choiceInteraction>", ""), 9, "", "Close <choiceInteraction>, opened in line 6"),
        (item2().replace("Alpha", "Alpha &nbsp; x"), 7, "", "Write "),
        ('<!DOCTYPE x [<!ENTITY a "b">]>\n' + item2(), 1, "", "Remove the document type"),
        (
            "<assessmentTest identifier='t'><assessmentItemRef href='a.xml'/></assessmentTest>",
            *(0, ""),
            "Upload the package with the items: this file only names them.",
        ),
    ],
)
def test_what_is_broken_is_named_with_its_line_and_field(
    content: str, line: int, field: str, advice: str
) -> None:
    (one,) = found(content)
    (problem,) = one.problems if isinstance(one, Entry) else (one,)

    assert (problem.severity, problem.line, problem.field) == ("error", line, field)
    assert problem.advice.startswith(advice)


def test_fewer_choices_than_correct_options_are_a_doubt_about_the_key() -> None:
    (one,) = found(item2(THREE_CHOICES, TWO, cardinality="multiple", interaction='maxChoices="1"'))
    assert isinstance(one, Entry)
    assert [(p.severity, p.line, p.advice) for p in one.problems] == [
        ("warning", 6, "Check the key: 2 options are correct, and so many will be asked for.")
    ]
    assert one.draft is not None
    assert one.draft.kind == "multiple_response"


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    list(read(Source("items.xml", content)))
    list(read(Source("items.xml", b"<assessmentItem>" + content + b"</assessmentItem>")))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_an_item_with_changed_pieces_is_read_or_refused(data: st.DataObject) -> None:
    pieces = re.split(r"(?=<)|(?<=>)|(?= )", EXAMPLES[0])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at] = data.draw(st.sampled_from([*pieces, "", "<", "&", "\0", "multiple", "]]>", "é"]))
    list(read(Source("items.xml", "".join(pieces).encode())))


def test_the_description_of_a_picture_that_did_not_come_stands_where_it_stood() -> None:
    text = item2().replace(
        "<choiceInteraction", '<p>Look: <img src="a.png" alt="a map"/> Where?</p><choiceInteraction', 1
    )
    (one,) = found(text)
    assert isinstance(one, Entry)
    assert one.draft is not None
    assert "Look: a map Where?" in one.draft.stem
    assert one.draft.exhibits == ()
    assert [(p.severity, p.field, p.text) for p in one.problems] == [
        ("warning", "questions[0].stem", "a.png")
    ]
