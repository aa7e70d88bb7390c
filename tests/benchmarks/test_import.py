"""An upload in our own format: how long it takes, and how much memory.

By default it is a small one, held to CPU time and memory, which other work on the machine does not change.
With `QUESTIONS=10000` in the environment it is the large one of docs/performance.md, held to the clock."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from questions import previewing
from questions.files import question_files
from questions.formats import Draft, Export, exchange
from questions.formats.registry import package
from tests.benchmarks.bank import FIXTURES, load_shipped
from tests.benchmarks.figures import Figures
from tests.benchmarks.site import with_name
from tests.benchmarks.yardstick import slowness
from tests.factories import make_user

QUESTIONS = int(os.environ.get("QUESTIONS", "1000"))
LARGE = 10_000
BYTES_EACH = 2_600
READ_MS, APPLY_MS = 2.0, 2.0
"""For each question: by the clock for a large upload, of the reader's CPU for a small one."""
MEMORY_MB = 500 if QUESTIONS >= LARGE else 250


def shipped_like(count: int) -> bytes:
    """A file of questions as long as the shipped ones, their words drawn at random."""
    models = [
        draft
        for path in question_files(FIXTURES)
        for draft in exchange.parse(path.read_bytes(), path.name).drafts
        if not draft.exhibits and draft.calculation is None and draft.kind == "multiple_choice"
    ]
    words = [word.strip("()*`|") for draft in models for word in draft.stem.split()]
    words = [word for word in words if word.isalpha()]
    rng = Random(1)
    drafts = [_like(models[n % len(models)], n, words, rng) for n in range(count)]
    content = package(Export(drafts, "mls-c01"), "exchange-yaml")[1]
    assert 0.85 * BYTES_EACH <= len(content) / count <= 1.3 * BYTES_EACH
    return content


def _like(model: Draft, number: int, words: Sequence[str], rng: Random) -> Draft:
    def text(sample: str, mark: str = "") -> str:
        drawn = " ".join(rng.choices(words, k=len(sample) // 6))
        return f"{drawn[: len(sample)].strip()} {mark}".strip()

    return replace(
        model,
        id=f"big-{number:05}",
        stem=text(model.stem, "?"),
        options=tuple(
            replace(option, text=text(option.text, f"{option.id}{number}"), rationale=text(option.rationale))
            for option in model.options
        ),
        explanation=text(model.explanation),
        testing_point=text(model.testing_point[:300], str(number)),
        enemies=(),
    )


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_previewed_and_applied_in_time(figures: Figures) -> None:
    collection = load_shipped()
    content = shipped_like(QUESTIONS)
    preview = previewing.begin(
        make_user(), collection, file_name="big.yaml", content=content, now=timezone.now()
    )
    url = with_name(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.uploading", str(preview.pk)],
        check=True,
        capture_output=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
    )
    measured = json.loads(ended.stdout)
    by, said = ("", "") if QUESTIONS >= LARGE else ("_cpu", "CPU: ")
    upload = f"upload of {QUESTIONS:,} questions"
    took = {name: 1000 * measured[name + by] / QUESTIONS for name in ("read", "apply")}
    figures.note(f"{said}{upload}, read and preview, each", took["read"], "ms", READ_MS)
    figures.note(f"{said}{upload}, apply, each", took["apply"], "ms", APPLY_MS)
    figures.note(f"memory: {upload}", measured["memory"] / 1_000_000, "MB", MEMORY_MB)
    assert measured["counts"]["new"] == QUESTIONS
    assert took["read"] <= READ_MS * slowness()
    assert took["apply"] <= APPLY_MS * slowness()
    assert measured["memory"] <= MEMORY_MB * 1_000_000
