"""A piece of a Markdown file taken apart: what stands above the options, each option with what belongs to it,
what follows the last one, and what comments say.

Code after an option belongs to it, and so do all lines up to the next option. After the last option the
first line that is set apart by an empty line and no deeper than the option begins what follows, unless a
marker (an answer, an explanation, `<details>`) does so before."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from questions.formats.markdown_lines import ANSWER, EXPLANATION, REFERENCES, Line, Piece, checkbox, lettered

FIELDS = (
    *("id", "kind", "task_statement", "domain", "level", "testing_point", "services", "enemies", "shuffle"),
    *("verified_on", "tags", "stem", "explanation", "references", "exhibit"),
)
OPTION_FIELDS = ("id", "text", "rationale", "distractor_tag", "fixed")
MAX_COMMENT = 60
MAX_OPTIONS = 100

BACK_TO_TOP = re.compile(r"\[[^\[\]]{0,40}\btop\b[^\[\]]{0,40}\]\(#", re.IGNORECASE)
_HIDDEN = re.compile(r"[ \t]*</?(?:details|summary)\b", re.IGNORECASE)
_RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*")
_QUOTE = re.compile(r"[ \t]*> ?(.*)")
_PAIR = re.compile(r"[ \t,;]*([a-z_]{2,20})[ \t]{0,4}:[ \t]{0,4}(.*)")
_NEXT = re.compile(rf"(?:^|(?<=[ \t,;]))(?=(?:{'|'.join({*FIELDS, *OPTION_FIELDS})})[ \t]{{0,4}}:)")


@dataclass(slots=True)
class Said:
    """One `name: value` of a comment, quotes and JSON's escapes undone."""

    line: int
    name: str
    value: str


@dataclass(slots=True)
class Written:
    """An option as it stands."""

    line: int
    mark: bool
    letter: str
    text: str
    rationale: str = ""
    rationale_line: int = 0
    said: Mapping[str, Said] = field(default_factory=dict)


@dataclass(slots=True)
class Parts:
    stem: Sequence[Line]
    options: Sequence[Written]
    tail: Sequence[Line]
    said: Mapping[str, Said] = field(default_factory=dict)
    exhibits: Sequence[Said] = ()


@dataclass(slots=True)
class _Comment:
    """A comment by the index of the line that follows it."""

    at: int
    indented: bool
    said: list[Said]


def parts(piece: Piece, *, own: bool) -> Parts:
    lines, comments = _without_comments(piece.lines[1:])
    starts = _starts(lines, own=own)[:MAX_OPTIONS]
    if not starts:
        end = next((at for at, line in enumerate(lines) if _is_marker(line)), len(lines))
        return _parts(lines[:end], [], lines[end:], [said for c in comments for said in c.said])
    last = _end_of_last(lines, starts[-1], own=own)
    ends = [*starts[1:], last]
    options: list[Written] = []
    taken: set[int] = set()
    for at, end in zip(starts, ends, strict=True):
        inside = [c for c in comments if c.indented and at < c.at <= end]
        taken |= {id(c) for c in inside}
        options.append(_option(lines[at:end], inside, own=own))
    rest = [said for c in comments if id(c) not in taken for said in c.said]
    return _parts(lines[: starts[0]], options, lines[last:], rest)


def _parts(stem: Sequence[Line], options: list[Written], tail: Sequence[Line], said: list[Said]) -> Parts:
    named = {one.name: one for one in reversed(said) if one.name in FIELDS and one.name != "exhibit"}
    return Parts(stem, options, tail, named, [one for one in said if one.name == "exhibit"])


def _without_comments(lines: Sequence[Line]) -> tuple[list[Line], list[_Comment]]:
    kept: list[Line] = []
    comments: list[_Comment] = []
    at = 0
    while at < len(lines):
        end = _comment_end(lines, at)
        if end is None:
            kept.append(lines[at])
            at += 1
            continue
        said = list(_said(lines[at : end + 1]))
        comments.append(_Comment(len(kept), lines[at].text[:1] in {" ", "\t"}, said))
        at = end + 1
        while at < len(lines) and not lines[at].text.strip() and (not kept or not kept[-1].text.strip()):
            at += 1
    return kept, comments


