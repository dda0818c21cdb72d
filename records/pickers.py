"""Choosing one record out of many that one may see: a select that narrows, with type-ahead on top."""

from __future__ import annotations

from typing import Any, Protocol

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from records.models import Record

OFFERED = 20
"""Rows that a type-ahead list offers."""
LISTED = 100
"""Rows that the plain select offers before it is narrowed."""
PRIVATE = "A record you cannot see"


class Pickable(Protocol):
    """A queryset that passed the gate and can offer its rows for a text."""

    def for_picking(self, text: str) -> models.QuerySet[Any]:
        """Return the rows that match, the likeliest first."""

    def filter(self, **conditions: Any) -> models.QuerySet[Any]:
        """Narrow the rows."""


class RecordPicker(forms.Select):
    """A select of rows, narrowed by a text, with a text box for a record to be made."""

    template_name = "django/forms/widgets/record_picker.html"

    def __init__(self, url_name: str, makes: str = "", attrs: dict[str, Any] | None = None) -> None:
        """Ask `url_name` for suggestions; `makes` labels the text box for a new record."""
        super().__init__(attrs)
        self.url_name, self.makes = url_name, makes
        self.search_text = self.new_text = ""

    def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> Any:
        """Take the name of a record to be made along."""
        self.new_text = str(data.get(f"{name}-new", "")).strip() if self.makes else ""
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


class RecordChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A pointer to a row that the person may see, kept when it points at one that he may not.

    Its value is the row, None, or, where the widget makes records, the name of one to be made (text).
    """

    widget: Any

    def __init__(self, model: type[models.Model], *, widget: forms.Widget, blank: str = "—", **options: Any) -> None:
        """Offer nothing until `narrow` says to whom; `blank` is what choosing none is called."""
        self.model, self.blank = model, blank
        self.kept: models.Model | None = None
        super().__init__(model._default_manager.none(), widget=widget, **{"required": False} | options)

    def choices_for(self, user: User) -> Pickable:
        """Return what `user` may see of the class."""
        rows: Pickable = self.model.objects.for_user(user, "view")  # type: ignore[attr-defined]
        return rows

    def narrow(self, rows: Pickable, chosen: str, text: str, kept: models.Model | None = None) -> None:
        """Offer `rows` for `text`; beside them the one `chosen` now and the one `kept` in the record, if it is set."""
        self.rows, self.kept = rows, kept
        if not isinstance(self.widget, forms.Select):
            return
        if isinstance(self.widget, RecordPicker):
            self.widget.search_text = text
        offered = {str(row.pk): str(row) for row in rows.for_picking(text)[:LISTED]}
        for pk in {chosen, str(kept.pk) if kept else ""} - {"", *offered}:
            row = self._visible(pk)
            if row or (kept and pk == kept.pk):
                offered[pk] = str(row) if row else PRIVATE
        self.widget.choices = [("", self.blank), *offered.items()]

    def _visible(self, pk: str) -> models.Model | None:
        return None if "\x00" in pk else self.rows.filter(pk=pk).first()

    def to_python(self, value: Any) -> Any:
        """Find the row; one that does not exist and one that may not be seen are told apart by nothing."""
        if value in self.empty_values:
            return getattr(self.widget, "new_text", "") or None
        if self.kept and value == self.kept.pk:
            return self.kept
        row = self._visible(str(value))
        if row is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return row

    def validate(self, value: Any) -> None:
        """Only want something where the field is required."""
        forms.Field.validate(self, value)


class ColleagueField(RecordChoiceField):
    """A pointer to somebody who may sign in."""

    def choices_for(self, user: User) -> Pickable:
        """Return the active people of the directory."""
        people: Pickable = User.objects.for_user(user, "view").active()
        return people


@require_safe
@login_required
def record_options(request: PersonRequest, *, model: type[Record]) -> HttpResponse:
    """Answer the type-ahead list for `?q=` over the records that one may see, as HTML options."""
    found = model.objects.for_user(request.user, "view").for_picking(request.GET.get("q", "")[:200])[:OFFERED]
    options = [{"pk": row.pk, "label": str(row)} for row in found]
    return render(request, "_picker_options.html", {"options": options})
