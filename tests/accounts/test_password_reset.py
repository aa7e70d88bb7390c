import re

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from exam_sim.accounts.models import User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/password/reset/"
NEW = {"new_password1": "another long pass phrase", "new_password2": "another long pass phrase"}


def link(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/\S+)", str(mail.body))
    assert found, mail.body
    return found[1]


def test_the_link_sets_a_new_password_once(client: Client, ada: User, mailoutbox: list[EmailMessage]) -> None:
    client.post(URL, {"email": "ADA@example.org"})
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["ada@example.org"], "A new password for Exam Simulator")
    form = client.get(link(mail))
    assert client.post(form.headers["Location"], NEW).headers["Location"] == f"{URL}complete/"
    assert User.objects.get().check_password(NEW["new_password1"])
    assert "<h1>This link no longer works</h1>" in client.get(link(mail)).content.decode()


def test_the_answer_does_not_tell_who_has_an_account(
    client: Client, ada: User, mailoutbox: list[EmailMessage]
) -> None:
    known = client.post(URL, {"email": ada.email}, follow=True)
    unknown = client.post(URL, {"email": "nobody@example.org"}, follow=True)
    assert (unknown.redirect_chain, unknown.content) == (known.redirect_chain, known.content)
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]


def test_asking_changes_nothing(client: Client, ada: User) -> None:
    client.post(URL, {"email": ada.email})
    assert User.objects.get().check_password(PASSWORD)


def test_a_guest_cannot_be_reset(client: Client, guest: User, mailoutbox: list[EmailMessage]) -> None:
    client.post(URL, {"email": ""})
    assert mailoutbox == []


@pytest.mark.parametrize("tail", ["x/y/", "MQ/abc-def/"])
def test_a_made_up_link_says_so(client: Client, tail: str) -> None:
    response = client.get(URL + tail)
    assert response.status_code == 200
    assert "<h1>This link no longer works</h1>" in response.content.decode()
