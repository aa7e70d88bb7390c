"""The day on which a candidate sits the real exam: the only writer of `ExamDate`."""

import datetime as dt
from typing import Any

from django import forms

from exam_sim.accounts.models import User
from results.models import ExamDate

FURTHEST = dt.timedelta(days=730)


class ExamDateForm(forms.Form):
    """A day from `today` on, at most two years ahead."""

    date = forms.DateField(
        label="Day of your exam",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Choose a day.", "invalid": "Choose a day, such as 2027-03-14."},
    )

    def __init__(self, data: Any = None, *, today: dt.date, initial: dt.date | None = None) -> None:
        super().__init__(data, initial={"date": initial})
        self.today = today
        self.fields["date"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + FURTHEST).isoformat(),
        }

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        if day < self.today:
            raise forms.ValidationError("This day is over. Choose today or a later day.")
        if day > self.today + FURTHEST:
            raise forms.ValidationError("This is more than two years ahead. Choose an earlier day.")
        return day


def exam_date_of(user: User, certification_id: str) -> dt.date | None:
    dates = ExamDate.objects.filter(user=user, certification=certification_id)
    return dates.values_list("date", flat=True).first()


def set_exam_date(user: User, certification_id: str, day: dt.date) -> None:
    """Two at once: the later one stands."""
    ExamDate.objects.update_or_create(user=user, certification_id=certification_id, defaults={"date": day})


def remove_exam_date(user: User, certification_id: str) -> None:
    """Does nothing where none is set."""
    ExamDate.objects.filter(user=user, certification=certification_id).delete()
