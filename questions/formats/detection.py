"""What format a file is in, and which file of a package holds the questions.

A name is a hint and the content the proof: the format that the ending names is believed when the content
could be in it, and otherwise the first of the others that the content shows. Only the beginning of a file is
looked at, and nothing raises."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from questions.formats.archive import ArchiveError, is_archive, open_archive
from questions.formats.nodes import shown

LOOKED_AT = 200_000
PLAIN_TEXT = "aiken"

_BY_SUFFIX = {
    ".yaml": "exchange-yaml",
    ".yml": "exchange-yaml",
    ".json": "exchange-json",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".md": "markdown",
    ".markdown": "markdown",
    ".set": "markdown",
    ".gift": "gift",
    ".xml": "moodle-xml",
    ".qti": "qti12",
}
_TAB_TEXT = re.compile(
    r"^(?:MC|MA|TF|ESS|ORD|MAT|FIB|FIB_PLUS|FIL|NUM|SR|OP|JUMBLED_SENTENCE|QUIZ_BOWL)\t", re.MULTILINE
)
_NOT_QUESTIONS = re.compile(r"(?:readme|license|licence|changelog|contributing)\b", re.IGNORECASE)

_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^<>\[]*(?:\[[^\]]*\]\s*)?>\s*)*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)",
    re.DOTALL,
)
_CARTRIDGE = re.compile(r"canvas\.instructure\.com/xsd|imsglobal\.org/xsd/imscc")
_BY_ROOT = {
    "quiz": "moodle-xml",
    "questestinterop": "qti12",
    "assessmentitem": "qti2",
    "assessmenttest": "qti2",
    "assessmentsection": "qti2",
    "manifest": "qti2",
}
_OLD_QTI = re.compile(
    r"imsqti_xmlv1p|imscc_xmlv1p\d(?:/|-)?.{0,20}assessment|associatedcontent/imscc|questestinterop"
)


def by_suffix(name: str) -> str | None:
    """The format that a file's name speaks of."""
    return _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix)


def detect(name: str, content: bytes) -> str:
    """The slug of the format that a file, or the file of questions in a package, is most likely in."""
    if is_archive(content):
        return _of_package(name, content)
    return _of_text(name, _beginning(content))


def question_file(names: Sequence[str]) -> str:
    """The one file of a package that may hold questions, by its name; raises ArchiveError."""
    found = [name for name in names if by_suffix(name) or name.lower().endswith(".txt")]
    found = [name for name in found if not _NOT_QUESTIONS.match(PurePosixPath(name).name)] or found
    if not found:
        raise ArchiveError("Put the file of questions into the package: it has none.")
    if len(found) > 1:
        raise ArchiveError(
            "Upload the files of questions one by one: the package has "
            f"{shown(PurePosixPath(found[0]).name)} and {shown(PurePosixPath(found[1]).name)}."
        )
    return found[0]


def _of_package(name: str, content: bytes) -> str:
    try:
        archive = open_archive(content)
        names = archive.names()
        if "[Content_Types].xml" in names:
            return "xlsx"
        manifest = next((one for one in names if one.lower().endswith("imsmanifest.xml")), None)
        if manifest is not None:
            return "qti12" if _OLD_QTI.search(_beginning(archive.read(manifest) or b"")) else "qti2"
        xml = next((one for one in names if one.lower().endswith((".xml", ".qti"))), None)
        if xml is not None:
            return detect(xml, _no_package(archive.read(xml)))
        member = question_file(names)
        return (
            "xlsx" if member.lower().endswith(".xlsx") else detect(member, _no_package(archive.read(member)))
        )
    except ArchiveError:
        return by_suffix(name) or "qti2"


def _no_package(content: bytes | None) -> bytes:
    return b"" if content is None or is_archive(content) else content


def _beginning(content: bytes) -> str:
    """The first part of a file as text, in whatever encoding; line ends made one kind."""
    start = content[:LOOKED_AT]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = start.decode("utf-16", "replace")
    elif b"\x00" in start[:100]:
        text = start.replace(b"\x00", b"").decode("latin-1")
    else:
        text = start.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _of_text(name: str, text: str) -> str:
    named = by_suffix(name)
    root = _ROOT.match(text)
    by_root = _BY_ROOT.get(root[1].lower().removeprefix("qti-").replace("-", "")) if root else None
    if root and (by_root or named == "moodle-xml" or text.lstrip().startswith("<?xml")):
        is_cartridge = bool(_CARTRIDGE.search(text[root.start() : root.end() + 1_000]))
        return "qti12" if is_cartridge else by_root or "moodle-xml"
    if named is not None and _SIGNS.get(named, _is_markup)(text):
        return named
    shown_by = [slug for slug, sign in _SIGNS.items() if slug != named and _PROOFS.get(slug, sign)(text)]
    return shown_by[0] if shown_by else named or PLAIN_TEXT


def _lines(text: str, pattern: str) -> int:
    return len(re.findall(pattern, text, re.MULTILINE))


def _is_markup(text: str) -> bool:
    return text.lstrip().startswith("<") or not text.strip()


def _is_json(text: str) -> bool:
    return bool(re.match(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:[{"\[\]]|$))', text))


def _is_yaml(text: str) -> bool:
    begun = re.match(r"(?:\s|#.*\n)*(?:format|certification|questions)[ ]*:", text)
    named = re.search(r"^(?:format|certification|questions|- id|- stem)[ ]*:", text, re.MULTILINE)
    return bool(begun or (named and not _is_markdown(text)))


def _is_markdown(text: str) -> bool:
    boxes = _lines(text, r"^\s{0,7}(?:[-*+]|\d+[.)])[ \t]+\[[ xX\u00a0]\]")
    return bool(boxes >= 2 or (_lines(text, r"^#{1,6}[ ]\S") and boxes) or "<details" in text)


def _is_aiken(text: str) -> bool:
    return bool(_lines(text, r"^ANSWER:[ \t]*[A-Z]") and _lines(text, r"^[A-Z][).]") >= 2)


def _is_gift(text: str) -> bool:
    marked = re.search(r"^(?:::.+?::|\$CATEGORY:|//[ ]*\[(?:id|tag):)", text, re.MULTILINE)
    return bool(marked or re.search(r"(?<!\\)\{[^{}]*(?<!\\)[=~][^{}]*\}", text))


def _is_tab_text(text: str) -> bool:
    return bool(_TAB_TEXT.search(text))


def _header(text: str) -> list[str]:
    first = text.lstrip().split("\n", 1)[0]
    cells = max((first.split(sign) for sign in ",;\t"), key=len)
    return [cell.strip().strip('"').lower() for cell in cells]


def _is_table(text: str) -> bool:
    return len(_header(text)) >= 3 and not _TAB_TEXT.match(text)


def _is_question_table(text: str) -> bool:
    header = _header(text)
    asks = any(re.search(r"question|stem|prompt", cell) for cell in header)
    answers = any(re.search(r"answer|option|choice|correct|key", cell) for cell in header)
    return 3 <= len(header) <= 60 and asks and answers and all(len(cell) <= 60 for cell in header)


_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "exchange-json": _is_json,
    "tab-text": _is_tab_text,
    "exchange-yaml": _is_yaml,
    "csv": _is_table,
    "markdown": _is_markdown,
    "aiken": _is_aiken,
    "gift": _is_gift,
}
"""What each format of text shows, those first whose signs do not occur in others by chance."""

_PROOFS: Mapping[str, Callable[[str], bool]] = {"csv": _is_question_table}
"""What a format must show where the name speaks of another."""
