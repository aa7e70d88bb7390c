from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questions.formats import Source
from questions.formats.moodle_xml import FORMAT
from questions.formats.xml_nodes import CHUNK, Element, UnreadableXmlError, elements
from tests.benchmarks.yardstick import within


def found(content: str | bytes, *wanted: str, encoding: str = "utf-8") -> list[Element]:
    content = content.encode() if isinstance(content, str) else content
    return list(elements(content, "f.xml", wanted or ("q",), encoding=encoding))


def refusal(content: str | bytes) -> tuple[int, str]:
    with pytest.raises(UnreadableXmlError) as error:
        found(content)
    return error.value.line, error.value.message


def test_an_element_comes_with_its_line_children_path_and_piece_of_the_file() -> None:
    content = '<a>\n<x:q b="1" xmlns="u">c<d/>&lt;<![CDATA[<e>]]><!-- f -->g</x:q>\n</a>'

    (element,) = found(content)

    assert element == Element(
        "q",
        {"b": "1"},
        2,
        ["c", Element("d", {}, 2, [], ("a", "q")), "<<e>g"],
        ("a",),
        '<x:q b="1" xmlns="u">c<d/>&lt;<![CDATA[<e>]]><!-- f -->g</x:q>',
        element.done,
    )
    assert element.text == "c<<e>g"
    assert element.inner_html() == "c<d/>&lt;&lt;e&gt;g"


@pytest.mark.parametrize(
    "piece", ["<q/>", "<q></q>", "<q>/></q>", "<q><q/></q>", '<q a="/>"/>', "<q><![CDATA[]]></q >"]
)
def test_the_piece_of_an_element_is_as_it_stood(piece: str) -> None:
    assert [element.xml() for element in found(f"<a>{piece}{piece}</a>")] == [piece, piece]


def test_children_are_found_by_name_beside_and_below() -> None:
    (element,) = found("<q><a>1<b>2</b></a><b>3</b><a/></q>")

    assert element.child("c") is None
    assert [child.text for child in element.all("a")] == ["12", ""]
    assert [child.text for child in element.below("b")] == ["2", "3"]
    assert element.elements[0].xml() == "<a>1<b>2</b></a>"


def test_names_can_be_made_the_same_before_they_are_compared() -> None:
    (element,) = elements(b'<qti-q a-b="1"/>', "f.xml", {"Q"}, normalise=lambda name: name[-1].upper())

    assert (element.tag, element.attributes) == ("Q", {"B": "1"})


def test_the_share_read_grows_to_one_in_files_longer_than_a_chunk() -> None:
    shares = [element.done for element in found("<a>" + "<q>\u00e4 text</q>\n" * 20_000 + "</a>")]

    assert shares == sorted(set(shares))
    assert (round(shares[0], 3), round(shares[9_999], 3), round(shares[-1], 3)) == (0, 0.5, 1)


