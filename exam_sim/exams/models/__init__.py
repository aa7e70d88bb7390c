"""Sitting an exam. What an attempt needs is frozen on it at its start; what happens to it afterwards is a log
of answer events and, derived from it under the attempt's row lock, one register for each thing a candidate
can set.
"""

from exam_sim.exams.models.answers import AnswerEvent, EventKind, LateAnswer, Register
from exam_sim.exams.models.attempts import (
    Attempt,
    AttemptItem,
    AttemptQuerySet,
    EndedBy,
    Extension,
    Mode,
    State,
    Study,
)
from exam_sim.exams.models.profiles import ExamProfile
from exam_sim.exams.models.sights import Reserve, ReservedQuestion, Sight

__all__ = [
    "AnswerEvent",
    "Attempt",
    "AttemptItem",
    "AttemptQuerySet",
    "EndedBy",
    "EventKind",
    "ExamProfile",
    "Extension",
    "LateAnswer",
    "Mode",
    "Register",
    "Reserve",
    "ReservedQuestion",
    "Sight",
    "State",
    "Study",
]
