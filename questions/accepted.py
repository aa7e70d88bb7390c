"""Warnings that a bank's writers have looked at and left, each with its reason: the file `warnings` beside
the questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from questions.formats import Problem, Severity
from questions.formats.validation import SourceText, Strict, WholeNumber
from questions.lint import Finding, Rule

FORMAT = 1

Line = Annotated[str, Field(min_length=1, max_length=400), SourceText]
RuleName = Annotated[Rule, Field(strict=False), SourceText]


class Reason(Strict):
    """`questions` are ids."""

    rule: RuleName
    reason: Line
    questions: Annotated[list[Line], Field(min_length=1)]


class Accepted(Strict):
    format: Annotated[int, Field(ge=FORMAT, le=FORMAT), WholeNumber]
    accepted: list[Reason]


@dataclass(frozen=True, slots=True)
class Sorted:
    """`open` is what nobody has accepted; `outdated` are reasons for what is no longer found."""

    open: list[Finding]
    accepted: list[Finding]
    outdated: list[Finding]


def sort(findings: Sequence[Finding], accepted: Accepted | None) -> Sorted:
    reasons = accepted.accepted if accepted else []
    pairs = {(reason.rule, id_) for reason in reasons for id_ in reason.questions}
    found = {(finding.rule, finding.question) for finding in findings}
    message = "Take this out of the accepted warnings: it is no longer found."
    return Sorted(
        open=[finding for finding in findings if (finding.rule, finding.question) not in pairs],
        accepted=[finding for finding in findings if (finding.rule, finding.question) in pairs],
        outdated=[
            Finding(rule, id_, Problem(Severity.WARNING, "", 0, "", message))
            for rule, id_ in sorted(pairs - found)
        ],
    )
