"""The shipped bank, and a big one made after it at little cost: questions with the sizes, kinds and layouts
of the shipped ones, their words drawn at random."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from questions import pools
from questions.models import Collection, Question, QuestionVersion

FIXTURES: Path = settings.BASE_DIR / "fixtures" / "mls-c01"


def load_shipped() -> Collection:
    """The shipped certification, bank and profiles."""
    call_command("load_certification", FIXTURES, verbosity=0)
    return Collection.objects.get(pk="mls-c01")


def grow(collection: Collection, size: int, seed: int = 1) -> None:
    """Fill `collection` up to `size` questions, spread over the task statements as the shipped ones are."""
    rng = Random(seed)
    models = list(QuestionVersion.objects.filter(question__collection=collection).select_related("question"))
    words = " ".join(model.stem for model in models).split()
    pairs = [_like(models[n % len(models)], f"grown-{n}", words, rng) for n in range(size - len(models))]
    questions = Question.objects.bulk_create([question for question, _ in pairs], batch_size=500)
    QuestionVersion.objects.bulk_create([version for _, version in pairs], batch_size=500)
    for question, version in pairs:
        question.current_version = version
    Question.objects.bulk_update(questions, ["current_version"], batch_size=500)
    analyse()
    pools.renumber(collection)
    analyse()


def analyse() -> None:
    """Bring the planner's statistics up to date, which autovacuum does only for what is committed."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _like(
    model: QuestionVersion, name: str, words: Sequence[str], rng: Random
) -> tuple[Question, QuestionVersion]:
    """A new question with texts as long as those of `model`, an enemy of none."""

    def text(length: int) -> str:
        return " ".join(rng.choices(words, k=1 + length // 7))[:length]

    question = Question(
        collection_id=model.question.collection_id,
        external_id=name,
        task_statement_id=model.task_statement_id,
        status=model.question.status,
    )
    html: dict[str, Any] = {
        "stem": f"<p>{text(len(model.html['stem']))}</p>",
        "options": {id_: text(len(html)) for id_, html in model.html["options"].items()},
        "exhibits": [],
    }
    key_html = {
        "explanation": f"<p>{text(len(model.key_html['explanation']))}</p>",
        "rationales": {
            id_: f"<p>{text(len(html))}</p>" for id_, html in model.key_html["rationales"].items()
        },
    }
    version = QuestionVersion(
        question=question,
        number=1,
        created_at=model.created_at,
        source="benchmark",
        fingerprint=uuid.uuid4().hex,
        task_statement_id=model.task_statement_id,
        kind=model.kind,
        stem=text(len(model.stem)),
        options=model.options,
        explanation=text(len(model.explanation)),
        references=model.references,
        level=model.level,
        testing_point=name,
        testing_point_key=uuid.uuid4().hex,
        layout=model.layout,
        html=html,
        key_html=key_html,
        renderer=model.renderer,
    )
    return question, version
