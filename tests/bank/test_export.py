import pytest
from django.test import Client
from django.urls import reverse

from questions.formats import Source, exchange
from questions.formats.registry import FORMATS, read
from questions.models import Collection
from tests.bank.making import make_collection, make_draft, make_instructor, put

pytestmark = pytest.mark.django_db
URL = "/bank/export/"


@pytest.fixture
def own(client: Client) -> Collection:
    instructor = make_instructor()
    client.force_login(instructor)
    collection = make_collection("own", instructor)
    put(collection, "q-1")
    put(collection, "q-2", explanation="")
    return collection


def test_our_own_format_gives_every_field_back(client: Client, own: Collection) -> None:
    response = client.get(URL, {"all": "1", "collection": "own", "format": "exchange-yaml"})
    assert response["Content-Disposition"].startswith("attachment; filename=")
    parsed = exchange.parse(response.content, "own.yaml")
    assert (parsed.drafts, parsed.problems) == ((make_draft("q-1"), make_draft("q-2", explanation="")), ())


def test_what_a_format_leaves_out_is_said_with_ids_before_the_download(
    client: Client, own: Collection
) -> None:
    page = client.get(URL, {"all": "1", "collection": "own"})
    lost = {
        choice.slug: [(each.sentence, each.named) for each in choice.losses]
        for choice in page.context["choices"]
    }
    assert lost["exchange-yaml"] == []
    assert ("The explanation of 1 question", ("q-1",)) in [(s, tuple(n)) for s, n in lost["aiken"]]
    assert ("The rationales of 2 questions", ("q-1", "q-2")) in [(s, tuple(n)) for s, n in lost["aiken"]]


@pytest.mark.parametrize(
    "slug", [slug for slug, format_ in FORMATS.items() if format_.write and format_.read]
)
def test_every_format_downloads_and_reads_back(client: Client, own: Collection, slug: str) -> None:
    response = client.post(URL, {"all": "1", "collection": "own", "format": slug})
    name = response["Content-Disposition"].partition('filename="')[2].rstrip('"')
    stems = [entry.draft.stem for entry in read(Source(name, response.content), slug) if entry.draft]
    assert stems == [make_draft("q-1").stem, make_draft("q-2").stem]


def test_only_what_may_be_seen_is_exported(client: Client, own: Collection) -> None:
    theirs = make_collection("theirs", make_instructor("other@example.org"))
    version = put(theirs, "q-3")
    response = client.post(URL, {"question": [str(version.question_id)], "format": "exchange-yaml"})
    assert (response.status_code, response["Location"]) == (302, f"{reverse('bank:questions')}?")


def test_where_nothing_is_ticked_the_list_stays_as_it_was_filtered(client: Client, own: Collection) -> None:
    response = client.post(URL, {"status": "draft", "q": "s3"})
    assert response["Location"] == f"{reverse('bank:questions')}?q=s3&status=draft"


def test_one_collection_at_a_time(client: Client, own: Collection) -> None:
    shipped = put(make_collection("shipped", None), "q-9")
    both = [str(shipped.question_id), *map(str, own.questions.values_list("pk", flat=True))]
    response = client.post(URL, {"question": both}, follow=True)
    assert "Choose one collection to export: ids are unique only within one." in response.text
    assert client.get(URL, {"all": "1", "collection": "own", "format": "nothing"}).status_code == 404
