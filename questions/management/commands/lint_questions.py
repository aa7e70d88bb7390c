import dataclasses
import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand
from django.utils import timezone

from questions import accepted, lint, lint_targets, plan, sidecars
from questions.bank_report import BankReport, report
from questions.formats import Draft, Problem, exchange
from questions.formats.nodes import MAX_BYTES
from questions.formats.validation import Strict
from questions.importing import SUFFIXES, question_files
from questions.targets import Targets, TargetsFile

UNREADABLE, UNUSABLE = 1, 2


class UnusableError(Exception):
    """The command cannot begin."""


class Command(BaseCommand):
    help = (
        "Look for item-writing flaws in question files, without the database. Exit status: 0 also with "
        "findings, 1 what could not be read was left out, 2 the command could not begin."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a question file, or a folder of them"
        )
        parser.add_argument(
            "--targets",
            type=Path,
            metavar="PATH",
            help="what this bank aims at (default: the file `targets` beside the questions)",
        )
        parser.add_argument(
            "--report", choices=["text", "json", "plan"], default="text", help="default: text"
        )

    def handle(self, **options: Any) -> None:
        paths = options["paths"]
        try:
            files = _files(paths)
            aims = _beside(paths, "targets", TargetsFile, options["targets"])
            planned = _beside(paths, "plan", plan.Plan)
            reasons = _beside(paths, "warnings", accepted.Accepted)
            drafts, problems = _read(files)
            targets = aims.targets if aims else Targets()
            if options["report"] == "plan":
                output = _plan(drafts, planned, targets)
            else:
                findings = [
                    *lint.check_all(drafts, today=timezone.localdate()),
                    *lint_targets.check(drafts, targets, planned),
                    *(plan.check(drafts, planned) if planned else ()),
                ]
                render = _json if options["report"] == "json" else _text
                output = render(accepted.sort(findings, reasons), report(drafts, targets, planned))
        except (UnusableError, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        for problem in problems:
            self.stderr.write(str(problem))
        self.stdout.write(output)
        if problems:
            sys.exit(UNREADABLE)


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UnusableError(f"There is no file or folder {path}.")
        files += question_files(path) if path.is_dir() else [path]
    if not files:
        raise UnusableError(f"There is no question file: their names end in {', '.join(sorted(SUFFIXES))}.")
    return files


M = TypeVar("M", bound=Strict)


def _beside(paths: Sequence[Path], name: str, model: type[M], named: Path | None = None) -> M | None:
    """What the file `named` holds, or else the first one called `name` beside the questions."""
    folders = (path if path.is_dir() else path.parent for path in paths)
    file = named or next(filter(None, (sidecars.find(folder, name) for folder in folders)), None)
    if file is None:
        return None
    content, problems = sidecars.load(file, model)
    if content is None:
        raise UnusableError("\n".join(map(str, problems)))
    return content


def _read(files: Sequence[Path]) -> tuple[list[Draft], list[Problem]]:
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for path in files:
        with path.open("rb") as file:
            parsed = exchange.parse(file.read(MAX_BYTES + 1), str(path))
        drafts += parsed.drafts
        problems += parsed.problems
    return drafts, problems


def _plan(drafts: Sequence[Draft], planned: plan.Plan | None, targets: Targets) -> str:
    if planned is None:
        raise UnusableError("There is no file `plan` beside the questions.")
    return plan.grid(drafts, planned, targets.concepts)


def _text(findings: accepted.Sorted, bank: BankReport) -> str:
    told = [*findings.open, *findings.outdated]
    lines = [
        f"{finding.problem} [{' '.join(filter(None, (finding.question, finding.rule.value)))}]"
        for finding in told
    ]
    return "\n".join(
        [
            *lines,
            *([""] if lines else []),
            *bank.lines(),
            f"Findings: {_by_rule(told)}",
            *([f"Accepted with a reason: {_by_rule(findings.accepted)}"] if findings.accepted else []),
        ]
    )


def _by_rule(findings: Sequence[lint.Finding]) -> str:
    counts = Counter(finding.rule for finding in findings)
    return ", ".join(f"{rule} {counts[rule]}" for rule in lint.Rule if counts[rule]) or "none"


def _json(findings: accepted.Sorted, bank: BankReport) -> str:
    content = {
        "findings": [_row(finding) for finding in findings.open],
        "accepted": [_row(finding) for finding in findings.accepted],
        "outdated": [_row(finding) for finding in findings.outdated],
        "report": dataclasses.asdict(bank),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _row(finding: lint.Finding) -> dict[str, object]:
    return {
        "rule": finding.rule.value,
        "of": "certification" if finding.rule in lint_targets.RULES else "any bank",
        "question": finding.question,
        "file": finding.problem.file,
        "line": finding.problem.line,
        "field": finding.problem.field,
        "advice": finding.problem.advice,
    }
