"""Ways in which other people mark the key, turned into the one that the reader knows.

Three are met in public banks, always below a heading of one question: options that are numbered like a list,
with the number as the answer; a sentence ("The correct answer is **2. …**") below options of either kind; and
feedback that says of each letter why it is or is not correct. What is said of one option becomes its
rationale, without the letter or number, which would point at another option once they are shuffled. Lines
keep their numbers. A section of several questions, or of none of these ways, stays as it is."""

import re
from collections.abc import Iterator, Mapping, Sequence

from questions.fingerprint import fold
from questions.formats.markdown_lines import ANSWER, Line, checkbox, lettered

MOST_OPTIONS = 26

_OPTION = re.compile(r"[ ]?(?:[-*+][ \t]+)?([0-9]{1,2})[.)][ \t]+(\S.*)")
_SENTENCE = re.compile(
    r"[ \t]*[*_]{0,2}(?:the[ ])?(?:correct|right) (?:answers?|options?|choices?) (?:is|are)"
    r"(?![ \t]*[*_]{0,2}:)[ \t]+(\S.*)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"(?:\*\*|__)(?:-[ ])?([A-Z]|[0-9]{1,2})(?:[.):](?:[ \t]+([^*]*))?)?(?:\*\*|__)")
_BARE = re.compile(r"\(?([A-Z]|[0-9]{1,2})\)?(?:(?:,? and|,| &)[ ]\(?([A-Z]|[0-9]{1,2})\)?){0,8}\.?")
_NAME = re.compile(r"\b([A-Z]|[0-9]{1,2})\b")
_VERDICT = re.compile(
    r"(?:[-*+][ \t]+)?(?:\*\*)?([0-9]{1,2})[.)](?:\*\*)?[ \t]+(?:\*\*)?(correct|incorrect)\b[.:]?"
    r"(?:\*\*)?[.:]?[ \t]*(.*)",
    re.IGNORECASE,
)
_OF_OPTION = re.compile(r"[-*+][ \t]+\*\*([0-9]{1,2})[.)]\*\*[ \t]+(\S.*)")
_BECAUSE = re.compile(
    r"[*_]{0,2}([A-J](?:(?:, and | and |, ?| & |/)[A-J]){0,9})[*_]{0,2} (?:is|are) "
    r"(?:(not |in)correct|correct)\b(.*)"
)
_IDLE = re.compile(
    r"(?:choose|select|pick) the (?:correct|best|right) (?:answer|option)s?[.:]?"
    r"|[*_]{0,2}(?:response|solution|feedback)[*_]{0,2}:?[*_]{0,2}|#{1,6}[ ]feedback:?",
    re.IGNORECASE,
)
_NAME_ONLY = re.compile(
    r"(?:q|question|questão|frage)?[ \t]*#?[ \t]*[0-9]{1,4}[ \t]*[.:)]?|[a-z0-9]+(?:[-_][a-z0-9]+)+",
    re.IGNORECASE,
)


def is_name(title: str) -> bool:
    """Whether a heading only names its question ("Question 12:", "network-engineer-15")."""
    return _NAME_ONLY.fullmatch(title.strip("*_ ")) is not None


def retold(lines: Sequence[Line]) -> list[Line] | None:
    """A section, its heading first, with options, rationales and answer as the reader knows them; None where
    it is not of these ways. A key that cannot be made out stays as it is, for the reader to report."""
    if any(checkbox(line) for line in lines):
        return None
    key_lines = [at for at, line in enumerate(lines) if at and (_sentence(line) or _answer(line))]
    if len(key_lines) > 1:
        return None
    key_line = key_lines[0] if key_lines else None
    starts = _lettered_run(lines)
    if starts:
        if key_line is not None and _answer(lines[key_line]):
            return None
        names = [chr(ord("A") + position) for position in range(len(starts))]
        texts = {name: _lettered_text(lines[at]) for name, at in zip(names, starts, strict=True)}
    else:
        starts = _numbered_run(lines, key_line or 0)
        names = [str(position + 1) for position in range(len(starts))]
        texts = {name: _numbered_text(lines[at]) for name, at in zip(names, starts, strict=True)}
    if not starts:
        return None
    why, verdicts, taken = _rationales(lines, starts[-1] + 1, texts)
    said = _said_of_key(lines[key_line]) if key_line is not None else ""
    key = _key(said, texts) if said else verdicts
    if not said and not verdicts:
        return None
    letters = [chr(ord("A") + position) for position, name in enumerate(names) if name in key]
    answer = ", ".join(letters) if key and (not verdicts or verdicts == key) else said
    where = lines[key_line if key_line is not None else min(taken)].number
    options = {
        at: [Line(lines[at].number, f"{chr(ord('A') + n)}. {texts[name]}"), *why.get(name, ())]
        for n, (at, name) in enumerate(zip(starts, names, strict=True))
    }
    kept = [
        part
        for at, line in enumerate(lines)
        for part in options.get(at, [line])
        if at not in taken
        and at != key_line
        and not (at > starts[-1] and not line.fenced and _IDLE.fullmatch(line.text.strip()))
    ]
    return [*kept, Line(where, ""), Line(where, f"Answer: {answer}")]


