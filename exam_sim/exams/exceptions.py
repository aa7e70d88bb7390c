"""
Exceptions of sitting an exam

    ExamError
      ├─ TooManyAnsweredError   discarding is offered only while few items are answered
      ├─ NotOpenError           the attempt is closed, nothing about it changes any more
      ├─ NotStudyError          only a study session can be paused
      ├─ NothingToStudyError    none of the questions asked for may be asked
      └─ PreviewError           of such a selection no preview can be made

`assembly.ShortBankError` stands apart: assembly is pure and knows nothing of this package.
"""


class ExamError(Exception):
    """Its text is one sentence for the person who asked."""


class TooManyAnsweredError(ExamError):
    pass


class NotOpenError(ExamError):
    pass


class NotStudyError(ExamError):
    pass


class NothingToStudyError(ExamError):
    pass


class PreviewError(ExamError):
    pass