def _comment_end(lines: Sequence[Line], at: int) -> int | None:
    """The last line of the comment that fills whole lines from `at` on."""
    if lines[at].fenced or not lines[at].text.lstrip().startswith("<!--"):
        return None
    for end in range(at, min(at + MAX_COMMENT, len(lines))):
        if "-->" in lines[end].text:
            return end if lines[end].text.rstrip().endswith("-->") else None
    return None


def _said(lines: Sequence[Line]) -> Iterator[Said]:
    """What a comment says: one field a line, or several in one line. Problems given back say nothing."""
    if re.match(r"[ \t]*<!--[ \t]*problem", lines[0].text):
        return
    for line in lines:
        text = line.text.strip().removeprefix("<!--").removesuffix("-->").strip()
        several = len(lines) == 1 and not re.match(r"[a-z_]{2,20}: ?[\"\[{]", text)
        for pair in _NEXT.split(text) if several else [text]:
            match = _PAIR.fullmatch(pair.strip(" \t,;") if several else pair)
            if match:
                yield Said(line.number, match[1], _value(match[2].strip()))


def _value(text: str) -> str:
    if text.startswith('"'):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return found if isinstance(found, str) else text
    return text


def _starts(lines: Sequence[Line], *, own: bool) -> list[int]:
    boxes = [(at, len(match[1].expandtabs(4))) for at, line in enumerate(lines) if (match := checkbox(line))]
    if boxes or own:
        deepest = 0 if own else boxes[0][1] + 1
        return [at for at, depth in boxes if depth <= deepest]
    return _lettered_starts(lines)


def _lettered_starts(lines: Sequence[Line]) -> list[int]:
    """Lines that are lettered from A on. With a bullet a letter may be out of order (which is reported)."""
    starts: list[int] = []
    style: tuple[bool, int] | None = None
    for at, line in enumerate(lines):
        match = lettered(line)
        if not match:
            if starts and _is_marker(line):
                break
            continue
        mine = bool(match[2]), len(match[1].expandtabs(4))
        expected = chr(ord("A") + min(len(starts), 25))
        if style is None:
            if match[3].upper() == "A":
                style = mine
                starts.append(at)
        elif (
            mine[0] == style[0]
            and abs(mine[1] - style[1]) <= 1
            and (style[0] or match[3].upper() == expected)
        ):
            starts.append(at)
    return starts


def _is_marker(line: Line) -> bool:
    if line.fenced:
        return False
    patterns = (ANSWER, EXPLANATION, REFERENCES, _RULE)
    return (
        any(pattern.fullmatch(line.text) for pattern in patterns)
        or _HIDDEN.match(line.text) is not None
        or BACK_TO_TOP.search(line.text) is not None
    )


def _end_of_last(lines: Sequence[Line], start: int, *, own: bool) -> int:
    depth = _depth(lines[start].text)
    apart = False
    end = start + 1
    for at in range(start + 1, len(lines)):
        line = lines[at]
        if not line.text.strip():
            apart = True
            continue
        if not line.fenced:
            if _is_marker(line) and (not own or _depth(line.text) == 0):
                break
            if (own or apart) and _depth(line.text) <= depth + (0 if own else 1):
                break
        end = at + 1
    return end


def _depth(text: str) -> int:
    expanded = text.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _option(lines: Sequence[Line], comments: Sequence[_Comment], *, own: bool) -> Written:
    first, below = lines[0], lines[1:]
    box = checkbox(first)
    letter = None if box else lettered(first)
    text = [box[3] if box else letter[4] if letter else ""]
    why: list[str] = []
    why_line = 0
    depths = [_depth(line.text) for line in below if line.text.strip()]
    shallowest = min(depths, default=0)
    base = min(2, shallowest) if comments else shallowest
    for line in below:
        quote = None if line.fenced or (own and not _depth(line.text)) else _QUOTE.fullmatch(line.text)
        if quote:
            why.append(quote[1])
            why_line = why_line or line.number
        else:
            text.append(_dedented(line.text, base))
    return Written(
        first.number,
        bool(box and box[2]),
        letter[3].upper() if letter else "",
        "\n".join(text).strip(),
        "\n".join(why).strip(),
        why_line,
        {one.name: one for comment in comments for one in comment.said if one.name in OPTION_FIELDS},
    )


def _dedented(text: str, depth: int) -> str:
    return text[depth:] if not text[:depth].strip(" ") else text.expandtabs(4)[depth:]
