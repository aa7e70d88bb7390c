import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from questions import certifications
from questions.formats import exchange
from questions.formats.registry import FORMATS
from questions.importing import Reading, import_files
from questions.models import Collection, Status
from tests.bank.making import make_collection, make_draft, put
from tests.factories import NOW

pytestmark = pytest.mark.django_db
FIXTURES = settings.BASE_DIR / "fixtures" / "mls-c01"
BOTH_WAYS = [slug for slug, format_ in FORMATS.items() if format_.read and format_.write]


def export(*arguments: str) -> tuple[str, int]:
    """What is said on standard error, and the exit status."""
    said = io.StringIO()
    try:
        call_command("export_questions", *arguments, stderr=said)
    except SystemExit as ended:
        return said.getvalue(), int(ended.code or 0)
    return said.getvalue(), 0


@pytest.fixture
def own() -> Collection:
    collection = make_collection("own", None)
    put(collection, "q-1", Status.PUBLISHED)
    put(collection, "q-2")
    return collection


def test_a_collection_becomes_a_file(own: Collection, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    assert export("--collection", "own", "--output", str(path)) == ("", 0)
    assert exchange.parse(path.read_bytes(), "own.yaml").drafts == (make_draft("q-1"), make_draft("q-2"))


def test_ids_and_statuses_choose(own: Collection, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    arguments = ("--collection", "own", "--format", "exchange-json", "--output", str(path))
    assert export("q-2", *arguments) == ("", 0)
    assert [draft.id for draft in exchange.parse(path.read_bytes(), "own.json").drafts] == ["q-2"]
    assert export("--status", "published", *arguments) == ("", 0)
    assert [draft.id for draft in exchange.parse(path.read_bytes(), "own.json").drafts] == ["q-1"]


def test_what_the_format_loses_is_said_with_ids(own: Collection, tmp_path: Path) -> None:
    said, code = export("--collection", "own", "--format", "gift", "--output", str(tmp_path / "own.gift"))
    assert (said.splitlines(), code) == (
        [
            "Not kept: references, 2 questions: q-1, q-2",
            "Not kept: distractor tags, 2 questions: q-1, q-2",
            "Not kept: day of verification, 2 questions: q-1, q-2",
        ],
        0,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--collection", "none"), "There is no collection none."),
        (("q-9", "--collection", "own"), "own has no question q-9."),
        (("--collection", "own", "--status", "retired"), "There is no question to export."),
        ((), "Name the collection with --collection."),
    ],
)
def test_what_cannot_be_exported_says_why(own: Collection, arguments: tuple[str, ...], said: str) -> None:
    assert export(*arguments) == (f"{said}\n", 2)


def test_shipped_questions_come_back_without_a_change_from_every_format(tmp_path: Path) -> None:
    """From Aiken they have neither ids nor formatting: what reads the same without them is found again, what
    does not is asked about, and nothing is taken for new."""
    collection = certifications.load(FIXTURES / "certification.yaml")
    files = [FIXTURES / f"{name}.yaml" for name in ("1.1-data-repositories", "2.3-analyze-and-visualize")]
    arguments: dict[str, Any] = {"collection": collection, "source_name": "bank", "now": NOW}
    read = import_files(files, status=Status.PUBLISHED, **arguments).counts["new"]
    found = {}
    for slug in BOTH_WAYS:
        path = tmp_path / f"bank{FORMATS[slug].suffix}"
        export("--collection", collection.slug, "--format", slug, "--output", str(path))
        report = import_files(
            [path], status=Status.DRAFT, dry_run=True, reading=Reading(format=slug), **arguments
        )
        found[slug] = (len(report.new), len(report.changed), report.counts["unchanged"])
    assert (read > 40, found.pop("aiken")[:2]) == (True, (0, 0))
    assert found == dict.fromkeys(found, (0, 0, read))
