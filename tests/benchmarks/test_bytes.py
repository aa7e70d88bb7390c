"""What goes over the wire before a candidate can begin: the page, and everything that it loads."""

import gzip
import re
from pathlib import PurePosixPath
from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exam_sim.exams import attempts
from exam_sim.exams.models import ExamProfile
from tests.benchmarks.bank import load_shipped
from tests.benchmarks.conftest import Newcomers
from tests.benchmarks.figures import Figures
from tests.benchmarks.sitting import Candidate, Sitting
from tests.factories import make_user

FORMS, GZIP = 100, 6
PAGE_BYTES, FIRST_LOAD_BYTES, REQUESTS = 40_000, 90_000, 8
IN_PAGE = re.compile(r'<(?:link[^>]* href|script[^>]* src)="([^"]+)"')
INSIDE = {
    ".css": re.compile(r"""url\(["']?(?!data:|#)([^"')]+)"""),
    ".js": re.compile(r"""(?:\bfrom|\bimport)\s*\(?["']([^"']+)["']"""),
}


@pytest.mark.django_db
def test_the_longest_of_a_hundred_forms_is_a_short_page(client: Client, figures: Figures) -> None:
    load_shipped()
    profile = ExamProfile.objects.get(pk="mls-c01-full-mock")
    sizes = []
    for seed in range(FORMS):
        user = make_user(None)
        attempt = attempts.start(user, profile, timezone.now(), seed=seed)
        client.force_login(user)
        page = client.get(reverse("exams:attempt", args=[attempt.pk]))
        sizes.append(len(gzip.compress(page.content, GZIP)))

    figures.note(f"exam page, the longest of {FORMS} forms", max(sizes) / 1000, "KB", PAGE_BYTES / 1000)
    assert max(sizes) <= PAGE_BYTES


def test_everything_on_first_load_is_small(newcomer: Newcomers, figures: Figures) -> None:
    candidate = newcomer()
    candidate.log_in()
    sitting = Sitting(candidate)
    sizes = {sitting.path: len(sitting.page.sent)}
    for url in IN_PAGE.findall(sitting.page.text):
        fetch(candidate, urljoin(sitting.path, url), sizes)

    figures.note("everything on first load", sum(sizes.values()) / 1000, "KB", FIRST_LOAD_BYTES / 1000)
    figures.note("requests on first load", len(sizes), "", REQUESTS)
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES
    assert len(sizes) <= REQUESTS


def fetch(candidate: Candidate, url: str, sizes: dict[str, int]) -> None:
    """Note the size on the wire of `url` and of what it loads itself, each once."""
    if url in sizes:
        return
    answer = candidate.get(url)
    sizes[url] = len(answer.sent)
    pattern = INSIDE.get(PurePosixPath(url).suffix)
    for further in pattern.findall(answer.text) if pattern else ():
        fetch(candidate, urljoin(url, further), sizes)
