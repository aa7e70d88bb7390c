import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Draft, Entry, Exhibit, Export, Option, Problem, Reference, Rejected, Source
from questions.formats.archive import open_archive
from questions.formats.qti_package import FORMATS, read
from tests.questions.formats.qti_files import (
    entries,
    file12,
    found,
    gives,
    item2,
    item12,
    manifest,
    package,
    resource,
    said,
)

PNG = b"\x89PNG\r\n\x1a\n picture"
QTI12, QTI2 = FORMATS
TWO = {"o1": "Alpha", "o2": "Beta"}


def items(content: bytes) -> list[str]:
    return [one.place.item for one in entries(content, "bank.zip")]


def lines(content: bytes) -> list[str]:
    """Every problem of a package."""
    return [
        line
        for one in found(content, "bank.zip")
        for line in ([str(one)] if isinstance(one, Problem) else said(one))
    ]


def test_items_come_in_the_order_of_the_test_then_of_the_manifest_then_of_the_zip() -> None:
    files = {name: item2(identifier=name[0]) for name in ("a.xml", "b.xml", "c.xml", "d.xml", "e.xml")}
    test = """<assessmentTest><testPart><assessmentSection title="1.1 Storage">
<assessmentItemRef identifier="d" href="d.xml"/><assessmentSectionRef href="more/section.xml"/>
</assessmentSection></testPart></assessmentTest>"""
    section = '<assessmentSection title="Sub"><assessmentItemRef href="../b.xml"/></assessmentSection>'
    listed = manifest(resource("c.xml"), resource("b.xml"), resource("test.xml"))
    content = package(files | {"test.xml": test, "more/section.xml": section, "imsmanifest.xml": listed})

    got = entries(content)
    assert [one.place.item for one in got] == ["d", "b", "c", "a", "e"]
    assert [one.draft.labels for one in got if one.draft] == [
        ("1.1 Storage",),
        ("1.1 Storage", "Sub"),
        (),
        (),
        (),
    ]
    assert lines(content) == []


def test_keywords_of_the_manifest_are_fields_or_labels() -> None:
    words = (
        "task_statement:1.1|level:3|testing_point:It: all|service:Amazon S3|service:AWS Glue|enemy:q9|"
        "reference:https://e.org/a The page|verified_on:2026-01-31|distractor_tag:b wrong_setting|"
        "Storage|level:x"
    )
    listed = manifest(resource("my%20item.xml", words))
    (one,) = entries(package({"imsmanifest.xml": listed, "my item.xml": item2()}))

    assert one.draft is not None
    assert one.draft == replace(
        one.draft,
        task_statement="1.1",
        level=3,
        testing_point="It: all",
        services=("Amazon S3", "AWS Glue"),
        enemies=("q9",),
        references=(Reference("The page", "https://e.org/a"),),
        verified_on=date(2026, 1, 31),
    )
    assert [option.distractor_tag for option in one.draft.options] == [None, "wrong_setting"]
    assert one.draft.labels == ("Storage", "level:x")
    assert one.draft.unstated == {"calculation", "explanation", "rationale", "fixed"}


def test_taxa_of_the_classification_are_labels() -> None:
    lom = """<metadata><lom><classification><taxonPath>
<taxon><entry><langstring>Domain 1</langstring></entry>
<taxon><entry><string>Storage</string></entry></taxon></taxon></taxonPath></classification></lom></metadata>"""
    listed = manifest(resource("a.xml").replace("</resource>", f"{lom}</resource>"))
    (one,) = entries(package({"imsmanifest.xml": listed, "a.xml": item2()}))

    assert one.draft is not None
    assert one.draft.labels == ("Domain 1", "Storage")


def test_pictures_are_found_beside_the_item_at_the_root_and_by_the_end_of_their_path() -> None:
    body = """<p><img src="img/a%20b.png" alt="A"/> <img src="$IMS-CC-FILEBASE$/img/a%20b.png" alt="B"/>
<img src="%24IMS-CC-FILEBASE%24/up/c.png" alt="C"/></p><p>Which?</p>
<object data="../root.png" type="image/png">O</object><img src="data:image/png;base64,AAAA" alt="D"/>"""
    pictures: dict[str, str | bytes] = {
        "items/img/a b.png": PNG,
        "web/up/c.png": PNG + b"c",
        "root.png": PNG + b"r",
    }
    content = package(pictures | {"imsmanifest.xml": manifest(), "items/q.xml": item2(body=body)})
    (one,) = entries(content)

    assert one.draft is not None
    assert one.draft.stem == "(Figure 1) (Figure 2) (Figure 3)\n\nWhich?"
    assert one.draft.exhibits == (
        Exhibit("figure-1", "a-b.png", "A"),
        Exhibit("figure-2", "a-b.png", "B"),
        Exhibit("figure-3", "c.png", "C"),
        Exhibit("figure-4", "root.png", "O"),
        Exhibit("figure-5", "figure.png", "D"),
    )
    assert one.figures == {
        "a-b.png": PNG,
        "c.png": PNG + b"c",
        "root.png": PNG + b"r",
        "figure.png": b"\0\0\0",
    }


