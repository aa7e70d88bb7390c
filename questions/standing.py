"""What a collection has, as those ask who hold something against it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from questions import drafts, matching
from questions.batches import SIZE, batches
from questions.classify import Branch, Statement, Tree
from questions.judging import Base
from questions.models import Collection, Domain, Question

_VERSION = (
    "id",
    "fingerprint",
    "source",
    "task_statement__code",
    *drafts.COLUMNS,
)


def tree(certification: str) -> Tree:
    """The domains of a certification, by its slug, with their task statements."""
    domains = Domain.objects.filter(certification=certification).order_by("code")
    return [
        Branch(
            domain.code,
            domain.title,
            tuple(Statement(s.code, s.title) for s in domain.task_statements.all()),
        )
        for domain in domains.prefetch_related("task_statements")
    ]


class CollectionBank:
    """The questions of a collection. The index of their texts is made when it is first asked for: a file
    whose questions all have ids never does."""

    def __init__(self, collection: Collection) -> None:
        self._questions = Question.objects.filter(
            collection=collection, current_version__isnull=False
        ).order_by()
        self._collection = collection
        self._same: dict[bytes, list[UUID]] | None = None
        self._index: matching.TextIndex[UUID] | None = None

    def with_ids(self, ids: Iterable[str]) -> Mapping[str, Base]:
        bases = self._bases("external_id__in", ids)
        return {base.draft.id: base for base in bases}

    def of(self, questions: Iterable[UUID]) -> Mapping[UUID, Base]:
        return {base.question: base for base in self._bases("pk__in", questions)}

    def known(self, ids: Iterable[str]) -> set[str]:
        taken = Question.objects.filter(collection=self._collection)
        return {
            name
            for batch in batches(ids)
            for name in taken.filter(external_id__in=batch).values_list("external_id", flat=True)
        }

    def points(self, keys: Iterable[str]) -> Mapping[str, str]:
        column = "current_version__testing_point_key"
        found: dict[str, str] = {}
        for batch in batches(keys):
            rows = self._questions.filter(**{f"{column}__in": batch})
            found |= dict(rows.values_list(column, "external_id"))
        return found

    def same_text(self, key: bytes) -> Sequence[UUID]:
        if self._same is None:
            self._same = defaultdict(list)
            for question, stem, options in self._texts():
                self._same[matching.text_key(stem, options)].append(question)
        return self._same.get(key, ())

    def near(self, words: Sequence[str], taken: set[UUID]) -> tuple[UUID, float] | None:
        if self._index is None:
            texts = self._texts()
            self._index = matching.TextIndex(
                (question, matching.content_words(stem, options)) for question, stem, options in texts
            )
        return self._index.near(words, taken)

    def _texts(self) -> Iterator[tuple[UUID, str, list[str]]]:
        columns = ("pk", "current_version__stem", "current_version__options")
        rows = self._questions.order_by("external_id").values_list(*columns)
        for question, stem, options in rows.iterator(SIZE):
            yield question, stem, [option["text"] for option in options]

    def _bases(self, lookup: str, values: Iterable[Any]) -> Iterator[Base]:
        columns = [f"current_version__{name}" for name in _VERSION]
        for batch in batches(values):
            rows = self._questions.filter(**{lookup: batch}).values_list("pk", "external_id", *columns)
            for question, external_id, *values_ in rows:
                version = dict(zip(_VERSION, values_, strict=True))
                yield Base(
                    question,
                    version["id"],
                    version["fingerprint"],
                    version["source"],
                    drafts.stated(external_id, version["task_statement__code"], version),
                    {exhibit["file"]: exhibit["sha256"] for exhibit in version["exhibits"]},
                )
