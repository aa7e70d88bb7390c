"""Editing a question, with a preview beside it, and writing a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_POST

from exam_sim.bank import use
from exam_sim.bank.edit_form import TAGS, EditForm
from exam_sim.bank.http import instructor
from exam_sim.bank.question_page import Shown, named
from exam_sim.bank.selection import LEVELS
from exam_sim.http import Request
from questions import access, differences, drafts, editing, lint
from questions.exhibits import Figure
from questions.formats import Draft, Severity
from questions.models import Collection, Kind, Question, QuestionVersion, TaskStatement
from questions.rendering import render as render_draft_html
from questions.writing import MAX_REASON

SAVE = "save"


@dataclass
class EditPage:
    """The form and its preview; `question` is None for a new one. `conflict` is what somebody saved meanwhile
    says differently from what this form began with. `refused` says that it was to be saved and was not;
    `focus` is the id of the control where work goes on after one of the form's own buttons."""

    collection: Collection
    form: EditForm
    question: Question | None = None
    base: Draft | None = None
    figures: Mapping[str, Figure] | None = None
    reason: str = ""
    reason_needed: bool = False
    conflict: Sequence[differences.Change] | None = None
    conflict_version: QuestionVersion | None = None
    refused: bool = False
    focus: str = ""

    kinds = list(Kind.choices)
    levels = list(LEVELS.items())
    tags = TAGS

    @cached_property
    def shown(self) -> Shown:
        rendered = render_draft_html(self.form.draft, self.figures or {})
        return Shown(self.form.draft, rendered.html, rendered.key_html)

    @cached_property
    def task_statements(self) -> list[TaskStatement]:
        found = TaskStatement.objects.filter(domain__certification=self.collection.certification_id)
        return list(found.select_related("domain").order_by("domain__code", "code"))

    @property
    def version_id(self) -> UUID | None:
        return self.question.current_version_id if self.question else None

    @cached_property
    def key_changed(self) -> bool:
        return self.base is not None and self.base.key != self.form.draft.key

    @cached_property
    def closed_attempts(self) -> use.Count:
        """How many were sat with the key that this would change."""
        if not (self.question and self.key_changed):
            return use.Count()
        return use.closed_with_current_key(self.question)

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """What keeps it from being saved: the id of the control, what that is called, what to do."""
        draft = self.form.draft
        found = [
            (self.form.place_of(problem), capfirst(named(problem.field, draft)), problem.advice)
            for problem in self.form.problems
            if problem.severity == Severity.ERROR
        ]
        if self.reason_needed:
            found.append(("reason", "Key", "Say why another key is right."))
        return found

    def judge(self) -> None:
        """Put what rules and lint say beside the fields."""
        draft = self.form.draft
        errors = editing.check(draft, self.collection, self.figures or {})
        findings = lint.check(draft, today=timezone.localdate())
        self.form = self.form.with_problems([*errors, *(finding.problem for finding in findings)])


@require_http_methods(["GET", "HEAD", "POST"])
@instructor
def edit(request: Request, question_id: UUID) -> HttpResponse:
    question = _changeable(request, question_id)
    page = _page(request, question)
    if request.method != "POST":
        page.judge()
        return render(request, "bank/edit.html", {"page": page})
    action = request.POST.get("action", "")
    if action == SAVE and not page.form.said:
        try:
            expected = UUID(request.POST.get("version", ""))
        except ValueError:
            raise Http404 from None
        try:
            version = editing.save(
                question, page.form.draft, request.user, timezone.now(), expected, page.reason
            )
        except editing.ConflictError as conflict:
            _explain(page, question, expected, conflict.current)
        except editing.ReasonNeededError:
            page.reason_needed = True
        except editing.FaultyError:
            pass
        else:
            said = f"Version {version.number} saved." if version else "Nothing changed: no version was made."
            messages.success(request, said)
            return redirect("bank:question", question.pk)
    return _again(request, page, action)


@require_http_methods(["GET", "HEAD", "POST"])
@instructor
def add(request: Request) -> HttpResponse:
    """A question from scratch, in one of the collections that the user may change."""
    collections = list(access.changeable(request.user).order_by("title"))
    slug = request.POST.get("collection") or request.GET.get("collection") or None
    if request.method != "POST" and (not collections or (slug is None and len(collections) > 1)):
        return render(request, "bank/add.html", {"collections": collections})
    collection = next((found for found in collections if slug in (None, found.pk)), None)
    if collection is None:
        raise Http404
    if request.method != "POST":
        return render(request, "bank/edit.html", {"page": EditPage(collection, EditForm.new())})
    page = EditPage(collection, EditForm.read(request.POST, _BLANK))
    action = request.POST.get("action", "")
    if action == SAVE and not page.form.said:
        try:
            question = editing.add(collection, page.form.draft, request.user, timezone.now())
        except editing.FaultyError as faults:
            page.form = page.form.with_problems(faults.problems)
            page.refused = True
            return render(request, "bank/edit.html", {"page": page})
        messages.success(request, "Saved as a draft: it is served to nobody until you change its status.")
        return redirect("bank:question", question.pk)
    return _again(request, page, action)


@require_POST
@instructor
def render_draft(request: Request, question_id: UUID) -> HttpResponse:
    """The preview of what stands in the form, and the problems beside its fields."""
    page = _page(request, _changeable(request, question_id))
    page.judge()
    return render(request, "bank/_rendered.html", {"page": page})


@require_POST
@instructor
def render_new(request: Request) -> HttpResponse:
    slug = request.POST.get("collection", "").replace("\0", "")
    collection = get_object_or_404(access.changeable(request.user), pk=slug)
    page = EditPage(collection, EditForm.read(request.POST, _BLANK))
    page.judge()
    return render(request, "bank/_rendered.html", {"page": page})


_BLANK = Draft("multiple_choice", "", ())


def _changeable(request: Request, question_id: UUID) -> Question:
    found = Question.objects.filter(collection__in=access.changeable(request.user))
    related = ("collection", "task_statement", "current_version__task_statement")
    return get_object_or_404(found.select_related(*related), pk=question_id)


def _page(request: Request, question: Question) -> EditPage:
    version = _current(question)
    base = drafts.draft(version)
    form = EditForm.read(request.POST, base) if request.method == "POST" else EditForm.of(base)
    page = EditPage(question.collection, form, question, base, editing.figures_of(version))
    page.reason = request.POST.get("reason", "").replace("\0", "")[:MAX_REASON]
    return page


def _current(question: Question) -> QuestionVersion:
    version = question.current_version
    if version is None:
        raise Http404
    version.question = question
    return version


def _again(request: Request, page: EditPage, action: str) -> HttpResponse:
    """The form once more, after one of its own buttons or with what kept it from being saved."""
    before = page.form
    page.form = page.form.after(action, page.base or _BLANK)
    page.focus = page.form.next_place(before, action)
    page.refused = action == SAVE
    page.judge()
    return render(request, "bank/_edit.html" if request.htmx else "bank/edit.html", {"page": page})


def _explain(page: EditPage, question: Question, expected: UUID, current: QuestionVersion) -> None:
    """Show what was saved meanwhile, and let the next save follow it."""
    before = QuestionVersion.objects.select_related("question", "task_statement").filter(
        pk=expected, question=question
    )
    began = before.first()
    if began is None:
        raise Http404
    newest = QuestionVersion.objects.select_related("question", "task_statement", "created_by")
    current = newest.get(pk=current.pk)
    page.conflict = differences.between(drafts.draft(began), drafts.draft(current))
    page.conflict_version = current
    question.current_version = current
