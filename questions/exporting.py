"""Questions of the bank as a writer is given them."""

from django.db.models import QuerySet

from questions import drafts
from questions.formats import Export
from questions.models import Certification, Question, QuestionVersion, TaskStatement


def export_of(
    questions: QuerySet[Question], certification: Certification, *, with_figures: bool = True
) -> Export:
    """Current versions of these questions of one certification, in the order of their ids."""
    current = questions.exclude(current_version=None).order_by().values("current_version")
    versions = list(
        QuestionVersion.objects.filter(pk__in=current)
        .select_related("question", "task_statement")
        .defer("html", "key_html", "layout")
        .order_by("question__external_id")
    )
    statements = TaskStatement.objects.filter(domain__certification=certification).select_related("domain")
    return Export(
        drafts=list(drafts.of(versions).values()),
        certification=certification.slug,
        title=certification.title,
        figures=drafts.figures(versions) if with_figures else {},
        statements={statement.code: statement.title for statement in statements},
        domains={s.code: (s.domain.code, s.domain.title) for s in statements},
    )
