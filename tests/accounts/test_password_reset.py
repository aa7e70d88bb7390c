import re
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from exam_sim.accounts.forms import MAILS
from exam_sim.accounts.models import Action, AuditEntry, User
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
URL = "/accounts/password/reset/"
NEW = {"new_password1": "another long pass phrase", "new_password2": "another long pass phrase"}


def ask(client: Client, email: str) -> Any:
    """Ask for a mail, and wait until it would have been sent."""
    response = client.post(URL, {"email": email}, follow=True)
    MAILS.submit(int).result()
    return response


def link(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver(/accounts/password/reset/\S+)", str(mail.body))
    assert found, mail.body
    return found[1]


def test_the_link_sets_a_new_password_once(client: Client, ada: User, mailoutbox: list[EmailMessage]) -> None:
    ask(client, "ADA@example.org")
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["ada@example.org"], "A new password for Exam Simulator")
    form = client.get(link(mail))
    assert client.post(form.headers["Location"], NEW).headers["Location"] == f"{URL}complete/"
    assert User.objects.get().check_password(NEW["new_password1"])
    assert "<h1>This link no longer works</h1>" in client.get(link(mail)).content.decode()


def test_the_answer_does_not_tell_who_has_an_account(
    client: Client, ada: User, mailoutbox: list[EmailMessage]
) -> None:
    known = ask(client, str(ada.email))
    unknown = ask(client, "nobody@example.org")
    assert (unknown.redirect_chain, unknown.content) == (known.redirect_chain, known.content)
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]


def test_asking_changes_nothing(client: Client, ada: User) -> None:
    ask(client, str(ada.email))
    assert User.objects.get().check_password(PASSWORD)


def test_a_guest_cannot_be_reset(client: Client, guest: User, mailoutbox: list[EmailMessage]) -> None:
    ask(client, "")
    assert mailoutbox == []


@pytest.mark.parametrize("tail", ["x/y/", "MQ/abc-def/"])
def test_a_made_up_link_says_so(client: Client, tail: str) -> None:
    response = client.get(URL + tail)
    assert response.status_code == 200
    assert "<h1>This link no longer works</h1>" in response.content.decode()


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_three_mails_an_hour_are_all_for_known_and_unknown(
    client: Client, ada: User, mailoutbox: list[EmailMessage], email: str
) -> None:
    answers = [ask(client, typed) for typed in (email, email.upper(), email, email)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "3600"
    assert "Too many attempts: wait 60 minutes, then try again." in answers[-1].content.decode()
    assert len(mailoutbox) == (3 if email == ada.email else 0)


def test_one_address_asks_for_twenty(client: Client) -> None:
    answers = [client.post(URL, {"email": f"{number}@example.org"}) for number in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]


def test_the_mail_lets_its_reader_in_though_account_and_address_have_to_wait(
    client: Client, ada: User, mailoutbox: list[EmailMessage]
) -> None:
    """Once, and to this account alone."""

    def log_in(email: str, password: str) -> int:
        return client.post("/accounts/login/", {"username": email, "password": password}).status_code

    for number in range(24):
        log_in(["ada@example.org", f"{number}@example.org"][number > 4], "wrong")
    new = NEW["new_password1"]
    ask(client, "ada@example.org")
    client.post(client.get(link(mailoutbox[0])).headers["Location"], NEW)
    assert log_in("7@example.org", new) == 429
    assert log_in(" ADA@example.org", new) == 302
    client.post("/accounts/logout/")
    assert log_in("ada@example.org", new) == 429
    assert list(AuditEntry.objects.values_list("action", "object", "actor")) == [
        (Action.PASSWORD, f"user:{ada.pk}", ada.pk)
    ]
