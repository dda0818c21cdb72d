"""Choosing one record out of many that one may see: a select that narrows, with type-ahead on top."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from records.models import Record, RecordQuerySet

OFFERED = 20
"""Records that a type-ahead list offers."""
LISTED = 100
"""Records that the plain select offers before it is narrowed."""
PRIVATE = "A record you cannot see"


class RecordPicker(forms.Select):
    """A select of records, narrowed by a text, with a text box for a record to be made."""

    template_name = "django/forms/widgets/record_picker.html"

    def __init__(self, url_name: str, makes: str = "", attrs: dict[str, Any] | None = None) -> None:
        """Ask `url_name` for suggestions; `makes` labels the text box for a new record."""
        super().__init__(attrs)
        self.url_name, self.makes = url_name, makes
        self.search_text = self.new_text = ""

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> Any:
        """Take the texts beside the select along."""
        self.search_text = str(data.get(f"{name}-search", ""))[:200]
        self.new_text = str(data.get(f"{name}-new", "")).strip()
        return super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add what the template needs beside the select."""
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "url": reverse(self.url_name),
            "makes": self.makes,
            "search": self.search_text,
            "made": self.new_text,
        }
        return context


class RecordChoiceField(forms.ModelChoiceField):
    """A pointer to a record that the person may see, kept when it points at one that he may not.

    `cleaned_data` holds the record, None, or the name of a record to be made (text) where the widget makes any.
    """

    widget: Any
    records: RecordQuerySet

    def __init__(self, model: type[Record], *, url_name: str, makes: str = "", **options: Any) -> None:
        """Offer nothing until `narrow` says to whom."""
        options.setdefault("required", False)
        self.model = model
        super().__init__(model.objects.none(), widget=RecordPicker(url_name, makes), **options)

    def narrow(self, records: RecordQuerySet, kept: Record | None, search: str) -> None:
        """Offer `records` (which passed the gate) that match `search`, and keep what is chosen now."""
        self.kept, self.records = kept, records
        offered = list(records.search(search).order_by("-updated_at", "-id")[:LISTED])
        if kept and kept not in offered:
            visible = records.filter(pk=kept.pk).exists()
            self.kept_label = str(kept) if visible else PRIVATE
            choices = [(kept.pk, self.kept_label), *((record.pk, str(record)) for record in offered)]
        else:
            choices = [(record.pk, str(record)) for record in offered]
        self.widget.choices = [("", "---------"), *choices]

    def to_python(self, value: Any) -> Any:
        """Find the record; one that does not exist and one that may not be seen are told apart by nothing."""
        if self.widget.makes and self.widget.new_text and value in self.empty_values:
            return self.widget.new_text
        if value in self.empty_values:
            return None
        if self.kept and value == self.kept.pk:
            return self.kept
        record = self.records.filter(pk=value).first() if isinstance(value, str) and "\x00" not in value else None
        if record is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return record

    def validate(self, value: Any) -> None:
        """Only want something where the field is required."""
        forms.Field.validate(self, value)


def record_options(request: HttpRequest, records: RecordQuerySet) -> HttpResponse:
    """Answer the type-ahead list for `?q=` over records that passed the gate, as HTML options."""
    found = records.search(request.GET.get("q", "")[:200]).order_by("-updated_at", "-id")[:OFFERED]
    options = [{"pk": record.pk, "label": str(record)} for record in found]
    return render(request, "_picker_options.html", {"options": options})
