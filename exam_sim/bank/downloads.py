"""Files that leave the site."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from exam_sim.http import NOTHING


def attachment(name: str, content: bytes, media_type: str) -> HttpResponse:
    """A file to be saved, never shown or kept by a cache: somebody else wrote it, and it may hold keys."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = NOTHING
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
