"""An instructor at work: logged in, with a collection of their own."""

import pytest
from django.test import Client

from exam_sim.accounts.models import User
from questions.models import Collection
from tests.bank.making import make_collection, make_instructor


@pytest.fixture
def instructor(db: None) -> User:
    return make_instructor()


@pytest.fixture
def own(instructor: User) -> Collection:
    return make_collection("own", instructor)


@pytest.fixture
def desk(client: Client, instructor: User) -> Client:
    client.force_login(instructor)
    return client
