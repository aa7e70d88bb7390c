"""What an instructor says about a file before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from exam_sim.accounts.models import User
from questions import access
from questions.formats.nodes import MAX_BYTES
from questions.formats.registry import FORMATS
from questions.models import Certification, Collection, Status

NEW = "+new"
"""In place of a collection's slug: no slug has a plus."""
DETECT = ""
PASTED = "pasted text"
STATUSES = [
    (Status.DRAFT.value, "Draft: served to nobody until you change that"),
    (Status.TRIAL.value, "Trial: served only in unscored places, to learn how it does"),
    (Status.PUBLISHED.value, "Published: served and scored from the next form on"),
]


@dataclass(frozen=True, slots=True)
class Upload:
    collection: Collection
    file_name: str
    content: bytes
    format: str
    status: Status


def readable_formats() -> list[tuple[str, str]]:
    return [(slug, format_.title) for slug, format_ in FORMATS.items() if format_.read]


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        required=False,
        help_text="YAML, JSON, CSV, Excel, Markdown, GIFT, Moodle XML, Aiken or QTI. Put a table or Markdown "
        "that has images into a zip, with the images in a folder named images.",
    )
    text = forms.CharField(
        label="Or paste text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    title = forms.CharField(
        label="Title of the new collection", required=False, max_length=200, help_text="You will own it."
    )
    certification = forms.ModelChoiceField(
        label="Certification of the new collection",
        queryset=Certification.objects.order_by("title"),
        required=False,
        empty_label=None,
    )
    status = forms.ChoiceField(
        label="New questions enter as", choices=STATUSES, initial=Status.DRAFT.value, widget=forms.RadioSelect
    )

    def __init__(self, user: User, data: Mapping[str, Any] | None = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.user = user
        own = list(access.changeable(user).select_related("certification").order_by("title"))
        choices = [
            (collection.slug, f"{collection.title} ({collection.certification.slug})") for collection in own
        ]
        choices.append((NEW, "A new collection"))
        self.fields["collection"] = forms.ChoiceField(label="Into the collection", choices=choices)
        self.fields["format"] = forms.ChoiceField(
            label="Format", required=False, choices=[(DETECT, "Detect it from the file"), *readable_formats()]
        )
        self.order_fields(["file", "text", "format", "collection", "title", "certification", "status"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file: UploadedFile | None = cleaned.get("file")
        text = cleaned.get("text", "")
        if file and text.strip():
            self.add_error("text", "Choose a file or paste text: not both.")
        elif not file and not text.strip() and "file" not in self.errors:
            self.add_error("file", "Choose a file, or paste text below.")
        if file and file.size is not None and file.size > MAX_BYTES:
            self.add_error(
                "file",
                f"Split the file: it has {file.size:,} bytes, and {MAX_BYTES:,} are the most that is read.",
            )
        if cleaned.get("collection") == NEW:
            self._clean_new_collection(cleaned)
        return cleaned

    def _clean_new_collection(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("title", "").strip():
            self.add_error("title", "Give the new collection a title.")
        elif not slugify(cleaned["title"]):
            self.add_error("title", "Use at least one letter or digit in the title.")
        if cleaned.get("certification") is None:
            self.add_error("certification", "Choose the certification that its questions are for.")

    def upload(self) -> Upload:
        """What was sent; a new collection is made here."""
        cleaned = self.cleaned_data
        file: UploadedFile | None = cleaned["file"]
        return Upload(
            collection=self._collection(),
            file_name=(file.name or "upload")[-200:] if file else PASTED,
            content=file.read() if file else cleaned["text"].encode(),
            format=cleaned["format"],
            status=Status(cleaned["status"]),
        )

    def _collection(self) -> Collection:
        cleaned = self.cleaned_data
        if cleaned["collection"] != NEW:
            return access.changeable(self.user).get(pk=cleaned["collection"])
        title = cleaned["title"].strip()
        base = slugify(title)[:50].strip("-")
        taken = set(Collection.objects.filter(pk__startswith=base).values_list("pk", flat=True))
        slugs = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
        return Collection.objects.create(
            slug=next(slug for slug in slugs if slug not in taken),
            title=title,
            certification=cleaned["certification"],
            owner=self.user,
        )