def test_pictures_of_one_name_in_two_folders_are_two() -> None:
    body = '<p>Which?<img src="x/p.png" alt="X"/><img src="y/p.png" alt=""/></p>'
    (one,) = entries(package({"q.xml": item2(body=body), "x/p.png": PNG, "y/p.png": PNG + b"y"}))

    assert (one.draft and one.draft.exhibits, one.figures) == (
        (Exhibit("figure-1", "p.png", "X"), Exhibit("figure-2", "p-2.png", "Figure 2")),
        {"p.png": PNG, "p-2.png": PNG + b"y"},
    )
    assert [problem.field for problem in one.problems] == ["questions[0].exhibits[1].alt"]


def test_a_picture_in_an_option_is_named_in_it_and_one_in_feedback_left_out() -> None:
    choice = """<simpleChoice identifier="A"><img src="p.png" alt="P"/>
<feedbackInline identifier="A">So: <img src="p.png" alt="P"/></feedbackInline></simpleChoice>"""
    (one,) = entries(package({"q.xml": item2(choice), "p.png": PNG}))

    assert one.draft is not None
    assert one.draft.options == (Option("a", "(Figure 1)", True, "So:"),)
    assert [problem.advice for problem in one.problems] == [
        "Move the picture into the stem: feedback cannot hold one, and it was left out."
    ]


def test_a_full_quiz_is_read_instead_of_its_reduced_copy() -> None:
    content = package(
        {
            "imsmanifest.xml": manifest(),
            "i1/assessment_qti.xml": file12(item12(TWO, gives("o1"), ident="q1", kind="cc.essay.v0p1")),
            "i2/assessment_qti.xml": file12(item12(TWO, gives("o1"), ident="q2")),
            "non_cc_assessments/i1.xml.qti": file12(item12(TWO, gives("o1"), ident="q1")),
        }
    )

    assert [(one.place.item, one.skipped, one.place.file) for one in entries(content, "bank.zip")] == [
        ("q2", "", "bank.zip/i2/assessment_qti.xml"),
        ("q1", "", "bank.zip/non_cc_assessments/i1.xml.qti"),
    ]


def test_an_item_that_a_bank_and_a_quiz_have_alike_is_read_once() -> None:
    same, other = item12(TWO, gives("o1")), item12(TWO, gives("o2"))

    assert items(package({"a.xml": file12(same), "b.xml": file12(same)})) == ["q1"]
    assert items(package({"a.xml": file12(same), "b.xml": file12(other)})) == ["q1", "q1"]


def test_a_broken_item_in_the_middle_costs_no_other() -> None:
    broken = item2(identifier="b").replace("</itemBody>", "")
    content = package(
        {
            "imsmanifest.xml": manifest(*(resource(f"{name}.xml") for name in "abc")),
            "a.xml": item2(identifier="a"),
            "b.xml": broken,
            "c.xml": item2(identifier="c"),
        }
    )

    assert items(content) == ["a", "b.xml", "c"]
    (problem,) = (problem for one in entries(content, "bank.zip") for problem in one.problems)
    assert (problem.file, problem.line, problem.item, problem.field) == (
        "bank.zip/b.xml",
        11,
        "b.xml",
        "questions[1]",
    )
    assert [one.raw for one in entries(content)][1] == broken


ADVICE = "Add imsmanifest.xml to keep the order and the keywords of items: the package has none."


