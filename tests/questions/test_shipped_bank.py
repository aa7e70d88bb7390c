"""The bank that ships keeps the promises of the exam that it is for."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from questions import certifications
from questions.fingerprint import fold
from questions.formats import Draft, exchange
from questions.importing import import_files, import_shipped, question_files
from questions.models import Pool, Question, QuestionVersion, Status

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "mls-c01"
FORM = {"1": 13, "2": 16, "3": 23, "4": 13}


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    parsed = [exchange.parse(path.read_bytes(), path.name) for path in question_files(FOLDER)]
    assert [problem for file in parsed for problem in file.problems] == []
    return [draft for file in parsed for draft in file.drafts]


def test_there_are_two_forms_of_65_questions_in_the_proportion_of_the_domains(drafts: list[Draft]) -> None:
    by_domain = Counter(draft.task_statement.partition(".")[0] for draft in drafts)
    assert by_domain == {domain: 2 * places for domain, places in FORM.items()}
    assert len({draft.id for draft in drafts}) == 130


def test_every_task_statement_is_covered(drafts: list[Draft]) -> None:
    fields = certifications.parse((FOLDER / "certification.yaml").read_bytes(), "certification.yaml")
    codes = {item.code for domain in fields.certification.domains for item in domain.task_statements}
    assert len(codes) == 15
    assert {draft.task_statement for draft in drafts} == codes


def test_kinds_are_in_proportion_and_of_the_exams_shape(drafts: list[Draft]) -> None:
    kinds = Counter(draft.kind for draft in drafts)
    assert 16 <= kinds["multiple_response"] <= 20
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


def test_no_two_questions_test_the_same_thing(drafts: list[Draft]) -> None:
    points = Counter(fold(draft.testing_point) for draft in drafts)
    assert [point for point, count in points.items() if count > 1] == []


@pytest.mark.django_db
def test_it_is_imported_without_a_problem_and_once(now: dt.datetime) -> None:
    collection = certifications.load(FOLDER / "certification.yaml")
    report = import_shipped(FOLDER, collection=collection, now=now, status=Status.PUBLISHED)
    assert report is not None
    assert (report.read, len(report.new), report.problems) == (130, 130, ())
    assert sum(Pool.objects.values_list("size", flat=True)) == 130
    assert import_shipped(FOLDER, collection=collection, now=now, status=Status.PUBLISHED) is None
    again = import_files(
        question_files(FOLDER), collection=collection, status=Status.DRAFT, source_name="x", now=now
    )
    assert (len(again.unchanged), again.new, again.changed) == (130, (), ())
    assert (Question.objects.count(), QuestionVersion.objects.count()) == (130, 130)
