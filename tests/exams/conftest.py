import pytest
from django.test import Client
from django.utils import timezone

from exam_sim.exams.models import Attempt
from tests.exams.sitting import MINUTE, make_open
from tests.factories import make_user


@pytest.fixture
def sitting(client: Client) -> tuple[Client, Attempt]:
    """A candidate, logged in, ten minutes into an open attempt."""
    user = make_user()
    client.force_login(user)
    return client, make_open(user, started_at=timezone.now() - 10 * MINUTE)
