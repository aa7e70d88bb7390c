"""A Markdown file to the pieces that may be questions.

Fences are found first: nothing inside one starts anything. A fence that nothing closes counts as ordinary
text, so that it swallows nothing; it is reported where it opens. A question starts at a heading or at a
numbered line, and has options or an answer; what has neither is a title, promotion or a table of contents. In
a file of our own (`format: 1` in the front matter) a question starts at `###`, and nowhere else."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(\S.*)|[ \t]*)")
OWN_HEADING = re.compile(r"(#{1,3})(?: (.*)|[ \t]*)")
NUMBERED = re.compile(
    r" ?(?:\*\*|__)?(?:(?:q|question)[ \t]{0,2}#?(?=[0-9]))?([0-9]{1,4})[.):]"
    r"(?:\*\*|__)?[ \t]+(\S.*)",
    re.IGNORECASE,
)
CHECKBOX = re.compile(
    r"([ \t]*)[-*+][ \t\u00a0]{0,8}\[[ \u00a0]{0,3}([xX]?)[ \u00a0]{0,3}\](?!\()[ \t\u00a0]?(.*)"
)
LETTERED = re.compile(r"([ \t]*)([-*+][ \t]+)?\(?([A-Za-z])[.)][ \t]+(\S.*)")
ANSWER = re.compile(
    r"[ \t>]*(?:[\u2705\u2714\u2611\ufe0f\U0001f511]{1,2}[ \t]*)?(?:#{1,6}[ \t]*)?[*_]{0,2}"
    r"(?:correct[ \t]{1,4})?answers?(?:\(s\))?(?:[ \t]{1,4}(?:is|are))?"
    r"[*_]{0,2}[ \t]{0,4}[:\uff1a](.*)",
    re.IGNORECASE,
)
_ENDS = r"[ \t]{0,4}(?::[ \t]{0,4}(?:\*\*|__)?|(?:\*\*|__)[ \t]{0,4}:?|$)[ \t]*(.*)"
_MARK = r"[ \t]*(?:[-*+][ \t]{1,4})?(?:#{1,6}[ \t]*|\*\*|__)?"
EXPLANATION = re.compile(_MARK + r"(?:explanation|rationale|justification)s?" + _ENDS, re.IGNORECASE)
REFERENCES = re.compile(_MARK + r"(?:references?|sources?)" + _ENDS, re.IGNORECASE)
_PART = re.compile(
    r"(?:explanation|rationale|answer|correct answer|references?|feedback|solution)s?:?", re.IGNORECASE
)
_FENCE = re.compile(
    r"[ \t]*(?P<marker>[-*+][ \t\u00a0]{0,8}\[[ xX\u00a0]{0,7}\][ \t\u00a0]?"
    r"|[-*+][ \t]+|[0-9]{1,4}[.)][ \t]+)?"
    r"(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)"
)
_FRONT = re.compile(r"([A-Za-z_][A-Za-z0-9_ -]{0,40})[ \t]*:[ \t]*(.*)")
_SUMMARY = re.compile(r"<summary\b[^<>]*>[^<]*answer", re.IGNORECASE)
_FIRST_SIGNS = frozenset("0123456789qQ")
_CONTENTS = re.compile(r"\bcontents\b", re.IGNORECASE)
_LINK_TO_PLACE = re.compile(r"\]\(#")


class Line(NamedTuple):
    """`fenced` lines are code, or the fences around it. `opens` marks a fence that nothing closes."""

    number: int
    text: str
    fenced: bool = False
    opens: bool = False


Retelling = Callable[[Sequence[Line]], list[Line] | None]


@dataclass(frozen=True, slots=True)
class Piece:
    """What may be a question: its first line's text without heading or number, and its lines (the first
    among them). `labels` are the headings above it. `doubt` is why it may be none. `stood` are its lines as
    they stood, where they were put in another way."""

    head: str
    lines: Sequence[Line]
    labels: tuple[str, ...] = ()
    doubt: str = ""
    stood: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Document:
    front: Mapping[str, str] = field(default_factory=dict)
    front_lines: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[Line] = ()

    @property
    def is_own(self) -> bool:
        return self.front.get("format") == "1"


def checkbox(line: Line) -> re.Match[str] | None:
    """The option that a line begins, in groups: indentation, mark, text."""
    return None if line.fenced or "[" not in line.text else CHECKBOX.fullmatch(line.text)


def lettered(line: Line) -> re.Match[str] | None:
    """The option that a line begins, in groups: indentation, bullet, letter, text."""
    text = line.text
    marked = not line.fenced and (". " in text or ") " in text or ".\t" in text or ")\t" in text)
    return LETTERED.fullmatch(text) if marked else None


def document(text: str) -> Document:
    """The front matter and the lines below it."""
    texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, numbers, start = _front_matter(texts)
    return Document(front, numbers, _fenced(texts, start))


def _front_matter(texts: Sequence[str]) -> tuple[dict[str, str], dict[str, int], int]:
    if texts[0].strip() != "---":
        return {}, {}, 0
    end = next((at for at, text in enumerate(texts[1:200], start=1) if text.strip() in {"---", "..."}), 0)
    front: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for at in range(1, end):
        match = _FRONT.fullmatch(texts[at].strip())
        if match:
            name = match[1].strip().lower().replace(" ", "_").replace("-", "_")
            front[name] = match[2].strip().strip("\"'")
            numbers[name] = at + 1
    return front, numbers, end + 1 if end else 0


def _fenced(texts: Sequence[str], start: int) -> list[Line]:
    found = [_FENCE.fullmatch(text) if "```" in text or "~~~" in text else None for text in texts]
    closing = {mark: _Closing(mark, found) for mark in "`~"}
    lines: list[Line] = []
    at = start
    while at < len(texts):
        match = found[at]
        end = closing[match["fence"][0]].of(len(match["fence"]), at) if match else None
        if match is None or end is None:
            lines.append(Line(at + 1, texts[at], opens=match is not None))
            at += 1
            continue
        lines.append(Line(at + 1, texts[at], fenced=not match["marker"]))
        lines += [Line(number + 1, texts[number], fenced=True) for number in range(at + 1, end + 1)]
        at = end + 1
    return lines


class _Closing:
    """The lines that can close a fence of one kind. Asking for each in turn takes time in proportion to the
    lines: what is looked past is either never there or swallowed."""

    def __init__(self, mark: str, found: Sequence[re.Match[str] | None]) -> None:
        plain = [
            (at, len(match["fence"]))
            for at, match in enumerate(found)
            if match and match["fence"][0] == mark and not match["marker"] and not match["info"].strip()
        ]
        self.places = [at for at, _ in plain]
        self.lengths = [length for _, length in plain]
        self.longest = list(accumulate(reversed(self.lengths), max))[::-1]

    def of(self, length: int, after: int) -> int | None:
        position = bisect_right(self.places, after)
        if position == len(self.places) or self.longest[position] < length:
            return None
        while self.lengths[position] < length:
            position += 1
        return self.places[position]


def pieces(whole: Document, retold: Retelling) -> Iterator[Piece]:
    """Everything that may be a question, in the file's order. `retold` puts a section of other people's into
    the way that is known here, if it is of another."""
    regions = list(_regions(whole))
    if whole.is_own:
        yield from _own(regions)
        return
    for region in regions:
        region.retell(retold)
    levels = Counter(region.level for region in regions if region.level and _has_options(region.lines))
    usual = levels.most_common(1)[0][0] if levels else 0
    labels: dict[int, str] = {}
    for region in regions:
        labels = {level: title for level, title in labels.items() if level < region.level}
        above = tuple(
            title for level, title in sorted(labels.items()) if level > 1 and not _CONTENTS.search(title)
        )
        yield from _pieces(region, usual, above)
        labels[region.level] = region.title


@dataclass(slots=True)
class _Region:
    """A heading (level 0: none) and what follows up to the next one."""

    level: int
    title: str
    lines: list[Line]
    stood: Sequence[Line] = ()

    def retell(self, retold: Retelling) -> None:
        lines = retold(self.lines) if self.level else None
        if lines is not None:
            self.lines, self.stood = lines, self.lines


def _regions(whole: Document) -> Iterator[_Region]:
    pattern = OWN_HEADING if whole.is_own else HEADING
    region = _Region(0, "", [])
    for line in whole.lines:
        match = None if line.fenced or "#" not in line.text[:4] else pattern.fullmatch(line.text)
        if match and not (
            region.lines and not whole.is_own and _PART.fullmatch((match[2] or "").strip("* "))
        ):
            yield region
            title = match[2] or ""
            region = _Region(len(match[1]), title if whole.is_own else _unclosed(title), [line])
        else:
            region.lines.append(line)
    yield region


def _unclosed(title: str) -> str:
    """A heading's text without the number signs that may close it."""
    bare = title.rstrip()
    without = bare.rstrip("#")
    return without.rstrip() if without != bare and without[-1:] in {"", " ", "\t"} else bare