@pytest.mark.parametrize(
    ("files", "expected_items", "expected_lines"),
    [
        ({"a.xml": item2()}, ["q1"], [f"bank.zip: warning: {ADVICE}"]),
        ({"x/imsmanifest.xml": manifest(resource("a.xml")), "x/a.xml": item2()}, ["q1"], []),
        (
            {"imsmanifest.xml": manifest()[:-3], "a.xml": item2()},
            ["q1"],
            ["bank.zip/imsmanifest.xml:5: warning: "],
        ),
        (
            {"imsmanifest.xml": manifest("\n", resource("b.xml")), "a.xml": item2()},
            ["q1", "r"],
            [
                (
                    "bank.zip/imsmanifest.xml:5, item r: error: questions[1]: "
                    "Add the file to the package, or mend its href in the manifest: it is not there."
                )
            ],
        ),
        (
            {
                "imsmanifest.xml": manifest(),
                "a.xml": item2(),
                "t.xml": "<assessmentTest>\n<assessmentItemRef identifier='z' href='z.xml'/>"
                "</assessmentTest>",
            },
            ["q1", "z"],
            [
                (
                    "bank.zip/t.xml:2, item z: error: questions[1]: "
                    "Add the file to the package, or mend its href in the test: it is not there."
                )
            ],
        ),
        (
            {"imsmanifest.xml": manifest(resource("a.xml")), "a.xml": "no XML"},
            ["a.xml"],
            ["bank.zip/a.xml:1, item a.xml: error: questions[0]: "],
        ),
        (
            {"imsmanifest.xml": manifest(), "quiz.xml": file12(item12(TWO, gives("o9")))},
            ["q1"],
            ["bank.zip/quiz.xml:9, item q1: error: questions[0].key: Name an option"],
        ),
        (
            {"imsmanifest.xml": manifest(), "quiz.xml": file12(item12(TWO, ""))[:-9]},
            ["q1"],
            ["bank.zip/quiz.xml:11: error: "],
        ),
        (
            {"imsmanifest.xml": manifest(), "notes.xml": "<notes/>"},
            [],
            ["bank.zip: error: Give a package with QTI items in it: this one has none."],
        ),
    ],
)
def test_what_is_broken_is_named_with_its_file_line_item_and_field(
    files: dict[str, str | bytes], expected_items: list[str], expected_lines: list[str]
) -> None:
    content = package(files)
    got = lines(content)

    assert items(content) == expected_items
    assert [line[: len(start)] for line, start in zip(got, expected_lines, strict=True)] == expected_lines


def test_what_is_no_package_is_refused() -> None:
    assert [str(one) for one in found(b"PK\x03\x04 no zip", "bank.zip")] == [
        "bank.zip: error: Pack the files again and upload the new zip: this one is damaged or cut off."
    ]


def test_sections_that_name_one_another_without_end_are_read_once() -> None:
    files = {
        f"s{number}.xml": "<assessmentSection>"
        + f'<assessmentSectionRef href="s{(number + 1) % 40}.xml"/>' * 3
        + f'<assessmentItemRef href="q{number}.xml"/></assessmentSection>'
        for number in range(40)
    }

    assert items(package(files | {"q0.xml": item2()})) == ["q1"] + [""] * 39


CHOICE = (Option("a", "1", True), Option("b", "2", False, "Why not."))


