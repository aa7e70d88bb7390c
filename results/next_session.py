"""PURE. Which session to suggest next: one rule after the other, the first that holds.

1. The dress rehearsal, when the exam is 1 to 10 days away and no rehearsal was sat: it is the one form whose
   questions were kept unseen, and what it tells is still in time to act on.
2. The questions that are due today, unless a session of them was closed today: what was learnt once is lost
   without them, but they are not all there is to do.
3. A full form, when there is none yet that counts: without a first measure every drill is a guess.
4. A full form again, when three study sessions were closed since the last one: time to see what they brought.
5. A drill of the task statement with most to gain, when one gains enough to be named.
6. A full form.

Guarantee to the candidate: the same standing gives the same suggestion, and there always is one.
"""

from dataclasses import dataclass
from enum import Enum

from results.mastery import Gain

REHEARSAL_DAYS = range(1, 11)
SESSIONS_BETWEEN_FORMS = 3


class Kind(Enum):
    REHEARSAL = "rehearsal"
    DUE = "due"
    FORM = "form"
    DRILL = "drill"


class Reason(Enum):
    """Why, in the words that the page shows."""

    EXAM_IS_NEAR = "Your exam is near, and the questions of your dress rehearsal are still unseen."
    DUE_TODAY = "They come back just before you would forget them."
    NOTHING_YET = "It gives a first measure, and a plan that is yours."
    SESSIONS_SINCE = "You studied three times since the last one: see what it brought."
    MOST_TO_GAIN = "It is where you have most to gain."
    NOTHING_STANDS_OUT = "Nothing stands out to drill: a whole form keeps you in practice."


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the candidate stands. `days_left`: until the exam, None without a date; `rehearsed`: a dress
    rehearsal was sat, or there is none to sit; `due`: questions that are due today; `repeated`: a session of
    such questions was closed today; `forms`: those that count; `sessions_since`: study sessions closed since
    the newest of them; `largest`: the largest gain."""

    days_left: int | None
    rehearsed: bool
    due: int
    repeated: bool
    forms: int
    sessions_since: int
    largest: Gain | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    kind: Kind
    reason: Reason


def suggest(standing: Standing) -> Suggestion:
    if standing.days_left in REHEARSAL_DAYS and not standing.rehearsed:
        return Suggestion(Kind.REHEARSAL, Reason.EXAM_IS_NEAR)
    if standing.due and not standing.repeated:
        return Suggestion(Kind.DUE, Reason.DUE_TODAY)
    if not standing.forms:
        return Suggestion(Kind.FORM, Reason.NOTHING_YET)
    if standing.sessions_since >= SESSIONS_BETWEEN_FORMS:
        return Suggestion(Kind.FORM, Reason.SESSIONS_SINCE)
    if standing.largest is not None:
        return Suggestion(Kind.DRILL, Reason.MOST_TO_GAIN)
    return Suggestion(Kind.FORM, Reason.NOTHING_STANDS_OUT)
