"""The edit form: what was posted as a draft, and what is wrong with it beside each field.

Everything that was typed stands in the draft, right or wrong, so that the form is shown again out of it. Only
a day that is none is kept beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from string import ascii_lowercase

from django.http import QueryDict

from questions.formats import DistractorTag, Draft, Option, Place, Problem, Reference
from questions.matching import identifier
from questions.models import Kind

FIELDS = (
    *("id", "kind", "task_statement", "level", "stem", "options", "explanation", "references"),
    *("testing_point", "services", "enemies", "shuffle", "verified_on", "exhibits", "calculation"),
)
TAGS = [(tag.value, tag.value.replace("_", " ").capitalize()) for tag in DistractorTag]
MAX_OPTIONS = 26
MAX_TEXT = 20_000
_LONGEST = {"stem": 6_000, "explanation": 6_000, "testing_point": 400, "id": 100}
_LONGEST_OF_OPTION = {"text": 2_000, "rationale": 3_000}
_LONGEST_LINE = {"services": 100, "enemies": 100}
_PLACE = Place()


@dataclass(frozen=True, slots=True)
class FormOption:
    option: Option
    first: bool
    last: bool
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class EditForm:
    """`said` are the problems of reading, before any rule is asked; `problems` is every one that is shown."""

    draft: Draft
    verified_on: str = ""
    said: tuple[Problem, ...] = ()
    problems: Sequence[Problem] = field(default=())

    @classmethod
    def of(cls, draft: Draft) -> "EditForm":
        return cls(draft, draft.verified_on.isoformat() if draft.verified_on else "")

    @classmethod
    def new(cls) -> "EditForm":
        options = tuple(Option(letter, "", correct=False) for letter in ascii_lowercase[:4])
        return cls(Draft("multiple_choice", "", options))

    @classmethod
    def read(cls, data: QueryDict, base: Draft) -> "EditForm":
        """What stands in no field of the form stays as it is in `base`."""
        verified_on = data.get("verified_on", "").strip()
        day = _day(verified_on)
        draft = replace(
            base,
            id=base.id or _text(data, "id").strip(),
            kind="multiple_response" if data.get("kind") == Kind.MULTIPLE_RESPONSE else "multiple_choice",
            stem=_text(data, "stem"),
            options=tuple(_options(data)),
            task_statement=_text(data, "task_statement"),
            level=int(level) if (level := data.get("level", "")) in {"1", "2", "3"} else 2,
            testing_point=_text(data, "testing_point"),
            explanation=_text(data, "explanation"),
            references=tuple(_reference(line) for line in _lines(data, "references")),
            services=tuple(_lines(data, "services")),
            enemies=tuple(_lines(data, "enemies")),
            shuffle="shuffle" in data,
            verified_on=day,
        )
        said = [*_too_long(draft)]
        if draft.id and identifier(draft.id) != draft.id:
            said.append(_PLACE.error("id", "Use letters, digits, dots, dashes and underscores.", draft.id))
        if verified_on and day is None:
            said.append(_PLACE.error("verified_on", "Write the day as in 2026-03-31.", verified_on))
        return cls(draft, verified_on, tuple(said), tuple(said))

    def with_problems(self, problems: Sequence[Problem]) -> "EditForm":
        return replace(self, problems=(*self.said, *problems))

    def after(self, action: str, base: Draft) -> "EditForm":
        """The form after one of its buttons: `add`, or `remove`, `up`, `down` with an option's id, as in
        `up:b`."""
        name, _, id_ = action.partition(":")
        options = list(self.draft.options)
        place = next((place for place, option in enumerate(options) if option.id == id_), None)
        if name == "add" and len(options) < MAX_OPTIONS:
            options.append(Option(_free_id([*options, *base.options]), "", correct=False))
        elif place is not None and name == "remove":
            del options[place]
        elif place is not None and name in {"up", "down"}:
            other = place - 1 if name == "up" else place + 1
            if 0 <= other < len(options):
                options[place], options[other] = options[other], options[place]
        return replace(self, draft=replace(self.draft, options=tuple(options)))

    def next_place(self, before: "EditForm", action: str) -> str:
        """The id of the control where work goes on after `action`, which led here from `before`: an option
        that was added or moved, the neighbour of one that was removed."""
        name, _, id_ = action.partition(":")
        ids = [option.id for option in self.draft.options]
        olds = [option.id for option in before.draft.options]
        if name == "add" and len(ids) > len(olds):
            return f"text-{ids[-1]}"
        if name in {"up", "down"} and id_ in ids:
            at_the_end = id_ == (ids[0] if name == "up" else ids[-1])
            return f"{({'up': 'down', 'down': 'up'}[name]) if at_the_end else name}-{id_}"
        if name == "remove" and id_ in olds and ids:
            return f"remove-{ids[min(olds.index(id_), len(ids) - 1)]}"
        return "add-option" if name in {"add", "remove"} else ""

    def place_of(self, problem: Problem) -> str:
        """The id of the control that a problem is about."""
        head, _, rest = problem.field.partition("[")
        number, _, part = rest.partition("].")
        if head == "options" and number.isdigit() and int(number) < len(self.draft.options):
            id_ = self.draft.options[int(number)].id
            return f"{part if part in {'rationale', 'correct'} else 'text'}-{id_}"
        head = head.partition(".")[0]
        return {"options": "options-title", "exhibits": "problems-exhibits"}.get(head, head)

    @property
    def options(self) -> list[FormOption]:
        last = len(self.draft.options) - 1
        by_place = self._by_option
        return [
            FormOption(option, place == 0, place == last, by_place.get(place, ()))
            for place, option in enumerate(self.draft.options)
        ]

    @property
    def slots(self) -> dict[str, list[Problem]]:
        """The problems of each field but those of one option."""
        found: dict[str, list[Problem]] = {name: [] for name in FIELDS}
        for problem in self.problems:
            name = problem.field.partition("[")[0].partition(".")[0]
            if not (name == "options" and problem.field != "options"):
                found.setdefault(name, []).append(problem)
        return found

    @property
    def _by_option(self) -> Mapping[int, list[Problem]]:
        found: dict[int, list[Problem]] = {}
        for problem in self.problems:
            if problem.field.startswith("options["):
                place = problem.field.removeprefix("options[").partition("]")[0]
                found.setdefault(int(place), []).append(problem)
        return found

    @property
    def references(self) -> str:
        return "\n".join(f"{reference.title} {reference.url}".strip() for reference in self.draft.references)

    @property
    def services(self) -> str:
        return "\n".join(self.draft.services)

    @property
    def enemies(self) -> str:
        return "\n".join(self.draft.enemies)

    @property
    def may_add(self) -> bool:
        return len(self.draft.options) < MAX_OPTIONS


def _text(data: QueryDict, name: str) -> str:
    """Browsers post line breaks as CR LF. What is longer than any text may be is not even looked at."""
    return data.get(name, "")[:MAX_TEXT].replace("\r\n", "\n").replace("\0", "")


def _lines(data: QueryDict, name: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in _text(data, name).split("\n") if line.strip()))


def _options(data: QueryDict) -> Iterator[Option]:
    ids = dict.fromkeys(id_ for id_ in data.getlist("option") if id_.isprintable() and id_)
    for id_ in list(ids)[:MAX_OPTIONS]:
        yield Option(
            id=id_[:20],
            text=_text(data, f"text-{id_}"),
            correct=f"correct-{id_}" in data,
            rationale=_text(data, f"rationale-{id_}"),
            distractor_tag=_text(data, f"tag-{id_}") or None,
            fixed=f"fixed-{id_}" in data,
        )


def _reference(line: str) -> Reference:
    """The address is the last word of a line, if it looks like one."""
    title, _, last = line.rpartition(" ")
    if "://" not in last:
        return Reference(line, "")
    return Reference(title.strip() or last, last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _too_long(draft: Draft) -> Iterator[Problem]:
    texts = [(name, getattr(draft, name), most) for name, most in _LONGEST.items()]
    for place, option in enumerate(draft.options):
        for name, most in _LONGEST_OF_OPTION.items():
            texts.append((f"options[{place}].{name}", getattr(option, name), most))
    for name, most in _LONGEST_LINE.items():
        texts += [(name, line, most) for line in getattr(draft, name)]
    for path, text, most in texts:
        if len(text) > most:
            yield _PLACE.error(path, f"Shorten it: {len(text):,} characters, {most:,} are the most.")


def _free_id(options: Sequence[Option]) -> str:
    taken = {option.id for option in options}
    letters = (letter for letter in ascii_lowercase if letter not in taken)
    numbers = (f"o{number}" for number in range(1, len(taken) + 2) if f"o{number}" not in taken)
    return next(letters, "") or next(numbers)