def _answer(line: Line) -> re.Match[str] | None:
    return None if line.fenced or "nswer" not in line.text else ANSWER.fullmatch(line.text)


def _sentence(line: Line) -> re.Match[str] | None:
    return None if line.fenced or "t" not in line.text else _SENTENCE.fullmatch(line.text)


def _said_of_key(line: Line) -> str:
    match = _sentence(line) or _answer(line)
    return match[1].strip() if match else ""


def _lettered_run(lines: Sequence[Line]) -> list[int]:
    starts: list[int] = []
    for at, line in enumerate(lines):
        match = lettered(line)
        if match and not match[1] and match[3] == chr(ord("A") + min(len(starts), MOST_OPTIONS)):
            starts.append(at)
        elif match and not match[1] and match[3] == "A" and starts:
            return []
    return starts if 1 < len(starts) <= MOST_OPTIONS else []


def _numbered_run(lines: Sequence[Line], end: int) -> list[int]:
    """The last list that counts from 1 above line `end`, where the key stands."""
    starts: list[int] = []
    for at in range(1, end):
        match = None if lines[at].fenced else _OPTION.fullmatch(lines[at].text)
        if match and int(match[1]) == 1:
            starts = [at]
        elif match and starts and int(match[1]) == len(starts) + 1:
            starts.append(at)
    return starts if 1 < len(starts) <= MOST_OPTIONS else []


def _lettered_text(line: Line) -> str:
    match = lettered(line)
    return match[4] if match else ""


def _numbered_text(line: Line) -> str:
    match = _OPTION.fullmatch(line.text)
    return match[2] if match else ""


def _key(said: str, texts: Mapping[str, str]) -> set[str]:
    """The options that a key names; none if it names one that is not there, or one beside another's text."""
    bold = [(match[1], match[2] or "") for match in _BOLD.finditer(said)]
    bare = said.strip(" *_")
    named = bold or ([(name, "") for name in _NAME.findall(bare)] if _BARE.fullmatch(bare) else [])
    by_text = {_bare(text): name for name, text in texts.items()}
    if any(name not in texts or by_text.get(_bare(text), name) != name for name, text in named):
        return set()
    return {name for name, _ in named}


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(text)).strip()


def _rationales(
    lines: Sequence[Line], below: int, texts: Mapping[str, str]
) -> tuple[dict[str, list[Line]], set[str], set[int]]:
    """What is said of each option, which are said to be correct, and the lines that say so. Nothing where an
    option is spoken of twice, or one that is not there."""
    why: dict[str, list[Line]] = {}
    correct: set[str] = set()
    taken: set[int] = set()
    for at in range(below, len(lines)):
        if lines[at].fenced:
            continue
        for name, is_correct, text in _verdicts(lines[at].text.strip()):
            if name not in texts or name in why:
                return {}, set(), set()
            rest = list(_paragraph(lines, at + 1))
            said = [lines[at]._replace(text=text), *(lines[following] for following in rest)]
            why[name] = [line._replace(text=f"> {line.text.strip()}") for line in said]
            taken |= {at, *rest}
            correct |= {name} if is_correct else set()
    return why, correct, taken


def _verdicts(text: str) -> Iterator[tuple[str, bool, str]]:
    """The options that a paragraph speaks of, whether it calls them correct, and what it says."""
    verdict, because = _VERDICT.fullmatch(text), _BECAUSE.fullmatch(text)
    if verdict:
        yield verdict[1], verdict[2].lower() == "correct", verdict[3] or verdict[2]
    elif because:
        for name in _NAME.findall(because[1]):
            yield name, not because[2], f"{'Not correct' if because[2] else 'Correct'}{because[3]}"
    elif spoken := _OF_OPTION.fullmatch(text):
        yield spoken[1], False, spoken[2]


def _paragraph(lines: Sequence[Line], start: int) -> Iterator[int]:
    """The lines that go on with the one before, up to an empty one."""
    for at in range(start, len(lines)):
        text = lines[at].text.strip()
        if not text or lines[at].fenced or text.startswith(("<", "#")) or any(_verdicts(text)):
            return
        yield at
