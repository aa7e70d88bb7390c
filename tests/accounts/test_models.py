import pytest
from django.db import IntegrityError, transaction

from exam_sim.accounts.models import ExtraTime, User

MINUTES_180 = 180 * 60


@pytest.mark.parametrize(
    ("preset", "minutes"),
    [("none", 0), ("esl30", 30), ("x1.25", 45), ("x1.5", 90), ("x2", 180)],
)
def test_extra_time_of_180_minutes(preset: str, minutes: int) -> None:
    assert ExtraTime(preset).extra_seconds(MINUTES_180) == minutes * 60


def test_extra_time_is_rounded_up_to_whole_minutes() -> None:
    assert ExtraTime.X1_25.extra_seconds(61 * 60) == 16 * 60
    assert ExtraTime.X1_25.extra_seconds(60 * 60) == 15 * 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"email": "Upper@example.org"},
        {"email": None},
        {"email": "a@example.org", "is_guest": True},
        {"email": "a@example.org", "theme": "pink"},
        {"email": "a@example.org", "extra_time": "x9"},
    ],
)
def test_the_database_holds_what_a_person_is(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(**fields)])


@pytest.mark.django_db
def test_an_address_is_found_in_any_case() -> None:
    user = User.objects.create_user("Ada@Example.org")
    assert (user.email, User.objects.by_email(" ADA@EXAMPLE.ORG")) == ("ada@example.org", user)
