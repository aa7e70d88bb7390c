"""The plan of a bank: for each question its topic, the concepts that its key depends on, and the industry and
data of its situation. It stands in the file `plan` beside the questions and is for those who write them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from questions.formats import Draft, Problem, Severity
from questions.formats.validation import SourceText, Strict, WholeNumber
from questions.lint import Finding, Rule, found

FORMAT = 1

Line = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\n|]+$"), SourceText]


class Entry(Strict):
    topic: Line
    concepts: Annotated[list[Line], Field(min_length=1, max_length=4)]
    industry: Line
    data: Line


class Plan(Strict):
    """`concepts` gives each concept its title; entries of questions name its keys."""

    format: Annotated[int, Field(ge=FORMAT, le=FORMAT), WholeNumber]
    concepts: Mapping[str, Line]
    questions: Mapping[str, Entry]


def check(drafts: Sequence[Draft], plan: Plan) -> list[Finding]:
    """Questions that the plan does not know, entries without a question, concepts that it does not name."""
    findings = [
        found(draft, Rule.UNPLANNED, "id", "Add the question to the plan.")
        for draft in drafts
        if draft.id not in plan.questions
    ]
    ids = {draft.id for draft in drafts}
    for id_, entry in plan.questions.items():
        messages = [
            f"Name one of the plan's concepts: there is no “{name}”."
            for name in entry.concepts
            if name not in plan.concepts
        ]
        if id_ not in ids:
            messages.append("Write the question, or take it out of the plan.")
        findings += [
            Finding(Rule.UNPLANNED, id_, Problem(Severity.WARNING, "", 0, "", message))
            for message in messages
        ]
    return findings


def count_concepts(drafts: Sequence[Draft], plan: Plan) -> Counter[str]:
    """How many questions depend on each concept."""
    entries = (plan.questions.get(draft.id) for draft in drafts)
    return Counter(name for entry in entries if entry for name in entry.concepts)


def grid(drafts: Sequence[Draft], plan: Plan, floors: Mapping[str, object]) -> str:
    """The plan as Markdown: how many questions each concept and industry has, then all questions by task
    statement and topic. `floors` gives a concept's target."""
    known = [(draft, plan.questions[draft.id]) for draft in drafts if draft.id in plan.questions]
    concepts = count_concepts(drafts, plan)
    industries = Counter(entry.industry for _, entry in known)
    rows = [(title, str(concepts[name]), str(floors.get(name, ""))) for name, title in plan.concepts.items()]
    most = sorted(industries.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [
        "## Deciding concepts",
        "",
        *_table(("Concept", "Questions", "Target"), rows),
        "",
        "## Industries",
        "",
        ", ".join(f"{name} {count}" for name, count in most) + ".",
    ]
    for statement in sorted({draft.task_statement for draft, _ in known}):
        chosen = [(draft, entry) for draft, entry in known if draft.task_statement == statement]
        lines += [
            "",
            f"## {statement}: {len(chosen)} questions",
            "",
            *_table(_HEADS, list(_rows(chosen, plan))),
        ]
    return "\n".join(lines) + "\n"


_HEADS = ("Topic", "Deciding concept", "Industry", "Data", "Question")


def _rows(chosen: Sequence[tuple[Draft, Entry]], plan: Plan) -> Iterator[tuple[str, ...]]:
    for draft, entry in sorted(chosen, key=lambda pair: (pair[1].topic.casefold(), pair[0].id)):
        titles = ", ".join(plan.concepts.get(name, name) for name in entry.concepts)
        yield entry.topic, titles, entry.industry, entry.data, draft.id


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]
