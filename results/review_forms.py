"""What candidates write in their review."""

from typing import Any

from django import forms

from results.models import ReportKind

MAX_TEXT = 2000


class Written(forms.CharField):
    """Text of several lines. Browsers send two characters for the end of a line and count one."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_TEXT, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").strip()


class NoteForm(forms.Form):
    """An empty note is no note."""

    text = Written(required=False)


class ReportForm(forms.Form):
    kind = forms.ChoiceField(choices=ReportKind.choices, error_messages={"required": "Choose what is wrong."})
    text = Written(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == ReportKind.OTHER and not cleaned.get("text"):
            self.add_error("text", "Say in a sentence what is wrong.")
        return cleaned
