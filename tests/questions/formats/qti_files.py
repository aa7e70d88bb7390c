"""QTI items and packages as tests write them, with only what differs said."""

from collections.abc import Mapping
from html import escape

from questions.formats import Entry, Problem, Source
from questions.formats.archive import write_archive
from questions.formats.qti_package import read

CHOICES = '<simpleChoice identifier="A">Alpha</simpleChoice><simpleChoice identifier="B">Beta</simpleChoice>'
KEY = "<correctResponse><value>A</value></correctResponse>"


def item2(
    choices: str = CHOICES,
    key: str = KEY,
    *,
    body: str = "<p>Which?</p>",
    cardinality: str = "single",
    interaction: str = 'shuffle="true" maxChoices="1"',
    rest: str = "",
    attributes: str = "",
    identifier: str = "q1",
) -> str:
    """An item of 2.1 with one choice interaction."""
    return f"""<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" \
identifier="{identifier}" {attributes}>
<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="identifier">
{key}
</responseDeclaration>
<itemBody>{body}
<choiceInteraction responseIdentifier="RESPONSE" {interaction}>
{choices}
</choiceInteraction>
</itemBody>
{rest}
</assessmentItem>"""


def item12(
    options: Mapping[str, str],
    conditions: str,
    *,
    kind: str = "multiple_choice_question",
    stem: str = "Which?",
    cardinality: str = ' rcardinality="Single"',
    rest: str = "",
    ident: str = "q1",
) -> str:
    """An item of 1.2 with one list of choices, whose texts are HTML."""
    metadata = f"""<itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>
<fieldentry>{kind}</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>"""
    labels = "\n".join(
        f'<response_label ident="{name}"><material>{_html(text)}</material></response_label>'
        for name, text in options.items()
    )
    return f"""<item ident="{ident}">{metadata if kind else ""}
<presentation><material>{_html(stem)}</material>
<response_lid ident="response1"{cardinality}><render_choice>
{labels}
</render_choice></response_lid></presentation>
<resprocessing>{conditions}</resprocessing>{rest}
</item>"""


def _html(text: str) -> str:
    return f'<mattext texttype="text/html">{escape(text)}</mattext>'


def gives(name: str, points: str = "100", extra: str = "") -> str:
    """A condition that gives points for one option."""
    return (
        f"<respcondition><conditionvar><varequal>{name}</varequal></conditionvar>"
        f'<setvar action="Set" {extra}>{points}</setvar></respcondition>\n'
    )


def file12(*items: str) -> str:
    joined = "\n".join(items)
    return f"<questestinterop><assessment><section>\n{joined}\n</section></assessment></questestinterop>"


def manifest(*resources: str) -> str:
    joined = "\n".join(resources)
    return f"<manifest>\n<resources>\n{joined}\n</resources>\n</manifest>"


def resource(path: str, keywords: str = "") -> str:
    words = "".join(f"<keyword><string>{word}</string></keyword>" for word in keywords.split("|") if word)
    metadata = f"<metadata><lom><general>{words}</general></lom></metadata>" if words else ""
    return f'<resource identifier="r" type="imsqti_item_xmlv2p1" href="{path}">{metadata}</resource>'


def found(content: str | bytes, name: str = "items.xml") -> list[Entry | Problem]:
    return list(read(Source(name, content.encode() if isinstance(content, str) else content)))


def entries(content: str | bytes, name: str = "items.xml") -> list[Entry]:
    return [one for one in found(content, name) if isinstance(one, Entry)]


def entry(content: str | bytes) -> Entry:
    (only,) = found(content)
    assert isinstance(only, Entry)
    return only


def package(files: Mapping[str, str | bytes]) -> bytes:
    return write_archive(
        {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    )


def said(one: Entry) -> list[str]:
    """The problems of an entry as lines."""
    return [str(problem) for problem in one.problems]


def options(one: Entry) -> list[tuple[str, str, bool]]:
    assert one.draft is not None
    return [(option.id, option.text, option.correct) for option in one.draft.options]
