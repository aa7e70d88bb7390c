"""What somebody said the headers of a table mean, remembered for the next table with the same headers."""

from collections.abc import Mapping

from exam_sim.accounts.models import User
from questions.formats.columns import Headers
from questions.models import ColumnMapping


def recall(owner: User, headers: Headers | None) -> dict[str, str]:
    """Our fields by header, as `owner` once said for these very headers; empty if never."""
    if headers is None or not headers.hash:
        return {}
    found = ColumnMapping.objects.filter(owner=owner, headers_hash=headers.hash).first()
    return dict(found.columns) if found else {}


def remember(owner: User, headers: Headers | None, columns: Mapping[str, str]) -> None:
    if headers is not None and headers.hash:
        ColumnMapping.objects.update_or_create(
            owner=owner, headers_hash=headers.hash, defaults={"columns": dict(columns)}
        )
