"""What a list finds: words, marks and order are the same on both databases, and follow the versions."""

import datetime as dt

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from questions import listing, statuses
from questions.models import ListedService, Listing, Question, Status
from questions.words import Terms, joined, terms, words
from tests.factories import make_version

TODAY = dt.date(2026, 3, 2)


def found(text: str, *marks: str) -> list[str]:
    rows = Listing.objects.filter(words__hold=terms(text, marks))
    return list(rows.order_by("order").values_list("question__external_id", flat=True))


def listed(external_id: str, **fields: object) -> Question:
    version = make_version(**fields)  # type: ignore[arg-type]
    question = version.question
    question.external_id = external_id
    question.save(update_fields=["external_id"])
    listing.refresh([question.pk], TODAY)
    return question


def test_words_are_folded_and_parted_by_whatever_is_no_letter_or_digit() -> None:
    assert words("Use **SSE-KMS** for `s3://bucket/predict_proba`; \ufb01nal caf\u00e9, ml.p3.2xlarge") == [
        *("use", "sse", "kms", "for", "s3", "bucket", "predict", "proba", "final", "caf\u00e9", "ml", "p3"),
        "2xlarge",
    ]


def test_the_last_word_may_be_unfinished_unless_it_is_too_short_to_say_anything() -> None:
    assert terms("data Pipel") == Terms(("data",), "pipel")
    assert terms("data s3") == Terms(("data", "s3"))
    assert terms(" -- ") == Terms()
    assert not terms("")


@pytest.mark.django_db
def test_all_words_must_stand_there_and_the_last_may_be_a_beginning() -> None:
    listed("q1", stem="A bucket keeps encrypted objects.")
    listed("q2", stem="A stream keeps records.", explanation="Objects are no records.")
    assert found("keeps") == ["q1", "q2"]
    assert found("keeps obj") == ["q1", "q2"]
    assert found("bucket obj") == ["q1"]
    assert found("buck keeps") == []
    assert found("encrypted nothing") == []
    assert found("Option a rationale records") == []


@pytest.mark.django_db
def test_every_text_of_a_question_is_found_and_its_id_too() -> None:
    listed(
        "mls-7",
        stem="alpha",
        explanation="epsilon",
        testing_point="zeta",
        services=["Amazon Eta"],
        references=[{"title": "Theta guide", "url": "https://example.org/iota"}],
    )
    for text in ("mls-7", "1.1", "alpha", "option d", "because", "epsilon", "zeta", "eta", "theta"):
        assert found(text) == ["mls-7"]
    assert found("iota") == []


@pytest.mark.django_db
def test_services_and_warnings_are_marks_that_no_text_can_fake() -> None:
    listed("q1", services=["Amazon S3"], stem="service=aws-lambda warning=negative")
    listed("q2", services=["AWS Lambda"])
    assert found("", listing.service_mark("Amazon S3")) == ["q1"]
    assert found("", listing.service_mark("AWS Lambda")) == ["q2"]
    assert found("", listing.warning_mark("no_question")) == ["q1", "q2"]
    assert found("", listing.warning_mark("negative")) == []
    assert found("", listing.warning_mark(listing.ANY)) == ["q1", "q2"]
    assert list(ListedService.objects.values_list("collection", "name")) == [
        ("mls-c01", "AWS Lambda"),
        ("mls-c01", "Amazon S3"),
    ]


@pytest.mark.django_db
def test_numbers_in_ids_sort_as_numbers() -> None:
    for external_id in ("q10", "q2", "Q1-b", "q1-a"):
        listed(external_id)
    rows = Listing.objects.order_by("order").values_list("question__external_id", flat=True)
    assert list(rows) == ["q1-a", "Q1-b", "q2", "q10"]


@pytest.mark.django_db
def test_a_row_follows_the_newest_version_and_the_status(now: dt.datetime) -> None:
    question = listed("q1", stem="before")
    make_version("2.1", question=question, key="ab", stem="after", level=3)
    question.task_statement = question.current_version.task_statement
    question.save(update_fields=["task_statement"])
    listing.refresh([question.pk], TODAY)
    row = Listing.objects.get()
    assert (row.kind, row.level, row.task_statement.code, row.domain.code) == (
        "multiple_response",
        3,
        "2.1",
        "2",
    )
    assert (found("before"), found("after")) == ([], ["q1"])
    statuses.change([question.pk], Status.RETIRED, by=None, now=now)
    assert Listing.objects.get().status == Status.RETIRED


@pytest.mark.django_db
def test_who_has_asked_lint_already_says_what_it_found() -> None:
    question = listed("q1")
    listing.refresh([question.pk], TODAY, {question.pk: ["both", "no_rationale", "no_rationale"]})
    assert Listing.objects.get().warnings == 3
    assert found("", listing.warning_mark("both")) == ["q1"]
    assert found("", listing.warning_mark("no_question")) == []
    listing.refresh([question.pk], TODAY, {question.pk: []})
    assert found("", listing.warning_mark(listing.ANY)) == []


@pytest.mark.django_db
def test_a_bank_from_before_the_listing_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    make_version()
    question = make_version().question
    Question.objects.filter(pk=question.pk).update(current_version=None)
    call_command("refresh_listing")
    call_command("refresh_listing")
    call_command("refresh_listing", "--all")
    assert capsys.readouterr().out == "1 questions listed.\n1 questions listed.\n"


@given(st.lists(st.text(max_size=30), max_size=5), st.text(max_size=40))
@pytest.mark.django_db
def test_any_text_is_found_by_each_of_its_words_and_no_search_breaks(texts: list[str], search: str) -> None:
    Listing.objects.all().delete()
    version = make_version()
    listing.refresh([version.question_id], TODAY)
    said = [word for text in texts for word in words(text)]
    row = Listing.objects.get()
    row.words = joined(said)
    row.save(update_fields=["words"])
    for word in said:
        assert Listing.objects.filter(words__hold=Terms((word,))).exists()
    looked_for = terms(search)
    wanted = all(word in said for word in looked_for.whole) and (
        not looked_for.prefix or any(word.startswith(looked_for.prefix) for word in said)
    )
    if looked_for:
        assert Listing.objects.filter(words__hold=looked_for).exists() == wanted
