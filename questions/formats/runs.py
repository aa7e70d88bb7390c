"""Runs of text with their marks, written as the Markdown of one paragraph.

The Markdown is what `questions.rendering` reads: no raw HTML, images, headings, rules or reference links, so
only what is markup to it is escaped. Emphasis that CommonMark would not read as such where it stands
(`**"x"**y`) is dropped rather than shown as stars.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_STARS = re.compile(r"\*+")
_UNDERSCORES = re.compile(r"_+")
_OUTSIDE_WORDS = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ALWAYS = re.compile(r"\\(?=[!-/:-@\[-`{-~])|&(?=#?\w+;)|<(?=[A-Za-z][\w+.-]*[:@])|\](?=\()")
_BESIDE_MARKUP = re.compile(r"[`*\[\]\\]|&(?=#?\w+;)|<(?=[A-Za-z][\w+.-]*[:@])")
_BLOCK_START = re.compile(
    r"(?P<digits>\d{1,9})?(?P<mark>>|[-+*](?=\s|$)|~(?=~~)|`(?=``+[^`]*$)|(?<=\d)[.)](?=\s|$))"
)
_DELIMITER_ROW = re.compile(r"[|:-][\s|:-]*$")
_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Run:
    """Some text with the marks that stand around all of it. A text of "\\n" alone is a forced new line."""

    text: str
    href: str = ""
    strong: bool = False
    emphasis: bool = False
    code: bool = False

    @property
    def marks(self) -> tuple[str, bool, bool, bool]:
        return self.href, self.strong, self.emphasis, self.code

    @property
    def marked(self) -> bool:
        return bool(self.href or self.strong or self.emphasis or self.code)


def clean(text: str) -> str:
    """The text without what no page can show: control characters and halves of surrogate pairs."""
    return _CONTROL.sub("", text)


def plain_lines(text: str) -> str:
    """Plain text as paragraphs that show it letter for letter."""
    pairs = pairable(text)
    return joined([_escape(line.strip(), pairs) for line in text.split("\n")])


def paragraph(runs: Sequence[Run]) -> str:
    """The runs as the lines of one paragraph; "" if they show nothing."""
    if not runs:
        return ""
    if len(runs) == 1 and not runs[0].marked:
        return plain_lines(" ".join(runs[0].text.split()))
    lines: list[list[Run]] = [[]]
    for run in _folded(runs):
        if run.text == "\n":
            lines.append([])
        else:
            lines[-1].append(run)
    if any(run.marked for run in runs):
        written = [_marked(line, 0).strip() for line in lines]
    else:
        pairs = pairable("".join(run.text for run in runs))
        written = [_escape("".join(run.text for run in line).strip(), pairs) for line in lines]
    while written and not written[-1]:
        written.pop()
    while written and not written[0]:
        written.pop(0)
    return joined(written)


def joined(lines: Sequence[str]) -> str:
    """Lines with a hard break between two, and a new paragraph where lines are empty."""
    paragraphs = [list(group) for empty, group in groupby(lines, lambda line: not line) if not empty]
    return "\n\n".join(
        "  \n".join(_guard_start(line, first=not at) for at, line in enumerate(group)) for group in paragraphs
    )


def fenced(text: str) -> str:
    """A block of code."""
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return f"{fence}\n{text}\n{fence}"


def _folded(runs: Iterable[Run]) -> list[Run]:
    """White space as a browser folds it, forced new lines kept, equal neighbours joined."""
    folded: list[Run] = []
    at_space = True
    for run in runs:
        if run.text == "\n":
            folded.append(run)
            at_space = True
            continue
        text = run.text if run.text.isalnum() else _SPACES.sub(" ", run.text)
        if at_space:
            text = text.removeprefix(" ")
        if not text:
            continue
        at_space = text.endswith(" ")
        folded.append(run if text == run.text else _with_text(run, text))
    merged: list[Run] = []
    for marks, group in groupby(folded, lambda run: run.marks if run.text != "\n" else None):
        same = list(group)
        alike = marks is not None and len(same) > 1
        merged += [_with_text(same[0], "".join(run.text for run in same))] if alike else same
    return merged


def _with_text(run: Run, text: str) -> Run:
    """As `dataclasses.replace`, which takes five times as long, for the innermost loop."""
    return Run(text, run.href, run.strong, run.emphasis, run.code)


_LEVELS: tuple[Callable[[Run], Any], ...] = (
    lambda run: run.href,
    lambda run: run.strong,
    lambda run: run.emphasis,
)


def _marked(runs: list[Run], level: int, before: str = "", after: str = "") -> str:
    """The runs with their marks, from the outermost mark (a link) to the innermost (code). `before` and
    `after` are the characters that stand around them."""
    if level == len(_LEVELS) or not any(run.marked for run in runs):
        return "".join(_code(run.text) if run.code else _escape_beside_markup(run.text) for run in runs)
    groups = [(value, list(group)) for value, group in groupby(runs, _LEVELS[level])]
    parts: list[_Part] = []
    for at, (value, group) in enumerate(groups):
        left = groups[at - 1][1][-1].text[-1] if at else before
        right = groups[at + 1][1][0].text[0] if at + 1 < len(groups) else after
        inner = _marked(group, level + 1, left, right)
        core = inner.strip()
        if not value or not core:
            parts.append(_Part("", inner, bare=_marked(group, len(_LEVELS))))
            continue
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        around = (" " if lead else left, " " if trail else right)
        bare = _marked(group, len(_LEVELS)).strip()
        mark = value if level == 0 else "*" * (3 - level)
        parts += [_Part("", lead), _Part(mark, core, *around, bare), _Part("", trail)]
    return _with_delimiters([part for part in parts if part.text])


class _Part(NamedTuple):
    """Some Markdown, the mark that is to stand around it (stars, or a link's address), the characters that
    the page shows beside it, and what is left of it if no star may stand there."""

    mark: str
    text: str
    before: str = ""
    after: str = ""
    bare: str = ""


def _with_delimiters(parts: list[_Part]) -> str:
    out: list[str] = []
    for at, part in enumerate(parts):
        text = part.text
        left = out[-1][-1:] if out else ""
        right = parts[at + 1].text[:1] if at + 1 < len(parts) else ""
        if left == "*" == text[:1]:
            text = part.bare
        if part.mark.startswith("*"):
            if "*" not in (left, right) and _takes_emphasis(part.before, text, part.after):
                text = f"{part.mark}{text}{part.mark}"
        elif part.mark:
            text = _link(text, part.mark)
        out.append(text)
    return "".join(out)


def _takes_emphasis(before: str, core: str, after: str) -> bool:
    """Whether stars around `core` open and close there, by CommonMark's flanking rules."""
    inside = core.strip("*") or "*"
    opens = not _PUNCTUATION.match(inside[0]) or not before or not before.isalnum()
    closes = not _PUNCTUATION.match(inside[-1]) or not after or not after.isalnum()
    return opens and closes


def _link(text: str, href: str) -> str:
    address = re.sub(
        r"[\s<>()\\*`\[\]]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), href
    )
    return f"[{text}]({address})"


def _code(text: str) -> str:
    core = text.strip()
    if not core:
        return text
    ticks = "`" * (_longest_ticks(core) + 1)
    pad = " " if core.startswith("`") or core.endswith("`") else ""
    lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{ticks}{pad}{core}{pad}{ticks}{trail}"


def _longest_ticks(text: str) -> int:
    return max((len(found) for found in re.findall("`+", text)), default=0)


def pairable(text: str) -> str:
    """The marks that stand in `text` in more than one place, and so could mean something as a pair."""
    return "".join(mark for mark, runs in _MARK_RUNS if len(runs.findall(text)) > 1)


_MARK_RUNS = (("`", re.compile("`+")), ("*", _STARS), ("_", _UNDERSCORES))


def _escape(text: str, pairs: str) -> str:
    """What would be markup inside a line, escaped."""
    text = _ALWAYS.sub(_backslashed, text)
    if "`" in pairs:
        text = text.replace("`", "\\`")
    if "*" in pairs:
        text = _STARS.sub(_backslashed_mark, text)
    if "_" in pairs:
        text = _UNDERSCORES.sub(_backslashed_mark, text)
    return text


def _backslashed_mark(found: re.Match[str]) -> str:
    """The marks, escaped unless they cannot open or close emphasis where they stand: white space on both
    sides, or letters on both sides of underscores."""
    before, after = (
        found.string[max(found.start() - 1, 0) : found.start()],
        found.string[found.end() : found.end() + 1],
    )
    if not (before.strip() or after.strip()):
        return found[0]
    if found[0][0] == "_" and before.isalnum() and after.isalnum():
        return found[0]
    return "".join("\\" + mark for mark in found[0])


def _escape_beside_markup(text: str) -> str:
    """What would be markup, or could be together with the markup around it, escaped."""
    return _OUTSIDE_WORDS.sub(_backslashed, _BESIDE_MARKUP.sub(_backslashed, text))


def _backslashed(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _guard_start(line: str, first: bool) -> str:
    """The line without the meaning that its first characters have at the start of a block or a table."""
    if found := _BLOCK_START.match(line):
        return f"{line[: found.start('mark')]}\\{line[found.start('mark') :]}"
    if not first and _DELIMITER_ROW.match(line):
        return "\\" + line
    return line
