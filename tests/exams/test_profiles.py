"""Profile files: read strictly, written all or none."""

from pathlib import Path

import pytest
from django.core.management import call_command

from exam_sim.exams import profiles
from exam_sim.exams.models import ExamProfile
from exam_sim.exams.scale import Scale
from questions.models import Question
from tests.factories import make_certification

pytestmark = pytest.mark.django_db

GOOD = """
format: 1
certification: mls-c01
profiles:
  - slug: short
    title: Short exam
    minutes: 30
    scored: 10
    pass_mark: 720
    scale_min: 100
    scale_max: 1000
    collections: [mls-c01]
"""


def load(tmp_path: Path, text: str) -> tuple[dict[str, profiles.Outcome], list[str]]:
    path = tmp_path / "profiles.yaml"
    path.write_text(text)
    outcomes, problems = profiles.load(path)
    return outcomes, [str(problem) for problem in problems]


def test_an_exam_is_a_file_of_data(tmp_path: Path) -> None:
    make_certification()
    assert load(tmp_path, GOOD) == ({"short": "new"}, [])
    profile = ExamProfile.objects.get()
    assert (profile.title, profile.minutes, profile.scored, profile.unscored, profile.grace_seconds) == (
        "Short exam",
        30,
        10,
        0,
        600,
    )
    assert profile.scale == Scale(100, 1000, 720)
    assert profile.is_rehearsal is False
    assert [collection.pk for collection in profile.collections.all()] == ["mls-c01"]


def test_the_same_file_again_changes_nothing_and_an_edited_one_changes_the_profile(tmp_path: Path) -> None:
    make_certification()
    load(tmp_path, GOOD)
    assert load(tmp_path, GOOD) == ({"short": "unchanged"}, [])
    assert load(tmp_path, GOOD.replace("minutes: 30", "minutes: 45")) == ({"short": "changed"}, [])
    assert ExamProfile.objects.get().minutes == 45


def with_rehearsal(*slugs: str) -> str:
    """Three exams, of which these are marked as the dress rehearsal."""
    exam = GOOD[GOOD.index("  - slug") :].replace("slug: short", "slug: {}")
    exams = [
        exam.format(slug) + "    rehearsal: true\n" * (slug in slugs) for slug in ("one", "two", "three")
    ]
    return GOOD[: GOOD.index("  - slug")] + "".join(exams)


@pytest.mark.parametrize(("before", "after"), [("one", "three"), ("three", "one")])
def test_the_mark_of_the_rehearsal_moves_from_one_exam_to_another(
    tmp_path: Path, before: str, after: str
) -> None:
    make_certification()
    assert load(tmp_path, with_rehearsal(before)) == ({"one": "new", "two": "new", "three": "new"}, [])
    outcomes = {"one": "changed", "two": "unchanged", "three": "changed"}
    assert load(tmp_path, with_rehearsal(after)) == (outcomes, [])
    assert list(ExamProfile.objects.filter(is_rehearsal=True).values_list("slug", flat=True)) == [after]
    assert list(ExamProfile.objects.values_list("slug", flat=True)) == ["one", "two", "three"]


def test_a_certification_has_one_dress_rehearsal(tmp_path: Path) -> None:
    make_certification()
    problem = (
        "profiles.yaml: error: profiles[{}].rehearsal: "
        "A certification has one dress rehearsal, and one is it."
    )
    assert load(tmp_path, with_rehearsal("one", "three")) == ({}, [problem.format(2)])
    load(tmp_path, with_rehearsal("one"))
    assert load(tmp_path, GOOD + "    rehearsal: true\n") == ({}, [problem.format(0)])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "minutes: 30",
            "minutes: 0",
            "profiles.yaml:7: error: profiles[0].minutes: Write a number that is at least 1. [0]",
        ),
        (
            "minutes: 30",
            "minuets: 30",
            (
                "profiles.yaml:7: error: profiles[0].minuets: Remove the field `minuets`: "
                "the format does not know it. Is it `minutes` that you mean? [30]"
            ),
        ),
        (
            "pass_mark: 720",
            "pass_mark: 1001",
            (
                "profiles.yaml: error: profiles[0].pass_mark: "
                "The pass mark has to lie above scale_min and not above scale_max."
            ),
        ),
        (
            "[mls-c01]",
            "[other]",
            "profiles.yaml: error: profiles[0].collections: There is no collection other.",
        ),
        (
            "certification: mls-c01",
            "certification: none",
            "profiles.yaml: error: certification: There is no certification none: load its file first.",
        ),
    ],
)
def test_a_problem_says_where_and_what_to_do_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    make_certification()
    outcomes, problems = load(tmp_path, GOOD.replace(old, new))
    assert outcomes == {}
    assert problem in problems
    assert ExamProfile.objects.count() == 0


def test_the_shipped_certification_loads_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_certification", "fixtures/mls-c01")
    assert capsys.readouterr().out == (
        "MLS-C01 question bank: 325 new, 0 changed, 0 unchanged questions.\n"
        "Profile mls-c01-full-mock: new.\n"
        "Profile mls-c01-dress-rehearsal: new.\n"
    )
    call_command("load_certification", "fixtures/mls-c01")
    assert capsys.readouterr().out == ""
    assert Question.objects.count() == 325
    shipped = ExamProfile.objects.order_by("position").values_list(
        "slug", "minutes", "scored", "unscored", "pass_mark", "is_rehearsal"
    )
    assert list(shipped) == [
        ("mls-c01-full-mock", 180, 65, 0, 750, False),
        ("mls-c01-dress-rehearsal", 180, 50, 15, 750, True),
    ]


def test_a_broken_folder_loads_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fixtures = Path("fixtures/mls-c01")
    (tmp_path / "exhibits").mkdir()
    for path in fixtures.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "profiles.yaml").write_text("format: 1\n")
    with pytest.raises(SystemExit) as stopped:
        call_command("load_certification", tmp_path)
    assert stopped.value.code == 1
    assert capsys.readouterr().err.endswith("Nothing was loaded.\n")
    assert Question.objects.count() == 0
