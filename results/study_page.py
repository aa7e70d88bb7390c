"""What the study page shows: each way to study, how much there is of it, and sessions that are open."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exam_sim.exams.models import Attempt, ExamProfile, Mode, Study
from questions.models import ListedService
from results import reports
from results.study import Desk
from results.study_form import FORMS, StudyForm
from results.wording import counted

MOST_SERVICES = 300


@dataclass(frozen=True, slots=True)
class Way:
    """One way to study: its form, and in a sentence what there is of it. `empty` says why it cannot be
    begun."""

    form: StudyForm
    text: str
    empty: str = ""

    @property
    def study(self) -> Study:
        return self.form.study

    @property
    def slug(self) -> str:
        return self.form.study.value

    @property
    def title(self) -> str:
        return self.form.study.label


def profiles_to_study() -> list[ExamProfile]:
    """For each certification the exam that study sessions take their pace and scale from: the first that is
    no rehearsal."""
    found: dict[str, ExamProfile] = {}
    for profile in ExamProfile.objects.select_related("certification").order_by(
        "is_rehearsal", "position", "slug"
    ):
        found.setdefault(profile.certification_id, profile)
    return list(found.values())


class StudyPage:
    """`data` is a form that was posted and could not be taken."""

    def __init__(self, desk: Desk, data: Mapping[str, Any] | None = None) -> None:
        self.desk = desk
        self.data = data
        self.profile = desk.profile
        self.certification = desk.profile.certification

    @cached_property
    def others(self) -> list[ExamProfile]:
        """Of other certifications, to change to."""
        return [p for p in profiles_to_study() if p.certification_id != self.certification.pk]

    @cached_property
    def services(self) -> list[str]:
        names = ListedService.objects.filter(collection__profiles=self.profile).values_list("name", flat=True)
        return list(names.distinct()[:MOST_SERVICES])

    @cached_property
    def posted(self) -> StudyForm:
        """The form that was posted; an unknown kind is read as *Due today*."""
        kind = (self.data or {}).get("study", "")
        return self._form(kind if kind in FORMS else Study.DUE.value, self.data)

    @cached_property
    def exams(self) -> list[ExamProfile]:
        return list(ExamProfile.objects.filter(certification=self.certification))

    @cached_property
    def unread_replies(self) -> int:
        return reports.unread(self.desk.user)

    @cached_property
    def open_sessions(self) -> list[Attempt]:
        return list(
            Attempt.objects.of(self.desk.user).open().filter(mode=Mode.STUDY).defer("blueprint", "wishes")
        )

    @cached_property
    def ways(self) -> list[Way]:
        return [self._due, self._weak, self._missed, self._drill, self._custom]

    @property
    def first(self) -> Way:
        """The first that can be begun."""
        return next(way for way in self.ways if not way.empty)

    @property
    def _due(self) -> Way:
        due = len(self.desk.due())
        text = f"{counted(due, 'question')} to see again today, spaced so that they stick until your exam."
        later = "Nothing is due today. Questions you answer come back here when it is time to repeat them."
        return self._way(Study.DUE, text, "" if due else later)

    @property
    def _weak(self) -> Way:
        return self._way(Study.WEAK, "Mixed from where you are likely to gain most, unseen questions first.")

    @property
    def _missed(self) -> Way:
        missed, flagged, lucky = len(self.desk.missed), len(self.desk.flagged), len(self.desk.lucky)
        text = f"{missed} wrong last time, {flagged} flagged, {lucky} right by a lucky guess."
        empty = (
            "" if missed or flagged or lucky else "Nothing to repeat yet: what you miss or flag waits here."
        )
        return self._way(Study.MISSED, text, empty)

    @property
    def _drill(self) -> Way:
        return self._way(Study.DRILL, "One domain or one task statement, unseen questions first.")

    @property
    def _custom(self) -> Way:
        return self._way(Study.CUSTOM, "Choose by what it is about and by what became of it last time.")

    def _way(self, study: Study, text: str, empty: str = "") -> Way:
        posted = self.data is not None and self.posted.study == study
        return Way(self.posted if posted else self._form(study.value, None), text, empty)

    def _form(self, kind: str, data: Mapping[str, Any] | None) -> StudyForm:
        return FORMS[kind](data, self.desk.statements, self.services)
