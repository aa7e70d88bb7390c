"""The forms of the study page: one for each way of choosing questions, with the same terms in each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorList

from exam_sim.exams.drills import LARGEST
from exam_sim.exams.models import Study
from questions.models import Kind, TaskStatement
from results.study import STANDINGS, Terms, Wish

LENGTH = 10
LEVELS = (("", "Any"), ("1", "Recall"), ("2", "Application"), ("3", "Analysis"))
UNTIMED, AT_PACE = "untimed", "exam"


class StudyForm(forms.Form):
    """The terms of a session. `study` is fixed by the kind of form."""

    study = Study.DUE
    length = forms.IntegerField(
        label="Questions",
        min_value=1,
        max_value=LARGEST,
        initial=LENGTH,
        error_messages={
            "min_value": "At least one question.",
            "max_value": "At most %(limit_value)s questions.",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    pace = forms.ChoiceField(
        label="Time", choices=((UNTIMED, "Untimed"), (AT_PACE, "At the pace of the exam")), initial=UNTIMED
    )
    feedback = forms.BooleanField(
        label="Explain each answer as soon as I check it", required=False, initial=True
    )

    def __init__(
        self, data: Mapping[str, Any] | None, statements: Iterable[TaskStatement], services: Iterable[str]
    ) -> None:
        super().__init__(data, auto_id=f"{self.study}-%s", error_class=ErrorList)
        self.statements = list(statements)
        self.services = list(services)

    @property
    def terms(self) -> Terms:
        values = self.cleaned_data
        return Terms(values["length"], timed=values["pace"] == AT_PACE, feedback=values["feedback"])


class MissedForm(StudyForm):
    study = Study.MISSED


class WeakForm(StudyForm):
    study = Study.WEAK


class DrillForm(StudyForm):
    """`place` is a domain's code, or domain and task statement: "1" or "1/1.2"."""

    study = Study.DRILL
    place = forms.ChoiceField(label="Domain or task statement")
    field_order: tuple[str, ...] = ("place",)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._place.choices = places(self.statements)

    @property
    def _place(self) -> forms.ChoiceField:
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        return field

    @property
    def domain(self) -> str:
        return self.cleaned_data["place"].partition("/")[0]

    @property
    def task_statement(self) -> str:
        return self.cleaned_data["place"].partition("/")[2]


class CustomForm(DrillForm):
    study = Study.CUSTOM
    place = forms.ChoiceField(label="Domain or task statement", required=False)
    standing = forms.ChoiceField(
        label="Questions that", required=False, choices=(("", "Any"), *STANDINGS.items())
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=(("", "Any"), *Kind.choices))
    level = forms.ChoiceField(label="Level", required=False, choices=LEVELS)
    service = forms.ChoiceField(label="Service", required=False)
    words = forms.CharField(label="Words in it", required=False, max_length=100)
    field_order = ("place", "standing", "words", "service", "kind", "level")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._place.choices = [("", "Any"), *places(self.statements)]
        service = self.fields["service"]
        assert isinstance(service, forms.ChoiceField)  # noqa: S101 - declared above
        service.choices = [("", "Any"), *((name, name) for name in self.services)]

    @property
    def wish(self) -> Wish:
        values = self.cleaned_data
        return Wish(
            domain=self.domain,
            task_statement=self.task_statement,
            kind=values["kind"],
            level=int(values["level"] or 0),
            service=values["service"],
            words=values["words"].replace("\0", ""),
            standing=values["standing"],
        )


FORMS: dict[str, type[StudyForm]] = {
    form.study.value: form for form in (StudyForm, WeakForm, MissedForm, DrillForm, CustomForm)
}


def places(statements: Iterable[TaskStatement]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices grouped by domain: the whole of it, then each of its task statements."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for statement in statements:
        domain = statement.domain
        group = grouped.setdefault(str(domain), [(domain.code, f"All of {domain.title}")])
        group.append((f"{domain.code}/{statement.code}", f"{statement.code} {statement.title}"))
    return list(grouped.items())
