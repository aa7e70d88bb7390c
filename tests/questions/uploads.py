"""Uploads as a page makes them, for tests."""

import datetime as dt
import io
import zipfile
from typing import Any

from exam_sim.accounts.models import User
from questions import previewing
from questions.models import Collection, Preview, PreviewEntry, Question
from tests.factories import NOW, make_certification, make_user
from tests.questions.builders import content

GIFT = b"""// [id:g-1] [tag:task_statement:1.1]
::One:: What is **one**? {
=Uno#Right.
~Dos#Wrong.
~Tres
}

::Two:: Which are even? {
~%50%Two
~%50%Four
~%-100%Five
}
"""


def collection() -> Collection:
    make_certification()
    return Collection.objects.get()


def instructor() -> User:
    return User.objects.filter(email="instructor@example.org").first() or make_user("instructor@example.org")


def upload(
    *questions: dict[str, Any],
    name: str = "bank.json",
    data: bytes = b"",
    now: dt.datetime = NOW,
    **fields: Any,
) -> Preview:
    """A preview that was read, of these questions in the exchange format or of other `data`."""
    preview = previewing.begin(
        instructor(), collection(), file_name=name, content=data or content(*questions), now=now, **fields
    )
    previewing.read_in(preview.pk, lambda: now)
    preview.refresh_from_db()
    return preview


def zipped(**members: bytes) -> bytes:
    """A zip; `__` in a name stands for a slash, `_` before the ending for a dot."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, member in members.items():
            path, _, suffix = name.replace("__", "/").rpartition("_")
            archive.writestr(f"{path}.{suffix}", member)
    return file.getvalue()


def entry(preview: Preview, position: int = 0) -> PreviewEntry:
    return preview.entries.get(position=position)


def sorted_into(preview: Preview) -> list[tuple[str, str]]:
    """Outcome and id of each entry."""
    return list(preview.entries.values_list("outcome", "external_id"))


def stems() -> dict[str, str]:
    """What the bank says: the stems of the current versions by id."""
    rows = Question.objects.exclude(current_version=None).order_by("external_id")
    return dict(rows.values_list("external_id", "current_version__stem"))
