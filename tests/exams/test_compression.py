import gzip

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from exam_sim.exams.compression import compressed

PAGE = b"<p>The same words again and again.</p>" * 20
ACCEPTS = {"Accept-Encoding": "gzip, deflate, br"}


def answer(content: bytes, headers: dict[str, str]) -> HttpResponse:
    @compressed
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(content)

    return view(RequestFactory().get("/", headers=headers))


def test_a_page_is_compressed_for_who_accepts_it() -> None:
    response = answer(PAGE, ACCEPTS)
    assert gzip.decompress(response.content) == PAGE
    assert response["Content-Encoding"] == "gzip"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Vary"] == "Accept-Encoding"


def test_a_page_stays_plain_for_who_does_not_and_caches_are_told() -> None:
    response = answer(PAGE, {})
    assert response.content == PAGE
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


def test_a_short_answer_stays_plain() -> None:
    assert dict(answer(b"short", ACCEPTS).items()) == {"Content-Type": "text/html; charset=utf-8"}


def test_the_length_of_a_compressed_page_varies_by_chance() -> None:
    assert len({len(answer(PAGE, ACCEPTS).content) for _ in range(50)}) > 10