def _own(regions: Sequence[_Region]) -> Iterator[Piece]:
    labels: dict[int, str] = {}
    for region in regions:
        if region.level == 3:
            yield Piece(region.title, region.lines, tuple(labels[level] for level in sorted(labels)))
        elif region.level:
            labels = {level: title for level, title in labels.items() if level < region.level}
            if region.level == 2:
                labels[2] = region.title.strip()


def _pieces(region: _Region, usual: int, labels: tuple[str, ...]) -> Iterator[Piece]:
    starts = [] if region.stood else _numbered_starts(region)
    if starts:
        yield from _numbered(region, starts, (*labels, region.title) if region.level > 1 else labels)
        return
    has_options = _has_options(region.lines)
    if not region.level:
        if has_options:
            first = next(at for at, line in enumerate(region.lines) if line.text.strip())
            lines = region.lines[first:]
            yield Piece(
                lines[0].text,
                lines,
                doubt="Begin each question with a heading or a number: this was left out.",
            )
        return
    if has_options and (region.level == usual or _has_key(region.lines)):
        yield Piece(region.title, region.lines, labels, stood=region.stood)
    elif has_options:
        yield Piece(
            region.title,
            region.lines,
            doubt="Mark the correct options if this is a question: it was left out.",
        )
    elif region.level == usual:
        if region.title.strip().endswith(("?", ":", ".")) or "PLACEHOLDER" in region.title:
            yield Piece(region.title, region.lines, labels)
        else:
            yield Piece(
                region.title,
                region.lines,
                doubt="Write options below if this is a question: it was left out.",
            )


