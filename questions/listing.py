"""The rows that lists of questions are made of: see `Listing`.

`refresh` is their one writer and is called, in the same transaction, by whoever made a version current;
`set_status` by whoever changed a status. What lint says depends on the day (a verification grows old), so
`manage.py refresh_listing` may be run from time to time.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from questions import drafts, lint
from questions.batches import batches
from questions.fingerprint import fold
from questions.formats import Draft
from questions.models import ListedService, Listing, Question, QuestionVersion, Status
from questions.words import joined, mark, words

ANY = "any"
_DIGITS = re.compile(r"\d+")
_WRITTEN = [field.name for field in Listing._meta.fields if field.name != "question"]
_NOT_READ = ("html", "key_html", "layout", "fingerprint")


def refresh(
    question_ids: Iterable[UUID],
    today: date | None = None,
    findings: Mapping[UUID, Sequence[str]] | None = None,
) -> int:
    """Bring the rows of these questions in line with their current versions; how many there are now.

    Two statements for 500 questions. A question without a version has no row. Lint takes most of the time:
    who has asked it already gives its rules by question, each as often as it was broken."""
    today = today or timezone.localdate()
    written = 0
    for ids in batches(question_ids):
        versions = (
            QuestionVersion.objects.filter(question__in=ids, question__current_version=F("pk"))
            .select_related("question", "task_statement")
            .defer(*_NOT_READ)
            .order_by()
        )
        rows: list[Listing] = []
        services: set[tuple[str, str]] = set()
        for version in versions:
            draft = drafts.draft(version)
            known = (findings or {}).get(version.question_id)
            rows.append(_row(version, draft, _rules(draft, today) if known is None else known))
            services |= {(version.question.collection_id, name) for name in version.services}
        Listing.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["question"], update_fields=_WRITTEN
        )
        ListedService.objects.bulk_create(
            [ListedService(collection_id=slug, name=name) for slug, name in sorted(services)],
            ignore_conflicts=True,
        )
        written += len(rows)
    return written


def set_status(question_ids: Collection[UUID], status: Status) -> None:
    for ids in batches(question_ids):
        Listing.objects.filter(question__in=ids).update(status=status)


@contextmanager
def by_the_index() -> Iterator[None]:
    """Inside, PostgreSQL finds words by their index alone. It would read the words of every row when they
    are common, or go through the rows in their order and look at the words of each, and that takes seconds
    where two words are common and never meet."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)"
        )
        yield


def missing() -> Iterator[UUID]:
    """Questions of a bank that is older than its listing."""
    unlisted = Question.objects.filter(listing=None, current_version__isnull=False)
    return unlisted.order_by().values_list("pk", flat=True).iterator()


def natural(external_id: str) -> bytes:
    """A key that sorts q2 before q10: numbers are padded with zeros."""
    return _DIGITS.sub(lambda number: number[0].zfill(12), fold(external_id)).encode()[:200]


def _rules(draft: Draft, today: date) -> list[str]:
    return [finding.rule.value for finding in lint.check(draft, today=today)]


def _row(version: QuestionVersion, draft: Draft, rules: Sequence[str]) -> Listing:
    question = version.question
    return Listing(
        question=question,
        collection_id=question.collection_id,
        domain_id=version.task_statement.domain_id,
        task_statement=version.task_statement,
        status=question.status,
        kind=version.kind,
        level=version.level,
        warnings=len(rules),
        order=natural(question.external_id),
        changed_at=version.created_at,
        words=joined(
            words(" ".join(_texts(draft))), [*_marks(dict.fromkeys(rules)), *_services(draft.services)]
        ),
    )


def _texts(draft: Draft) -> Iterator[str]:
    yield from (draft.id, draft.task_statement, draft.testing_point, draft.stem, draft.explanation)
    for option in draft.options:
        yield from (option.text, option.rationale, option.distractor_tag or "")
    yield from draft.services
    yield from (reference.title for reference in draft.references)


def _marks(rules: Iterable[str]) -> Iterator[str]:
    for nth, rule in enumerate(rules):
        if nth == 0:
            yield warning_mark(ANY)
        yield warning_mark(rule)


def _services(names: Iterable[str]) -> list[str]:
    return [service_mark(name) for name in names]


def warning_mark(rule: str) -> str:
    return mark("warning", rule)


def service_mark(name: str) -> str:
    return mark("service", name)
