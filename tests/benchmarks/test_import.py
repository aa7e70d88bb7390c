"""Ten thousand questions in our own format: how long an upload takes, and how much memory."""

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
from tests.benchmarks.site import _with_name
from tests.benchmarks.yardstick import slowness
from tests.factories import make_user

QUESTIONS, MEGABYTES = 10_000, 26
READ_SECONDS, APPLY_SECONDS, MEMORY_MB = 20.0, 20.0, 500


def shipped_like(count: int, megabytes: int) -> bytes:
    """A file of questions as long as the shipped ones, their words drawn at random: of about this size."""
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
    assert 0.85 * megabytes <= len(content) / 1e6 <= 1.3 * megabytes
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
def test_ten_thousand_questions_are_previewed_and_applied_in_time(figures: Figures) -> None:
    collection = load_shipped()
    content = shipped_like(QUESTIONS, MEGABYTES)
    preview = previewing.begin(
        make_user(), collection, file_name="big.yaml", content=content, now=timezone.now()
    )
    url = _with_name(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.uploading", str(preview.pk)],
        check=True,
        capture_output=True,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
    )
    measured = json.loads(ended.stdout)
    figures.note("upload of 10,000: read and preview", measured["read"], "s", READ_SECONDS)
    figures.note("upload of 10,000: apply", measured["apply"], "s", APPLY_SECONDS)
    figures.note("upload of 10,000: memory", measured["memory"] / 1024, "KB", MEMORY_MB * 1000)
    assert measured["counts"]["new"] == QUESTIONS
    assert measured["read"] <= READ_SECONDS * slowness()
    assert measured["apply"] <= APPLY_SECONDS * slowness()
    assert measured["memory"] <= MEMORY_MB * 1_000_000
