import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from questions.importing import ImportReport, import_files, import_shipped, question_files
from questions.models import Asset, Collection, Question, QuestionVersion, Status
from tests.factories import make_certification
from tests.questions.builders import options, question, write
from tests.questions.test_exhibits import svg

LATER = dt.datetime(2026, 4, 1, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def collection(db: None) -> Collection:
    make_certification()
    return Collection.objects.get()


def run(path: Path, collection: Collection, now: dt.datetime, **options_: Any) -> ImportReport:
    arguments: dict[str, Any] = {"status": Status.PUBLISHED, "source_name": "bank.json"} | options_
    return import_files([path], collection=collection, now=now, **arguments)


def test_a_new_question_is_written_whole(collection: Collection, tmp_path: Path, now: dt.datetime) -> None:
    (tmp_path / "exhibits").mkdir()
    (tmp_path / "exhibits" / "a.svg").write_bytes(svg())
    fields: dict[str, Any] = {
        "options": [
            {"id": "a", "text": "0.5", "correct": True, "rationale": "Half."},
            {"id": "b", "text": "0.25", "correct": False, "distractor_tag": "wrong_stage"},
        ],
        "explanation": "So.",
        "references": [{"title": "T", "url": "https://example.org/"}],
        "services": ["Amazon S3"],
        "enemies": ["q-001-b"],
        "exhibits": [{"id": "f", "file": "a.svg", "alt": "A"}],
        "calculation": {
            "given": {"x": 4},
            "results": [
                {"option": "a", "formula": "2 / x", "value": 0.50},
                {"option": "b", "formula": "1 / x", "value": 0.25, "slip": "Takes one."},
            ],
        },
        "shuffle": False,
        "verified_on": "2026-02-01",
    }
    path = write(tmp_path, question("q-001", **fields))
    report = run(path, collection, now)
    assert (report.read, report.new, report.failed) == (1, ("q-001",), False)
    stored = Question.objects.get()
    version = QuestionVersion.objects.get()
    asset = Asset.objects.get()
    assert (stored.external_id, stored.status, stored.current_version, stored.rank) == (
        "q-001",
        "published",
        version,
        0,
    )
    assert stored.task_statement.code == version.task_statement.code == "1.1"
    assert (version.number, version.created_at, version.created_by, version.source) == (
        1,
        now,
        None,
        "bank.json",
    )
    assert version.options == [
        {
            "id": "a",
            "text": "0.5",
            "correct": True,
            "rationale": "Half.",
            "distractor_tag": None,
            "fixed": False,
        },
        {
            "id": "b",
            "text": "0.25",
            "correct": False,
            "rationale": "",
            "distractor_tag": "wrong_stage",
            "fixed": False,
        },
    ]
    assert version.exhibits == [
        {"id": "f", "file": "a.svg", "alt": "A", "long_description": "", "sha256": asset.sha256}
    ]
    assert version.calculation == {
        "given": {"x": "4"},
        "results": [
            {"option": "a", "formula": "2 / x", "value": "0.5", "slip": None},
            {"option": "b", "formula": "1 / x", "value": "0.25", "slip": "Takes one."},
        ],
    }
    assert (version.kind, version.level, version.shuffle) == ("multiple_choice", 2, False)
    assert version.verified_on == dt.date(2026, 2, 1)
    assert (version.references, version.services) == (fields["references"], ["Amazon S3"])
    assert (version.layout, version.html["exhibits"][0]["sha256"]) == (
        {"options": [["a", False], ["b", False]], "choose": 1, "shuffle": False},
        asset.sha256,
    )
    assert (bytes(asset.content), asset.media_type, list(asset.versions.all())) == (
        svg(),
        "image/svg+xml",
        [version],
    )


def test_the_same_file_again_changes_nothing(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    path = write(tmp_path, question("q-001"), question("q-002"))
    run(path, collection, now)
    before = list(QuestionVersion.objects.values())
    report = run(path, collection, LATER)
    assert report == ImportReport(read=2, unchanged=("q-001", "q-002"))
    assert list(QuestionVersion.objects.values()) == before


def test_an_edited_question_gets_one_new_version_and_so_does_its_way_back(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    run(write(tmp_path, question("q-001"), question("q-002")), collection, now)
    report = run(write(tmp_path, question("q-001", stem="Reworded."), question("q-002")), collection, LATER)
    assert report == ImportReport(read=2, changed=("q-001",), unchanged=("q-002",))
    run(write(tmp_path, question("q-001"), question("q-002")), collection, LATER)
    versions = QuestionVersion.objects.filter(question__external_id="q-001").values_list("number", "stem")
    assert list(versions) == [
        (1, "Stem of q-001. What next?"),
        (2, "Reworded."),
        (3, "Stem of q-001. What next?"),
    ]
    current = Question.objects.select_related("current_version").in_bulk(field_name="id").values()
    numbers = {q.external_id: q.current_version and q.current_version.number for q in current}
    assert numbers == {"q-001": 3, "q-002": 1}


def test_an_order_that_means_nothing_is_no_change(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    first = question("q-001", services=["A", "B"])
    run(write(tmp_path, first, question("q-002")), collection, now)
    turned = dict(reversed(first.items())) | {"options": first["options"][::-1], "services": ["B", "A"]}
    report = run(write(tmp_path, question("q-002"), turned), collection, LATER)
    assert report == ImportReport(read=2, unchanged=("q-002", "q-001"))


@pytest.mark.parametrize("kept", ["shuffle", "fixed"])
def test_the_order_of_options_that_stay_in_place_is_a_change(
    kept: str, collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    choices = options("abcd")
    choices[3]["fixed"] = kept == "fixed"
    fields: dict[str, Any] = {"shuffle": kept == "fixed"}
    run(write(tmp_path, question(options=choices, **fields)), collection, now)
    report = run(write(tmp_path, question(options=choices[::-1], **fields)), collection, LATER)
    assert report.changed == ("q-001",)


def test_a_changed_picture_is_a_change(collection: Collection, tmp_path: Path, now: dt.datetime) -> None:
    (tmp_path / "exhibits").mkdir()
    path = write(tmp_path, question(exhibits=[{"id": "f", "file": "a.svg", "alt": "A"}]))
    (tmp_path / "exhibits" / "a.svg").write_bytes(svg())
    run(path, collection, now)
    (tmp_path / "exhibits" / "a.svg").write_bytes(svg("<g/>"))
    assert run(path, collection, LATER).changed == ("q-001",)
    assert [asset.versions.count() for asset in Asset.objects.all()] == [1, 1]


def test_a_question_moves_to_another_task_statement_and_keeps_its_status(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    run(write(tmp_path, question()), collection, now, status=Status.TRIAL)
    run(write(tmp_path, question(task_statement="2.1")), collection, LATER)
    stored = Question.objects.select_related("task_statement", "pool__task_statement").get()
    assert (stored.task_statement.code, stored.status) == ("2.1", "trial")
    assert stored.pool is not None
    assert (stored.pool.task_statement.code, stored.pool.status, stored.rank) == ("2.1", "trial", 0)


def test_one_error_keeps_everything_out(collection: Collection, tmp_path: Path, now: dt.datetime) -> None:
    good = write(tmp_path, question("q-001"), name="good.json")
    bad = write(tmp_path, question("q-002"), question("q-003", options=options("ab", "ab")), name="bad.json")
    report = import_files(
        [good, bad, tmp_path / "none.json"],
        collection=collection,
        status=Status.DRAFT,
        source_name="x",
        now=now,
    )
    assert (report.read, report.new, report.rejected, report.failed) == (3, (), ("q-003",), True)
    assert [(p.file, p.field) for p in report.problems] == [
        (str(tmp_path / "none.json"), ""),
        (str(bad), "questions[1].options"),
    ]
    assert Question.objects.count() == 0


def test_a_dry_run_reports_and_writes_nothing(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    run(write(tmp_path, question("q-001"), question("q-002")), collection, now)
    path = write(tmp_path, question("q-001", level=1), question("q-002"), question("q-003"))
    report = run(path, collection, LATER, dry_run=True)
    assert report == ImportReport(read=3, new=("q-003",), changed=("q-001",), unchanged=("q-002",))
    assert (Question.objects.count(), QuestionVersion.objects.count()) == (2, 2)


def test_the_bank_stands_around_what_is_imported(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    run(write(tmp_path, question("q-001")), collection, now)
    coming = question("q-002", testing_point="point of Q-001", enemies=["q-001", "q-009"])
    report = run(write(tmp_path, coming), collection, LATER)
    assert report.new == ("q-002",)
    assert [(p.severity, p.field, p.advice) for p in report.problems] == [
        ("warning", "questions[0].enemies[1]", "Name a question that exists: q-009 is not known."),
        (
            "warning",
            "questions[0].testing_point",
            "Test something of its own: q-001 in the bank has the same testing point.",
        ),
    ]


def test_the_number_of_statements_does_not_grow_with_the_file(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    def statements(*questions: dict[str, Any]) -> int:
        path = write(tmp_path, *questions)
        with CaptureQueriesContext(connection) as captured:
            run(path, collection, now)
        return len([q for q in captured if "SAVEPOINT" not in q["sql"]])

    few = statements(question("q-001"), question("q-002"))
    many = statements(*[question(f"q-1{n:02}") for n in range(65)])
    assert (few, many - few <= 1) == (22, True)


def test_the_shipped_bank_is_read_again_only_when_its_files_changed(
    collection: Collection, tmp_path: Path, now: dt.datetime
) -> None:
    def load() -> ImportReport | None:
        fresh = Collection.objects.get()
        return import_shipped(tmp_path, collection=fresh, now=now, status=Status.PUBLISHED)

    write(tmp_path, question("q-001"), question("q-002"), question("q-003"))
    write(tmp_path, name="certification.json")
    write(tmp_path, name="targets.json")
    assert question_files(tmp_path) == [tmp_path / "bank.json"]
    first = load()
    assert first is not None
    assert first.new == ("q-001", "q-002", "q-003")
    assert load() is None
    edited = write(tmp_path / "..", question("q-001", stem="An instructor's."), name="own.json")
    run(edited, collection, now, source_name="own.json")
    write(tmp_path, question("q-001", level=3), question("q-002", level=3), question("q-003"))
    assert load() == ImportReport(read=3, changed=("q-002",), unchanged=("q-003",), left_alone=("q-001",))
    assert load() is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_each_question_and_version_once(tmp_path: Path, now: dt.datetime) -> None:
    make_certification()
    collection = Collection.objects.get()
    run(write(tmp_path, question("q-000")), collection, now)
    questions = [question("q-000", level=3), *[question(f"q-{n:03}") for n in range(1, 30)]]
    path = write(tmp_path, *questions)
    together = Barrier(2)

    def load(_: int) -> ImportReport:
        together.wait()
        try:
            return run(path, collection, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        reports = list(threads.map(load, range(2)))
    assert sorted(len(report.new) + len(report.changed) for report in reports) == [0, 30]
    assert Question.objects.count() == 30
    assert QuestionVersion.objects.count() == 31
