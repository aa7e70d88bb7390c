"""What the bank holds for each exam. Domain 1 (60 %) has the task statements 1.1 and 1.2, domain 2 (40 %)
2.1."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from exam_sim.accounts.models import User
from exam_sim.bank import coverage
from exam_sim.bank.coverage import Counts, DomainRow, ProfileRow, StatementRow
from exam_sim.exams.models import ExamProfile
from questions import pools
from questions.models import Certification, Collection, Question, QuestionVersion, Status
from tests.factories import make_certification, make_profile, make_user, make_version

pytestmark = pytest.mark.django_db
URL = "/bank/coverage/"


def exam(
    slug: str, scored: int, unscored: int = 0, collections: tuple[str, ...] = ("mls-c01",)
) -> ExamProfile:
    profile = make_profile(slug, title=slug.capitalize(), scored=scored, unscored=unscored)
    profile.collections.set(Collection.objects.filter(pk__in=collections))
    return profile


def collection(slug: str, owner: User | None = None) -> Collection:
    return Collection.objects.create(slug=slug, title=slug, certification=make_certification(), owner=owner)


def fill(
    counts: dict[tuple[str, Status], int], slug: str = "mls-c01", **fields: object
) -> list[QuestionVersion]:
    """So many questions of (task statement, status) in a collection, whose pools are brought in line."""
    made = []
    for (code, status), count in counts.items():
        for _ in range(count):
            version = make_version(code, **fields)  # type: ignore[arg-type]
            Question.objects.filter(pk=version.question_id).update(status=status, collection=slug)
            made.append(version)
    pools.renumber(Collection.objects.get(pk=slug))
    return made


def domain(scored: int, unscored: int = 0, **counts: int) -> DomainRow:
    statement = StatementRow("1.1", "Create data repositories", Counts(**counts))  # type: ignore[arg-type]
    return DomainRow("1", "Data engineering", scored, unscored, (statement,))


def row(*domains: DomainRow) -> ProfileRow:
    return ProfileRow(ExamProfile(slug="mock", title="Full mock exam"), ("mls-c01",), domains)


# Arithmetic


@pytest.mark.parametrize(
    ("place", "missing", "forms"),
    [
        (domain(6), (6, 0), 0),
        (domain(6, published=5), (1, 0), 0),
        (domain(6, published=6, trial=50), (0, 0), 1),
        (domain(6, published=17), (0, 0), 2),
        (domain(6, 2, published=6), (0, 2), 0),
        (domain(6, 2, published=7, trial=1), (0, 0), 1),
        (domain(6, 2, published=5, trial=9), (1, 0), 0),
        (domain(6, 2, published=12, trial=4), (0, 0), 2),
        (domain(6, 2, published=12, trial=3), (0, 0), 1),
        (domain(6, 2, published=16), (0, 0), 2),
        (domain(0, 2, trial=5), (0, 0), 2),
        (domain(0), (0, 0), None),
        (domain(6, draft=9, retired=9), (6, 0), 0),
    ],
)
def test_scored_places_take_published_questions_and_unscored_ones_trial_first(
    place: DomainRow, missing: tuple[int, int], forms: int | None
) -> None:
    assert ((place.missing_scored, place.missing_unscored), place.forms) == (missing, forms)


def test_the_scarcest_domain_decides_how_many_forms_there_are() -> None:
    profile = row(domain(6, published=60), domain(4, published=9), domain(0))
    scarcest = [profile.domains[1]]
    assert (profile.forms, profile.scarcest, profile.missing, profile.short) == (2, scarcest, 0, [])
    assert row(domain(6, published=12), domain(4, published=8), domain(0)).scarcest == []


@pytest.mark.parametrize(
    ("extra", "status", "sentence"),
    [
        ({"1.1": 65}, Status.DRAFT, "unchanged: drafts are not served"),
        ({"1.1": 65}, Status.TRIAL, "still 65 short, these are trial"),
        ({"1.1": 65}, Status.PUBLISHED, "has what it needs"),
        ({"1.1": 53}, Status.PUBLISHED, "still 12 short in domain 1"),
        ({"9.9": 65}, Status.PUBLISHED, "still 65 short in domain 1"),
    ],
)
def test_the_effect_of_an_upload_in_a_sentence(extra: dict[str, int], status: Status, sentence: str) -> None:
    before = row(domain(65))
    [effect] = coverage.effects([before], extra, status)
    after = row(domain(65, **{status.value: extra.get("1.1", 0)}))
    assert effect == coverage.Effect(
        ProfileRow(before.profile, before.collections, before.domains),
        ProfileRow(before.profile, after.collections, after.domains),
        sentence,
    )


def test_trial_questions_that_are_short_of_unscored_places_only() -> None:
    [effect] = coverage.effects([row(domain(6, 3, published=6))], {"1.1": 1}, Status.TRIAL)
    assert effect.sentence == "still 2 short in domain 1"


# Out of the database


def test_numbers_by_domain_and_task_statement_over_the_profiles_collections(instructor: User) -> None:
    make_certification()
    collection("own", instructor)
    mock = exam("mock", 5, 2, ("mls-c01", "own"))
    fill({("1.1", Status.PUBLISHED): 2, ("1.1", Status.DRAFT): 1, ("2.1", Status.TRIAL): 1})
    fill({("1.1", Status.PUBLISHED): 1, ("1.2", Status.RETIRED): 3}, "own", key="ab", level=3)
    assert coverage.of_certification(make_certification(), instructor) == [
        ProfileRow(
            mock,
            ("mls-c01", "own"),
            (
                DomainRow(
                    "1",
                    "Data engineering",
                    3,
                    1,
                    (
                        StatementRow(
                            "1.1",
                            "Create data repositories",
                            Counts(published=3, draft=1, multiple=1, levels=(0, 2, 1)),
                        ),
                        StatementRow("1.2", "Ingest data", Counts(retired=3)),
                    ),
                ),
                DomainRow(
                    "2",
                    "Modeling",
                    2,
                    1,
                    (StatementRow("2.1", "Train models", Counts(trial=1, levels=(0, 1, 0))),),
                ),
            ),
        )
    ]


def test_drafts_of_somebody_else_are_not_counted_and_what_is_served_is(instructor: User) -> None:
    make_certification()
    collection("theirs", make_user("other@example.org"))
    exam("mock", 5, 0, ("theirs",))
    fill({("2.1", Status.PUBLISHED): 1, ("2.1", Status.DRAFT): 2, ("2.1", Status.RETIRED): 3}, "theirs")
    administrator = make_user("admin@example.org", is_superuser=True)
    counted = [
        coverage.of_certification(make_certification(), user)[0].domains[1].counts
        for user in (instructor, administrator)
    ]
    assert counted == [
        Counts(published=1, levels=(0, 1, 0)),
        Counts(published=1, draft=2, retired=3, levels=(0, 1, 0)),
    ]


def test_the_exams_that_draw_from_a_collection(instructor: User) -> None:
    make_certification()
    own = collection("own", instructor)
    both = exam("both", 5, 0, ("mls-c01", "own"))
    exam("shipped", 5)
    assert [(r.profile, r.collections) for r in coverage.of_collection(own, instructor)] == [
        (both, ("mls-c01", "own"))
    ]


def test_exams_that_draw_from_the_same_collections_share_a_table(instructor: User) -> None:
    make_certification()
    collection("own", instructor)
    for slug, scored, drawn_from in (("a", 5, "mls-c01"), ("b", 3, "mls-c01"), ("c", 5, "own")):
        exam(slug, scored, 0, (drawn_from,))
    rows = coverage.of_certification(make_certification(), instructor)
    assert [(group.profiles, group.collections) for group in coverage.groups(rows)] == [
        (("A", "B"), ("Shipped",)),
        (("C",), ("own",)),
    ]


# The page


@pytest.mark.parametrize("profiles", [1, 3])
def test_query_count(
    client: Client, instructor: User, profiles: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_certification()
    for number in range(profiles):
        exam(f"exam-{number}", 5)
        fill({("1.1", Status.PUBLISHED): 2, ("2.1", Status.DRAFT): 1})
    client.force_login(instructor)
    with django_assert_num_queries(11):
        assert client.get(URL).status_code == 200


def test_the_page_says_what_is_there_and_what_is_missing(client: Client, instructor: User) -> None:
    make_certification()
    exam("ready", 2)
    exam("short", 5, 5)
    fill({("1.1", Status.PUBLISHED): 3, ("2.1", Status.PUBLISHED): 2})
    client.force_login(instructor)
    page = " ".join(client.get(URL).content.decode().split())
    for sentence in (
        "The bank holds 2 forms in which a candidate meets no question twice.",
        "Domain 2, Modeling, runs out first.",
        "5 short</span> The next form cannot be made: it lacks 3 in domain 1 and 2 in domain 2.",
        "Domain 1, Data engineering: 3 more trial or published",
    ):
        assert sentence in page


def test_another_certification_is_chosen_by_its_address(client: Client, instructor: User) -> None:
    make_certification()
    exam("mock", 5)
    Certification.objects.create(slug="zzz", title="Zoology")
    client.force_login(instructor)
    answers = [client.get(URL, {"certification": slug}) for slug in ("", "mls-c01", "zzz", "nonsense")]
    assert [(a.status_code, b"Mock" in a.content) for a in answers] == [
        (200, True),
        (200, True),
        (200, False),
        (404, False),
    ]


def test_without_a_certification_the_page_says_so(client: Client, instructor: User) -> None:
    client.force_login(instructor)
    assert "There is no certification yet." in client.get(URL).content.decode()


def test_for_a_candidate_the_page_is_not_there(client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("bank:coverage")).status_code == 404