def test_a_piece_longer_than_a_chunk_is_whole() -> None:
    piece = "<q>" + "\u00e4&amp;" * CHUNK + "</q>"

    (element,) = found(f"<a>{piece}</a>")

    assert (element.source, element.text) == (piece, "\u00e4&" * CHUNK)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "\u00e4\u20ac"),
        ("utf-8-sig", "\u00e4\u20ac"),
        ("utf-16", "\u00e4\u20ac"),
        ("utf-16-le", "\u00e4\u20ac"),
        ("utf-16-be", "\u00e4\u20ac"),
        ("iso-8859-1", "\u00e4"),
        ("iso-8859-15", "\u00e4\u20ac"),
        ("windows-1251", "\u0416\u20ac"),
        ("windows-1252", "\u00e4\u20ac"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_it_declares(encoding: str, text: str) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    content = f'<?xml version="1.0" encoding="{declared}"?>\n<q>{text}</q>'.encode(encoding)

    assert [(element.text, element.line) for element in found(content)] == [(text, 2)]


def test_an_encoding_that_somebody_chose_stands_against_the_declared_one() -> None:
    content = '<?xml version="1.0" encoding="utf-8"?><q>\u00e4</q>'.encode("cp1252")

    assert [element.text for element in found(content, encoding="cp1252")] == ["\u00e4"]


BILLION = (
    '<!DOCTYPE a [\n<!ENTITY b "bb">' + "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 9))
) + "]>\n<a><q>&b8;</q></a>"
DOCTYPE = "Remove the document type (<!DOCTYPE \u2026>) and the entities in it: a file may not define any."


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (BILLION, 1, DOCTYPE),
        ('<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 2, DOCTYPE),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><q>&x;</q></a>', 1, DOCTYPE),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "https://e.org/x">%x;]><a/>', 1, DOCTYPE),
        ("<a>\n" * 120, 101, "Flatten this: elements are nested more than 100 deep."),
        ("<q>" + "<b/>" * 20_001, 1, "Simplify this: one question may have 20,000 elements."),
        (
            "<q " + " ".join(f"a{n}='1'" for n in range(101)) + "/>",
            1,
            "Remove attributes: 100 are the most that is read.",
        ),
        (
            f'<q a="{"x" * 1_500_001}"/>',
            1,
            "Shorten the attribute: 1,500,000 characters are the most that is read.",
        ),
        (
            f"<a>\n<q>{'x' * 20_100_000}</q></a>",
            2,
            "Make this smaller: 20,000,000 bytes are the most that is read of one question.",
        ),
        ("<a>\n<q>&uarr;</q></a>", 2, "Write \u2191 instead of &uarr;: XML does not know that name."),
        ("<a>&nbsp;</a>", 1, "Write &#160; instead of &nbsp;: XML does not know that name."),
        ("<a>&what;</a>", 1, "Write the character itself instead of &what;: XML does not know that name."),
        ("<a>\nb & c</a>", 2, "Write &amp; where an ampersand is meant: a lone & may not stand in XML."),
        ("<a>1 < 2</a>", 1, "Write &lt; where a less-than sign is meant, or mend the tag that begins here."),
        ("<a>\x0b</a>", 1, "Remove the control character U+000B: it may not stand in XML."),
        ("<a>\n<b>\n</a>", 3, "Close <b>, opened in line 2, first: another end tag stands here."),
        ("<a>\n<b>\n", 3, "Complete the file: it breaks off inside <b>, opened in line 2."),
        ("<a><b", 1, "Close the tag that begins here."),
        ("<a/>\n<b/>", 2, "Remove what stands after the end of the first element."),
        (
            '\n<?xml version="1.0"?><a/>',
            2,
            "Remove what stands before <?xml: it must be the very first thing.",
        ),
        (
            '<?xml version="1.0"encoding="utf-8"?><a/>',
            1,
            'Mend the first line: write <?xml version="1.0" encoding="UTF-8"?>.',
        ),
        ("question", 1, "Give an XML file: this does not begin with a tag."),
        (" \n", 0, "Choose another file: f.xml is empty."),
        (
            '<?xml version="1.0" encoding="EUC-JP"?><a/>',
            1,
            "Save the file as UTF-8: the encoding EUC-JP is not read.",
        ),
        (
            '<?xml version="1.0" encoding="utf-16"?><a/>',
            1,
            'Write encoding="UTF-8" in the first line: the file is not in UTF-16, as it says.',
        ),
        (
            b"<a>\n\xe4</a>",
            2,
            "Save the file as UTF-8, or say what it is written in: the byte 0xE4 here is not UTF-8.",
        ),
        ("<a/>".encode("utf-32"), 1, "Save the file as UTF-8: it is written in UTF-32."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content: str | bytes, line: int, message: str) -> None:
    assert refusal(content) == (line, message)


def test_what_is_complete_before_a_break_still_comes() -> None:
    reading = elements(b"<a><q>1</q><q>2</q><q>&uarr;", "f.xml", {"q"})

    assert [next(reading).text, next(reading).text] == ["1", "2"]
    with pytest.raises(UnreadableXmlError):
        next(reading)


PARTS = [b"<q>", b"</q>", b"<a ", b'b="', b'"', b"/>", b"<![CDATA[", b"]]>", b"&#10;", b"&", b"<!--", b"-->"]
PARTS += [
    b"<?xml version='1.0' encoding='",
    b"utf-16",
    b"'?>",
    b"<!DOCTYPE q [",
    b"\xff\xfe",
    b"\x00",
    b"\xc3",
]
MOODLE = [b'<question type="multichoice">', b"</question>", b"<answer fraction='", b"<text>", b"</text>"]
MOODLE += [b"<questiontext format='markdown'>", b"</questiontext>", b"<file name='x'", b"<single>", b"<tag>"]
MOODLE += [b"&lt;img src=data:image/png;base64,AA==&gt;", b"@@PLUGINFILE@@/x", b"<image_base64>", b"<hint>"]
broken = st.lists(st.sampled_from(PARTS + MOODLE) | st.binary(max_size=8), max_size=24).map(b"".join)


@settings(max_examples=100)
@given(broken)
def test_no_bytes_break_the_readers(content: bytes) -> None:
    assert FORMAT.read is not None
    for each in FORMAT.read(Source("f.xml", b"<quiz>" + content)):
        assert each
    with suppress(UnreadableXmlError):
        found(content)


@pytest.mark.parametrize(
    "text",
    [
        "<b>", "![](", "![", "[", "`", "` ", "\\", "\n", "||\n|-|-|\n", "</p>", "<img src=a>", "aaaa", "&lt;",
        "<table><tr><td>", "data:image/png;base64,",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["html", "markdown", "moodle_auto_format"])
def test_a_long_text_made_to_be_slow_is_not(form: str, text: str) -> None:
    assert FORMAT.read is not None
    inside = f"<br>{text * (20_000 // len(text))}"
    content = f'<question type="multichoice"><questiontext format="{form}"><text><![CDATA[{inside}]]></text>'
    with within(2):
        (found_entry,) = FORMAT.read(Source("f.xml", f"{content}</questiontext></question>".encode()))
    assert found_entry
