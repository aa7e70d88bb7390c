"""Moodle XML out of drafts: texts as Markdown, figures embedded, our own fields as tags."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from questions.formats import Draft, Export, Option, option_id
from questions.formats.keywords import keywords
from questions.formats.moodle_texts import escape_tags, figure_tag

TAG_LENGTH = 50
"""Moodle cuts a tag here. We write none that is just as long, so that one that is must have been cut."""
NAME_LENGTH = 100
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write(export: Export) -> bytes:
    """A <quiz>; what XML cannot hold (control characters) is left out."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    category = ""
    for draft in export.drafts:
        if (named := _category(export, draft)) != category:
            category = named
            parts.append(f'<question type="category"><category>{_plain(category)}</category></question>')
        parts += _question(export, draft)
    return NO_XML.sub("", "\n".join([*parts, "</quiz>", ""])).encode()


def _category(export: Export, draft: Draft) -> str:
    domain = export.domains.get(draft.task_statement)
    levels = [export.title or export.certification, *(domain[1:] if domain else ())]
    return "/".join(["$course$/top", *(level.replace("/", "//") for level in levels)])


def _question(export: Export, draft: Draft) -> Iterator[str]:
    options = [replace(option, id=option_id(n)) for n, option in enumerate(draft.options)]
    single = draft.kind == "multiple_choice"
    yield '<question type="multichoice">'
    yield f"<name>{_plain(draft.id or draft.stem[:NAME_LENGTH])}</name>"
    yield f'<questiontext format="markdown">{_stem(draft)}'
    yield from _files(export, draft)
    yield "</questiontext>"
    yield f'<generalfeedback format="markdown">{_markdown(draft.explanation)}</generalfeedback>'
    yield "<defaultgrade>1</defaultgrade>"
    yield "<penalty>0</penalty>"
    yield "<hidden>0</hidden>"
    yield f"<idnumber>{escape(draft.id)}</idnumber>"
    yield f"<single>{'true' if single else 'false'}</single>"
    yield f"<shuffleanswers>{'true' if draft.shuffle else 'false'}</shuffleanswers>"
    yield "<answernumbering>ABCD</answernumbering>"
    keys = sum(option.correct for option in options)
    yield from (_answer(option, 1 if single else keys) for option in options)
    yield "<tags>"
    yield from (f"<tag>{_plain(tag)}</tag>" for tag in _tags(replace(draft, options=tuple(options))))
    yield "</tags>"
    yield "</question>"


def _answer(option: Option, keys: int) -> str:
    fraction = f"{100 / keys:.5f}".rstrip("0").rstrip(".") if option.correct else "0"
    feedback = f'<feedback format="markdown">{_markdown(option.rationale)}</feedback>'
    return f'<answer fraction="{fraction}" format="markdown">{_markdown(option.text)}{feedback}</answer>'


def _tags(draft: Draft) -> Iterator[str]:
    """Our own fields; a tag that looks as if Moodle had cut it gets a space, which means nothing."""
    for tag in keywords(draft):
        if not tag.startswith("reference:"):
            yield tag.replace(":", ": ", 1) if len(tag) == TAG_LENGTH else tag


def _files(export: Export, draft: Draft) -> Iterator[str]:
    for name in dict.fromkeys(exhibit.file for exhibit in draft.exhibits):
        content = export.figures.get((draft.id, name))
        if content is not None:
            encoded = b64encode(content).decode()
            yield f'<file name={quoteattr(name)} path="/" encoding="base64">{encoded}</file>'


def _stem(draft: Draft) -> str:
    return _cdata("\n\n".join([escape_tags(draft.stem), *map(figure_tag, draft.exhibits)]))


def _markdown(text: str) -> str:
    return _cdata(escape_tags(text))


def _cdata(text: str) -> str:
    text = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    return f"<text><![CDATA[{text}]]></text>"


def _plain(text: str) -> str:
    return f"<text>{escape(' '.join(text.split()))}</text>"
