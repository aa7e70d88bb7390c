"""The bank, and what is on its way into it. A question is an identity; what it says is in its versions, which
never change."""

from questions.models.bank import (
    SERVED_STATUSES,
    Asset,
    Collection,
    KeyCorrection,
    Kind,
    Pool,
    Question,
    QuestionVersion,
    Status,
    StatusChange,
)
from questions.models.certifications import Certification, Domain, TaskStatement
from questions.models.imports import Import, ImportEntry
from questions.models.listing import ListedService, Listing
from questions.models.previews import (
    ColumnMapping,
    Decision,
    Likeness,
    Outcome,
    Preview,
    PreviewEntry,
    PreviewFigure,
    PreviewState,
)

__all__ = [
    "SERVED_STATUSES",
    "Asset",
    "Certification",
    "Collection",
    "ColumnMapping",
    "Decision",
    "Domain",
    "Import",
    "ImportEntry",
    "KeyCorrection",
    "Kind",
    "Likeness",
    "ListedService",
    "Listing",
    "Outcome",
    "Pool",
    "Preview",
    "PreviewEntry",
    "PreviewFigure",
    "PreviewState",
    "Question",
    "QuestionVersion",
    "Status",
    "StatusChange",
    "TaskStatement",
]
