"""
Exceptions of sitting an exam

    ExamError
      ├─ TooManyAnswered      discarding is offered only while few items are answered
      └─ NotOpen              the attempt is closed, nothing about it changes any more

`assembly.ShortBank` stands apart: assembly is pure and knows nothing of this package.
"""


class ExamError(Exception):
    """Its text is one sentence for the person who asked."""


class TooManyAnswered(ExamError):
    pass


class NotOpen(ExamError):
    pass
