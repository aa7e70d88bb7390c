"""The bank that ships keeps the promises of the exam that it is for."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings

from questions import accepted, certifications, lint, lint_targets, sidecars
from questions import plan as planning
from questions.formats import Draft, exchange
from questions.formats.validation import Strict
from questions.importing import import_files, import_shipped, question_files
from questions.models import Pool, Question, QuestionVersion, Status
from questions.targets import TargetsFile
from tests.questions.guesser import share_guessed
from tests.questions.sound import TODAY

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
FORM = {"1": 13, "2": 16, "3": 23, "4": 13}
QUESTIONS = 325

M = TypeVar("M", bound=Strict)


def beside(name: str, model: type[M]) -> M:
    content, problems = sidecars.load(FOLDER / name, model)
    assert content is not None, problems
    return content


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    parsed = [exchange.parse(path.read_bytes(), path.name) for path in question_files(FOLDER)]
    assert [problem for file in parsed for problem in file.problems] == []
    return [draft for file in parsed for draft in file.drafts]


def test_there_are_five_forms_of_65_questions_in_the_proportion_of_the_domains(drafts: list[Draft]) -> None:
    by_domain = Counter(draft.task_statement.partition(".")[0] for draft in drafts)
    assert by_domain == {domain: 5 * places for domain, places in FORM.items()}
    assert len({draft.id for draft in drafts}) == QUESTIONS


def test_every_task_statement_is_covered(drafts: list[Draft]) -> None:
    fields = certifications.parse((FOLDER / "certification.yaml").read_bytes(), "certification.yaml")
    codes = {item.code for domain in fields.certification.domains for item in domain.task_statements}
    assert len(codes) == 15
    assert {draft.task_statement for draft in drafts} == codes


def test_kinds_are_of_the_exams_shape(drafts: list[Draft]) -> None:
    odd = [d.id for d in drafts if d.kind == "multiple_choice" and len(d.options) != 4]
    odd += [d.id for d in drafts if d.kind == "multiple_response" and len(d.options) not in {5, 6}]
    odd += [d.id for d in drafts if d.kind == "multiple_response" and "(Select T" not in d.stem]
    assert odd == []


def test_every_question_explains_itself(drafts: list[Draft]) -> None:
    bare = [
        draft.id
        for draft in drafts
        if not draft.explanation
        or not draft.references
        or draft.verified_on is None
        or not all(option.rationale for option in draft.options)
        or not all(option.correct or option.distractor_tag for option in draft.options)
        or not all(exhibit.long_description for exhibit in draft.exhibits)
    ]
    assert bare == []


def test_every_warning_of_lint_has_a_reason_and_every_target_is_met(drafts: list[Draft]) -> None:
    targets, plan = beside("targets.yaml", TargetsFile).targets, beside("plan.yaml", planning.Plan)
    findings = [
        *lint.check_all(drafts, today=TODAY),
        *lint_targets.check(drafts, targets, plan),
        *planning.check(drafts, plan),
    ]
    left = accepted.sort(findings, beside("warnings.yaml", accepted.Accepted))
    assert [str(finding.problem) for finding in (*left.open, *left.outdated)] == []


def test_the_plan_as_it_is_read_counts_what_the_files_hold(drafts: list[Draft]) -> None:
    targets, plan = beside("targets.yaml", TargetsFile).targets, beside("plan.yaml", planning.Plan)
    text = (FOLDER / "PLAN.md").read_text()
    assert text[text.index("## Deciding concepts") :] == planning.grid(drafts, plan, targets.concepts)


def test_wording_alone_does_not_tell_the_key(drafts: list[Draft]) -> None:
    assert share_guessed(drafts) <= 0.32


@pytest.mark.django_db
def test_it_is_imported_without_a_problem_and_once(now: dt.datetime) -> None:
    collection = certifications.load(FOLDER / "certification.yaml")
    report = import_shipped(FOLDER, collection=collection, now=now, status=Status.PUBLISHED)
    assert report is not None
    assert (report.read, len(report.new), report.problems) == (QUESTIONS, QUESTIONS, ())
    assert sum(Pool.objects.values_list("size", flat=True)) == QUESTIONS
    assert import_shipped(FOLDER, collection=collection, now=now, status=Status.PUBLISHED) is None
    again = import_files(
        question_files(FOLDER), collection=collection, status=Status.DRAFT, source_name="x", now=now
    )
    assert (len(again.unchanged), again.new, again.changed) == (QUESTIONS, (), ())
    assert (Question.objects.count(), QuestionVersion.objects.count()) == (QUESTIONS, QUESTIONS)
