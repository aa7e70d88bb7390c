"""What turns a server's call into a request: Django's handler, with requests whose text is UTF-8.

Django reads fields by the charset that the header Content-Type names, which may be any of Python's codecs,
also one that is no text (rot13), and fails on some other headers: all of it before there is anything to
answer with, so that one line of a stranger's is an error of the server.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Utf8Request(WSGIRequest):
    """A charset that is asked for changes nothing; a Content-Type that cannot be read counts as none."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            self.content_type, self.content_params = "", {}


class Utf8Handler(WSGIHandler):
    request_class = Utf8Request
