"""What candidates keep about a question: one note, and a bookmark. Nothing else writes them."""

from datetime import datetime
from uuid import UUID

from exam_sim.accounts.models import User
from results.models import Bookmark, Note


def write(user: User, question: UUID, text: str, now: datetime) -> None:
    """The note is `text` from now on; an empty one is taken away."""
    if text:
        Note.objects.update_or_create(
            user=user, question_id=question, defaults={"text": text, "updated_at": now}
        )
    else:
        Note.objects.filter(user=user, question=question).delete()


def bookmark(user: User, question: UUID, on: bool, now: datetime) -> None:
    """Set or take away, never toggle: two tabs that press the same button agree."""
    if on:
        Bookmark.objects.get_or_create(user=user, question_id=question, defaults={"made_at": now})
    else:
        Bookmark.objects.filter(user=user, question=question).delete()