def _numbered_starts(region: _Region) -> list[int]:
    """Where numbered questions start: none if the heading itself is the question."""
    body = 1 if region.level else 0
    starts = [
        at
        for at, line in enumerate(region.lines)
        if at >= body
        and not line.fenced
        and line.text.lstrip(" *_")[:1] in _FIRST_SIGNS
        and NUMBERED.fullmatch(line.text)
    ]
    if not starts:
        return []
    ends = [*starts[1:], len(region.lines)]
    asking = [_is_asking(region.lines[at:end]) for at, end in zip(starts, ends, strict=True)]
    first = next((at for at in range(body, len(region.lines)) if region.lines[at].text.strip()), None)
    alone = any(asking) and (not region.level or (asking[0] and first == starts[0]))
    return starts if sum(asking) > 1 or alone else []


def _numbered(region: _Region, starts: Sequence[int], labels: tuple[str, ...]) -> Iterator[Piece]:
    for at, end in zip(starts, [*starts[1:], len(region.lines)], strict=True):
        lines = region.lines[at:end]
        match = NUMBERED.fullmatch(lines[0].text)
        head = _not_bold(lines[0].text, match[2]) if match else lines[0].text
        if _is_asking(lines):
            yield Piece(head, lines, labels)
        elif not _LINK_TO_PLACE.search(head):
            yield Piece(head, lines, doubt="Write options below if this is a question: it was left out.")


def _not_bold(line: str, head: str) -> str:
    """What follows the number, without the marks that make all of it bold."""
    for mark in ("**", "__"):
        inner = head.removesuffix(mark)
        if inner != head and mark not in inner.removeprefix(mark):
            began = head.startswith(mark) or line.lstrip().startswith(mark)
            return inner.removeprefix(mark).rstrip() if began else head
    return head


def _has_options(lines: Sequence[Line]) -> bool:
    return any(checkbox(line) for line in lines) or _has_letters(lines)


def _has_letters(lines: Sequence[Line]) -> bool:
    letters = {match[3].upper() for line in lines if (match := lettered(line))}
    return "A" in letters and "B" in letters


def _has_key(lines: Sequence[Line]) -> bool:
    return any((box := checkbox(line)) and box[2] for line in lines) or _has_answer(lines)


def _has_answer(lines: Sequence[Line]) -> bool:
    said = [line.text for line in lines if not line.fenced and "nswer" in line.text.lower()]
    return any(ANSWER.fullmatch(text) or _SUMMARY.search(text) for text in said)


def _is_asking(lines: Sequence[Line]) -> bool:
    return _has_options(lines) or _has_answer(lines)
