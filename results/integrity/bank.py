"""The bank: versions and what was derived from them, pools and their ranks, listings.

Not checked are a listing's words and warnings: they are made by lint, and what lint says depends on the day
(`manage.py refresh_listing` makes them anew).
"""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Min, Q

from questions.listing import natural
from questions.models import SERVED_STATUSES, Pool, Question, QuestionVersion
from questions.models import Kind as QuestionKind
from results.integrity.problem import Kind, Problem, problem
from results.integrity.shapes import BadShapeError, derived_of, options_of

_CHUNK = 200


def problems() -> Iterator[Problem]:
    yield from _versions()
    yield from _current_versions()
    yield from _pools()
    yield from _places()
    yield from _listings()


def _versions() -> Iterator[Problem]:
    """Layout and HTML of every version are those of its options."""
    rows = QuestionVersion.objects.order_by().values_list(
        "pk", "options", "shuffle", "layout", "html", "key_html"
    )
    for pk, options, shuffle, layout, html, key_html in rows.iterator(_CHUNK):
        try:
            read = options_of(options)
            derived = derived_of(html, key_html)
        except BadShapeError as bad:
            yield problem(Kind.JSON, str(bad), version=pk)
            continue
        ids = {option.id for option in read}
        if len(ids) != len(read) or not any(option.correct for option in read):
            yield problem(Kind.VERSION, "It has no key, or two options of one id.", version=pk)
        elif layout != {
            "options": [[option.id, option.fixed] for option in read],
            "choose": sum(option.correct for option in read),
            "shuffle": shuffle,
        }:
            yield problem(Kind.VERSION, "Its layout is not that of its options.", version=pk)
        elif derived != (ids, ids):
            yield problem(Kind.VERSION, "Its HTML is not that of its options.", version=pk)


def _current_versions() -> Iterator[Problem]:
    wrong = Question.objects.filter(
        ~Q(current_version__question=F("pk")) | ~Q(current_version__task_statement=F("task_statement")),
        current_version__isnull=False,
    )
    for pk in wrong.order_by().values_list("pk", flat=True).iterator():
        yield problem(
            Kind.VERSION, "Its current version is another question's or task statement's.", question=pk
        )


def _pools() -> Iterator[Problem]:
    """Sizes and counts are those of the questions, and ranks have no gap."""

    def level(number: int) -> Count:
        return Count("questions", filter=Q(questions__current_version__level=number))

    multiple = Q(questions__current_version__kind=QuestionKind.MULTIPLE_RESPONSE)
    rows = Pool.objects.order_by().annotate(
        ranks=Count("questions__rank", distinct=True),
        lowest=Min("questions__rank"),
        highest=Max("questions__rank"),
        counted=Count("questions"),
        counted_multiple=Count("questions", filter=multiple),
        counted_1=level(1),
        counted_2=level(2),
        counted_3=level(3),
    )
    for pool in rows.iterator(_CHUNK):
        if pool.counted != pool.size:
            sentence = f"It says that it has {pool.size} questions, and has {pool.counted}."
        elif pool.size and (pool.lowest, pool.highest, pool.ranks) != (0, pool.size - 1, pool.size):
            sentence = "Its ranks have a gap."
        elif (pool.multiple_response, pool.level_1, pool.level_2, pool.level_3) != (
            pool.counted_multiple,
            pool.counted_1,
            pool.counted_2,
            pool.counted_3,
        ):
            sentence = "Its counts of kinds or levels are not those of its questions."
        else:
            continue
        yield problem(Kind.POOL, sentence, pool=pool.pk)


def _places() -> Iterator[Problem]:
    """A question is in the pool of its collection, task statement and status; what is served is in one."""
    served = Q(status__in=SERVED_STATUSES, current_version__isnull=False)
    stray = Q(pool__isnull=False) & ~Q(
        pool__collection=F("collection"), pool__task_statement=F("task_statement"), pool__status=F("status")
    )
    rows = Question.objects.filter(
        (served & Q(pool__isnull=True)) | (~served & Q(pool__isnull=False)) | stray
    )
    for pk in rows.order_by().values_list("pk", flat=True).iterator():
        yield problem(Kind.POOL, "It is not in the pool where it belongs.", question=pk)


def _listings() -> Iterator[Problem]:
    """One row for each question that has a version, and it says what question and version say."""
    rows = Question.objects.order_by().values_list(
        "pk",
        "external_id",
        "listing__order",
        *(name for names in _LISTED for name in names),
        "current_version_id",
        "listing__question",
    )
    for pk, external_id, order, *values, version, listed in rows.iterator(2000):
        if (version is None) != (listed is None):
            yield problem(Kind.LISTING, "It is listed without a version, or not listed.", question=pk)
        elif listed is not None and (bytes(order) != natural(external_id) or values[::2] != values[1::2]):
            yield problem(Kind.LISTING, "Its row in the list says something else.", question=pk)


_LISTED = (
    ("listing__collection_id", "collection_id"),
    ("listing__domain_id", "current_version__task_statement__domain_id"),
    ("listing__task_statement_id", "current_version__task_statement_id"),
    ("listing__status", "status"),
    ("listing__kind", "current_version__kind"),
    ("listing__level", "current_version__level"),
    ("listing__changed_at", "current_version__created_at"),
)
