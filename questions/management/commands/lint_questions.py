import dataclasses
import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from questions import lint, targets
from questions.bank_report import BankReport, report
from questions.formats import Draft, Problem, exchange
from questions.formats.nodes import MAX_BYTES
from questions.importing import SUFFIXES, question_files

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
        parser.add_argument("--report", choices=["text", "json"], default="text", help="default: text")

    def handle(self, **options: Any) -> None:
        try:
            files = _files(options["paths"])
            aims = _targets(options["paths"], options["targets"])
            drafts, problems = _read(files)
        except (UnusableError, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        findings = lint.check_all(drafts, today=timezone.localdate(), targets=aims)
        for problem in problems:
            self.stderr.write(str(problem))
        render = _json if options["report"] == "json" else _text
        self.stdout.write(render(findings, report(drafts)))
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


def _targets(paths: Sequence[Path], named: Path | None) -> lint.Targets | None:
    folders = (path if path.is_dir() else path.parent for path in paths)
    file = named or next(filter(None, map(targets.find, folders)), None)
    if file is None:
        return None
    aims, problems = targets.load(file)
    if aims is None:
        raise UnusableError("\n".join(map(str, problems)))
    return aims


def _read(files: Sequence[Path]) -> tuple[list[Draft], list[Problem]]:
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for path in files:
        with path.open("rb") as file:
            parsed = exchange.parse(file.read(MAX_BYTES + 1), str(path))
        drafts += parsed.drafts
        problems += parsed.problems
    return drafts, problems


def _text(findings: Sequence[lint.Finding], bank: BankReport) -> str:
    lines = [
        f"{finding.problem} [{' '.join(filter(None, (finding.question, finding.rule.value)))}]"
        for finding in findings
    ]
    counts = Counter(finding.rule.value for finding in findings)
    by_rule = ", ".join(f"{rule} {counts[rule]}" for rule in lint.Rule if counts[rule]) or "none"
    return "\n".join([*lines, *([""] if lines else []), *bank.lines(), f"Findings: {by_rule}"])


def _json(findings: Sequence[lint.Finding], bank: BankReport) -> str:
    rows = [
        {
            "rule": finding.rule.value,
            "of": "certification" if finding.rule in lint.TARGET_RULES else "any bank",
            "question": finding.question,
            "file": finding.problem.file,
            "line": finding.problem.line,
            "field": finding.problem.field,
            "advice": finding.problem.message,
        }
        for finding in findings
    ]
    return json.dumps({"findings": rows, "report": dataclasses.asdict(bank)}, indent=2, ensure_ascii=False)
