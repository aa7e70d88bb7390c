"""Our questions as a QTI 2.1 package: a file for each item, a test for their order, a manifest with keywords.

Texts are written as the XHTML that our pages show, and nothing else: the Markdown that they were made of is
not carried along. A second copy of each text, in a file of its own or in a rubric for authors, would have to
win over the first or lose to it; winning, it would undo in silence what somebody mended in another program,
and losing, it would be of no use. So texts come back equal as they are shown, in the spelling of our reader.

Rationales stand inside their choices, as `feedbackInline` where they are one paragraph and `feedbackBlock`
otherwise; the explanation is `modalFeedback`; exhibits end the stem, and their long descriptions are files
that `longdesc` names. What QTI has no place for are keywords (see `keywords`). The number of a list's
first item is kept, though 2.1's own subset of XHTML has no `start`."""

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from xml.sax.saxutils import escape, quoteattr

from questions.formats import Draft, Export, Option
from questions.formats.archive import write_archive
from questions.formats.keywords import keywords
from questions.formats.qti2 import OWN_CHOICE
from questions.formats.qti_content import OWN_EXHIBIT
from questions.rendering import option_to_html, to_html

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_QTI = (
    'xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.imsglobal.org/xsd/imsqti_v2p1 '
    'http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1p2.xsd"'
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ATTRIBUTES = frozenset({"href", "title", "start", "class", "scope"})
_BLOCK = re.compile(r"<(?:p|pre|ul|ol|blockquote|div|table)\b")


def write(export: Export) -> bytes:
    """The package's bytes; equal drafts give equal bytes."""
    identifiers = _identifiers(export.drafts)
    files: dict[str, bytes] = {}
    resources = []
    for draft, identifier in zip(export.drafts, identifiers, strict=True):
        pictures = _pictures(draft, identifier, export.figures)
        resources.append(_resource(draft, identifier, list(pictures)))
        files[f"items/{identifier}.xml"] = _item(draft, identifier).encode()
        files |= pictures
    title = export.title or export.certification
    first = {
        "imsmanifest.xml": _manifest(title, resources, identifiers).encode(),
        "test.xml": _test(title, identifiers).encode(),
    }
    return write_archive(first | files)


def _identifiers(drafts: Sequence[Draft]) -> list[str]:
    """An identifier for each item: its id where QTI allows that as a name, and it is the only one."""
    taken = {"test"}
    identifiers = []
    for number, draft in enumerate(drafts, 1):
        identifier = draft.id if _IDENTIFIER.fullmatch(draft.id) else f"item_{number}"
        while identifier.casefold() in taken:
            identifier += f"_{number}"
        taken.add(identifier.casefold())
        identifiers.append(identifier)
    return identifiers


def _pictures(draft: Draft, identifier: str, figures: Mapping[tuple[str, str], bytes]) -> dict[str, bytes]:
    """The files of an item's exhibits, and of their long descriptions, by their path."""
    files = {}
    for exhibit in draft.exhibits:
        path = f"images/{identifier}/{exhibit.file}"
        content = figures.get((draft.id, exhibit.file))
        if content is not None:
            files[path] = content
        if exhibit.long_description:
            files[f"{path}.txt"] = exhibit.long_description.encode()
    return files


def _item(draft: Draft, identifier: str) -> str:
    is_single = draft.kind == "multiple_choice"
    values = "".join(f"<value>{OWN_CHOICE}{option.id}</value>" for option in draft.options if option.correct)
    keys = sum(option.correct for option in draft.options)
    number = 'maxChoices="1"' if is_single else f'maxChoices="{keys}" minChoices="{keys}"'
    choices = "\n".join(_choice(option) for option in draft.options)
    chosen = '<variable identifier="RESPONSE"/>'
    return f"""{_DECLARATION}<assessmentItem {_QTI}
 identifier="{identifier}" title={quoteattr(_xml(draft.id or identifier))} adaptive="false" \
timeDependent="false">
<responseDeclaration identifier="RESPONSE" cardinality="{"single" if is_single else "multiple"}" \
baseType="identifier">
<correctResponse>{values}</correctResponse>
</responseDeclaration>
<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float">
<defaultValue><value>0</value></defaultValue>
</outcomeDeclaration>
<outcomeDeclaration identifier="FEEDBACK" cardinality="multiple" baseType="identifier"/>
<outcomeDeclaration identifier="EXPLANATION" cardinality="single" baseType="identifier"/>
<itemBody>
{_xhtml(to_html(draft.stem))}
{_exhibits(draft, identifier)}<choiceInteraction responseIdentifier="RESPONSE" \
shuffle="{_flag(draft.shuffle)}" {number}>
{choices}
</choiceInteraction>
</itemBody>
<responseProcessing>
<responseCondition><responseIf>
<match>{chosen}<correct identifier="RESPONSE"/></match>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>
</responseIf></responseCondition>
<setOutcomeValue identifier="FEEDBACK">{f"<multiple>{chosen}</multiple>" if is_single else chosen}\
</setOutcomeValue>
<setOutcomeValue identifier="EXPLANATION">
<baseValue baseType="identifier">general</baseValue>
</setOutcomeValue>
</responseProcessing>
{_explanation(draft)}</assessmentItem>
"""


def _choice(option: Option) -> str:
    name = f"{OWN_CHOICE}{option.id}"
    text = _xhtml(option_to_html(option.text))
    rationale = option_to_html(option.rationale) if option.rationale else ""
    tag = "feedbackBlock" if _BLOCK.search(rationale) else "feedbackInline"
    shown = (
        f'<{tag} outcomeIdentifier="FEEDBACK" identifier="{name}" showHide="show">{_xhtml(rationale)}</{tag}>'
    )
    fixed = _flag(option.fixed)
    return (
        f'<simpleChoice identifier="{name}" fixed="{fixed}">{text}{shown if rationale else ""}</simpleChoice>'
    )


def _exhibits(draft: Draft, identifier: str) -> str:
    images = []
    for exhibit in draft.exhibits:
        source = f"../images/{identifier}/{exhibit.file}"
        described = f" longdesc={quoteattr(f'{source}.txt')}" if exhibit.long_description else ""
        named = f'id="{OWN_EXHIBIT}{exhibit.id}"'
        image = f"<img {named} src={quoteattr(source)} alt={quoteattr(_xml(exhibit.alt))}{described}/>"
        images.append(f'<div class="exhibit">{image}</div>\n')
    return "".join(images)


def _explanation(draft: Draft) -> str:
    if not draft.explanation:
        return ""
    return (
        '<modalFeedback outcomeIdentifier="EXPLANATION" identifier="general" showHide="show">\n'
        f"{_xhtml(to_html(draft.explanation))}\n</modalFeedback>\n"
    )


def _test(title: str, identifiers: Sequence[str]) -> str:
    references = "\n".join(
        f'<assessmentItemRef identifier="{identifier}" href="items/{identifier}.xml"/>'
        for identifier in identifiers
    )
    return f"""{_DECLARATION}<assessmentTest {_QTI}
 identifier="test" title={quoteattr(_xml(title))}>
<testPart identifier="part" navigationMode="nonlinear" submissionMode="simultaneous">
<assessmentSection identifier="section" title="" visible="false">
{references}
</assessmentSection>
</testPart>
</assessmentTest>
"""


def _manifest(title: str, resources: Sequence[str], identifiers: Sequence[str]) -> str:
    dependencies = "\n".join(
        f'<dependency identifierref="resource_{identifier}"/>' for identifier in identifiers
    )
    items = "\n".join(resources)
    return f"""{_DECLARATION}<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="manifest">
<metadata>
<schema>QTIv2.1 Package</schema>
<schemaversion>1.0.0</schemaversion>
{_lom(title, ())}
</metadata>
<organizations/>
<resources>
<resource identifier="test" type="imsqti_test_xmlv2p1" href="test.xml">
<file href="test.xml"/>
{dependencies}
</resource>
{items}
</resources>
</manifest>
"""


def _resource(draft: Draft, identifier: str, pictures: Sequence[str]) -> str:
    words = list(keywords(draft))
    if draft.id and draft.id != identifier:
        words.insert(0, f"id:{draft.id}")
    path = f"items/{identifier}.xml"
    files = "\n".join(f"<file href={quoteattr(name)}/>" for name in [path, *pictures])
    return f"""<resource identifier="resource_{identifier}" type="imsqti_item_xmlv2p1" href="{path}">
<metadata>{_lom(draft.id or identifier, words)}</metadata>
{files}
</resource>"""


def _lom(title: str, words: Sequence[str]) -> str:
    keyword = "".join(f"<keyword><string>{escape(_xml(word))}</string></keyword>" for word in words)
    general = f"<general><title><string>{escape(_xml(title))}</string></title>{keyword}</general>"
    return f'<lom xmlns="http://ltsc.ieee.org/xsd/LOM">{general}</lom>'


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _xml(text: str) -> str:
    """Text without the characters that may not stand in XML."""
    return _NOT_XML.sub("", text)


def _xhtml(html: str) -> str:
    """HTML of our own renderer as XML, without the attributes that only a page needs."""
    writer = _Xhtml()
    writer.feed(html)
    writer.close()
    return _xml("".join(writer.pieces))


class _Xhtml(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = "".join(f" {name}={quoteattr(value or '')}" for name, value in attrs if name in _ATTRIBUTES)
        self.pieces.append(f"<{tag}{kept}{'/' if tag == 'br' else ''}>")

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(escape(data))