def draft(**fields: object) -> Draft:
    made = Draft(
        "multiple_response",
        'A "stem" with `a < b`, **bold** & a list:\n\n1. one\n2. two\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
        (
            Option("x1", "Plain & simple", True, "One *paragraph*.", None, True),
            Option("b", "```\nif a < b:\n    pass\n```", True, "Two\n\nparagraphs."),
            Option("c", "5\u00a0GB<br>", False, "", "wrong_setting"),
        ),
        id="q-1.2_x",
        task_statement="1.1",
        level=3,
        testing_point="What it tests: \U0001f389",
        explanation="Because of [this](https://e.org/?a=1&b=2).",
        references=(Reference("A & B", "https://e.org/a"),),
        services=("Amazon S3",),
        enemies=("q-2",),
        exhibits=(
            Exhibit("chart", "chart.png", 'An "alt" & more', "All that\n\nit shows."),
            Exhibit("map", "map.svg", "A map"),
        ),
        shuffle=False,
        verified_on=date(2026, 11, 20),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def written(*drafts: Draft) -> bytes:
    figures = {
        (one.id, exhibit.file): PNG + exhibit.file.encode() for one in drafts for exhibit in one.exhibits
    }
    assert QTI2.write is not None
    return QTI2.write(Export(drafts, "mls-c01", "Bank & co", figures))


def test_our_package_comes_back_equal() -> None:
    first, second = (
        draft(),
        draft(id="2 spaces", kind="multiple_choice", options=CHOICE, exhibits=(), explanation=""),
    )
    got = entries(written(first, second))

    assert [one.draft for one in got] == [first, second]
    assert [one.figures for one in got] == [
        {"chart.png": PNG + b"chart.png", "map.svg": PNG + b"map.svg"},
        {},
    ]
    assert [said(one) for one in got] == [[], []]


def test_the_same_questions_make_the_same_package() -> None:
    assert written(draft()) == written(draft())


def test_our_package_is_what_2_1_says() -> None:
    archive = open_archive(written(draft(), draft(id="1st")))
    item = (archive.read("items/q-1.2_x.xml") or b"").decode()

    assert list(archive.names()) == [
        "imsmanifest.xml",
        "test.xml",
        "items/q-1.2_x.xml",
        "images/q-1.2_x/chart.png",
        "images/q-1.2_x/chart.png.txt",
        "images/q-1.2_x/map.svg",
        "items/item_2.xml",
        "images/item_2/chart.png",
        "images/item_2/chart.png.txt",
        "images/item_2/map.svg",
    ]
    assert re.findall(r"<(choiceInteraction [^>]*|responseDeclaration [^>]*)>", item) == [
        'responseDeclaration identifier="RESPONSE" cardinality="multiple" baseType="identifier"',
        'choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="2" minChoices="2"',
    ]
    assert re.findall(r"tabindex|role=|aria-", item) == []
    assert re.findall(r"<feedback(Inline|Block) ", item) == ["Inline", "Block"]


def rejected(content: bytes, name: str) -> list[Rejected]:
    return [Rejected(one.raw, one.problems) for one in entries(content, name) if one.problems]


def given_back(content: bytes, name: str = "bank.zip") -> bytes:
    assert QTI2.give_back is not None
    return QTI2.give_back(Source(name, content), rejected(content, name))


def test_a_file_gives_back_what_was_left_out_beside_its_problems() -> None:
    bad = item12(TWO, gives("o9--"), ident="q2")
    content = file12(item12(TWO, gives("o1")), bad).encode()
    back = given_back(content, "items.xml").decode()

    assert "<!-- items.xml:" in back
    assert "[o9- -] -->" in back
    again = entries(back)
    assert [(one.place.item, one.raw) for one in again] == [("q2", bad)]
    mended = entries(back.replace("<varequal>o9--", "<varequal>o1"))
    assert [said(one) for one in mended] == [[]]


def test_a_single_item_is_given_back_as_it_stood() -> None:
    content = (
        '<?xml version="1.0"?>\n' + item2(key="<correctResponse><value>Z</value></correctResponse>")
    ).encode()
    back = given_back(content, "items.xml").decode()

    assert back.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!-- items.xml:4')
    assert [one.place.item for one in entries(back)] == ["q1"]


def test_a_package_gives_back_its_items_pictures_and_resources() -> None:
    wrong = item2(
        key="<correctResponse><value>Z</value></correctResponse>", body='<p>Q<img src="p.png" alt="P"/></p>'
    )
    broken = item2(identifier="b")[:-5]
    listed = manifest(
        resource("a.xml", "Good"), resource("b.xml"), resource("c.xml", "level:1|Kept"), resource("d.xml")
    )
    files: dict[str, str | bytes] = {"imsmanifest.xml": listed, "a.xml": item2(), "b.xml": broken}
    content = package(files | {"c.xml": wrong, "p.png": PNG})
    back = given_back(content)
    archive = open_archive(back)

    assert sorted(archive.names()) == ["b.xml", "c.xml", "imsmanifest.xml", "p.png"]
    assert b"Good" not in (archive.read("imsmanifest.xml") or b"")
    again = entries(back)
    assert [(one.place.item, bool(one.problems)) for one in again] == [
        ("b.xml", True),
        ("q1", True),
        ("r", True),
    ]
    assert [one.draft.labels for one in again if one.draft] == [("Kept",)]
    assert [one.figures for one in again if one.draft] == [{"p.png": PNG}]
    mended = package(
        {
            name: (archive.read(name) or b"").replace(b"<value>Z", b"<value>A")
            for name in archive.names()
            if name != "b.xml"
        }
        | {"b.xml": item2(identifier="b"), "d.xml": item2(identifier="d")}
    )
    assert lines(mended) == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_package_with_changed_files_is_read_or_refused(data: st.DataObject) -> None:
    files = {
        "imsmanifest.xml": manifest(resource("a.xml", "x")),
        "a.xml": item2(),
        "t.xml": "<assessmentTest><assessmentItemRef href='a.xml'/></assessmentTest>",
        "quiz.xml": file12(item12(TWO, gives("o1"))),
    }
    for name in data.draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=3)):
        start = data.draw(st.integers(0, len(files[name])))
        end = data.draw(st.integers(start, min(start + 40, len(files[name]))))
        put = data.draw(st.sampled_from(["", "<", "&", "\0", "</a>", "<!--", files[name][:80], "../"]))
        files[name] = files[name][:start] + put + files[name][end:]
    content = package(files)
    left_out = [
        Rejected(one.raw, one.problems) for one in read(Source("bank.zip", content)) if isinstance(one, Entry)
    ]
    assert QTI2.give_back is not None
    list(read(Source("again.zip", QTI2.give_back(Source("bank.zip", content), left_out))))
