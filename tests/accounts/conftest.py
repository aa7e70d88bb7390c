import pytest
from django.test import Client

from exam_sim.accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.org", PASSWORD, name="Ada")


@pytest.fixture
def guest(client: Client) -> User:
    """A guest whose session `client` holds."""
    client.post("/accounts/guest/")
    return User.objects.get(is_guest=True)
