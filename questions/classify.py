"""Under which task statement a question belongs, by the words its source files it under.

Category, domain cell and tags say it in many ways, and what says nothing is not guessed at: a code ("1.1",
"1.1 Ingest data", "task_statement:1.1"), the title of a task statement, or a domain that has only one. A
label that names a domain alone narrows the choice down. Labels that point to different task statements
settle nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from questions.fingerprint import fold

_NAMED = re.compile(
    r"(?:task[ _-]?statement|objective|task|domain|topic|section)\s*[:=]?\s+|task_statement:", re.IGNORECASE
)
_CODE = re.compile(
    r"(?P<code>[A-Za-z0-9](?:[A-Za-z0-9.]{0,8}[A-Za-z0-9])?)(?:[.:)]?\s+(?:[-\u2013\u2014]\s*)?|$)"
)
_LEVELS = re.compile(r"\s*(?:(?<!/)/(?!/)|>|::)\s*")


@dataclass(frozen=True, slots=True)
class Statement:
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A domain with its task statements."""

    code: str
    title: str
    statements: tuple[Statement, ...]


Tree = Sequence[Branch]


@dataclass(frozen=True, slots=True)
class Classified:
    """`task_statement` and `domain` are codes, empty where the labels leave it open; `unused` are the labels
    that say nothing, `conflict` those that point to different places, `choices` the task statements they
    point to."""

    task_statement: str = ""
    domain: str = ""
    unused: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def classify(labels: Iterable[str], tree: Tree) -> Classified:
    statements: dict[str, str] = {}
    domains: dict[str, str] = {}
    unused: list[str] = []
    for label in dict.fromkeys(label.strip() for label in labels):
        if not label:
            continue
        found = list(_meant(label, tree))
        for domain, statement in found:
            domains.setdefault(domain, label)
            if statement:
                statements.setdefault(statement, label)
        if not found:
            unused.append(label)
    of = {statement.code: branch.code for branch in tree for statement in branch.statements}
    if len(statements) == 1:
        (code,) = statements
        return Classified(code, of[code], tuple(unused))
    if statements:
        return Classified("", _only(domains), tuple(unused), tuple(statements.values()), tuple(statements))
    if len(domains) > 1:
        return Classified("", "", tuple(unused), tuple(domains.values()))
    domain = _only(domains)
    alone = [branch.statements for branch in tree if branch.code == domain and len(branch.statements) == 1]
    return Classified(alone[0][0].code if alone else "", domain, tuple(unused))


def _only(domains: dict[str, str]) -> str:
    return next(iter(domains)) if len(domains) == 1 else ""


def _meant(label: str, tree: Tree) -> Iterator[tuple[str, str]]:
    """(domain, task statement or "") that a label names; the levels of a category are looked at from the
    innermost, and the first that names something decides."""
    for part in [label, *reversed(_LEVELS.split(label))]:
        found = list(dict.fromkeys(_named(part, tree)))
        if found:
            yield from found
            return


def _named(text: str, tree: Tree) -> Iterator[tuple[str, str]]:
    bare = _NAMED.sub("", text, count=1) if _NAMED.match(text) else text
    match = _CODE.match(bare)
    code, rest = (match["code"], bare[match.end() :]) if match else ("", "")
    titles = {fold(text), fold(bare)}
    for branch in tree:
        for statement in branch.statements:
            if fold(statement.title) in titles or _agrees(statement.code, statement.title, code, rest):
                yield branch.code, statement.code
        if fold(branch.title) in titles or _agrees(branch.code, branch.title, code, rest):
            yield branch.code, ""


def _agrees(code: str, title: str, said: str, rest: str) -> bool:
    """A code alone, or before its title; before other words it may be anything, such as the 1 of "1 hour",
    unless it has a dot as the codes of task statements do."""
    return code.casefold() == said.casefold() and (
        not rest.strip() or "." in code or fold(rest) == fold(title)
    )
