"""One site for all requests of this folder; each leaves it as it was."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from exam_sim.handler import Utf8Request
from tests.security.fuzzing.site import Site


@pytest.fixture(scope="package")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        # The test client would make Django's requests, where the server makes ours.
        patch.setattr("django.test.client.WSGIRequest", Utf8Request)
        yield Site()
        transaction.set_rollback(True)
