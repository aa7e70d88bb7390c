"""One small good file of each format that is read, and packages made of them."""

from questions.formats.archive import write_archive
from questions.formats.registry import FORMATS, package
from tests.questions.builders import draft
from tests.questions.formats.made_up import PNG, export

_QTI_12 = b"""<?xml version="1.0" encoding="UTF-8"?>
<questestinterop><assessment ident="a" title="Quiz"><section ident="s"><item ident="q1" title="One">
<itemmetadata><qtimetadata><qtimetadatafield><fieldlabel>question_type</fieldlabel>
<fieldentry>multiple_choice_question</fieldentry></qtimetadatafield></qtimetadata></itemmetadata>
<presentation><material><mattext texttype="text/html">&lt;p&gt;Which?&lt;/p&gt;</mattext></material>
<response_lid ident="response1" rcardinality="Single"><render_choice>
<response_label ident="1"><material><mattext>One</mattext></material></response_label>
<response_label ident="2"><material><mattext>Two</mattext></material></response_label>
</render_choice></response_lid></presentation><resprocessing><outcomes><decvar varname="SCORE"/></outcomes>
<respcondition continue="No"><conditionvar><varequal respident="response1">2</varequal></conditionvar>
<setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing>
</item></section></assessment></questestinterop>
"""
_TAB_TEXT = (
    b"MC\tWhich?\tOne\tincorrect\tTwo\tcorrect\nMA\tWhich two?\tA\tcorrect\tB\tcorrect\tC\tincorrect\n"
)
_DRAFTS = (
    draft("q-001", explanation="Because.", references=[{"title": "T", "url": "https://example.org/"}]),
    draft("q-002", stem="One\n\n```\na < b\n```", exhibits=[{"id": "f", "file": "a.png", "alt": "A"}]),
)

SEEDS: dict[str, bytes] = {"qti12": _QTI_12, "tab-text": _TAB_TEXT} | {
    slug: format_.write(export(*_DRAFTS))
    for slug, format_ in FORMATS.items()
    if format_.write and format_.read
}
"""A file of each format that is read, by slug."""

PACKAGES: dict[str, bytes] = {
    slug: write_archive(
        {f"bank{FORMATS[slug].suffix}": content, "exhibits/a.png": PNG, "readme.md": b"Read me."}
    )
    for slug, content in SEEDS.items()
    if slug != "qti2"
} | {"qti2": package(export(*_DRAFTS), "qti2")[1]}
"""The same in zips."""
