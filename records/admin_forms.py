"""The admin's forms over records: fields that keep what they do not touch, and never save over a newer version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from records.fields import AmountField
from records.form_fields import DayField, KeepsUntouched, LineField, MomentField, MoneyField, TextField
from records.forms import stamp
from records.models import Record

LONG = frozenset({"notes", "description", "address", "lost_note"})
DAYS = frozenset({"expected_close_date"})


class AdminRecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a record. `version` is the updatedAt that the person at the form saw."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    instance: Record

    def __init__(self, *args: Any, **options: Any) -> None:
        """Remember what is stored."""
        super().__init__(*args, **options)
        self.initial["version"] = stamp(self.instance)
        for name, field in self.fields.items():
            if isinstance(field, KeepsUntouched) and not self.instance._state.adding:
                field.kept = self.initial.get(name)

    def clean(self) -> dict[str, Any]:
        """Refuse to save over what somebody else changed since."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        seen = cleaned.get("version")
        if not self.instance._state.adding and seen != stamp(self.instance):
            self.add_error(None, "Somebody has changed this record since you opened it. Open it again to see how.")
        return cleaned


def form_field(db_field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """Return the form field of a text, an amount or a moment of a record; None for any other column."""
    given = {"label": options.get("label") or _label(db_field), "required": not db_field.blank}
    if isinstance(db_field, models.TextField):
        long = db_field.name in LONG
        return _dressed(
            TextField(**given) if long else LineField(**given),
            UnfoldAdminTextareaWidget() if long else UnfoldAdminTextInputWidget(),
        )
    if isinstance(db_field, AmountField):
        return _dressed(MoneyField(**given), UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}))
    if isinstance(db_field, models.DateTimeField):
        field = DayField(**given) if db_field.name in DAYS else MomentField(**given)
        field.widget.attrs["class"] = " ".join(INPUT_CLASSES)
        return field
    return None


def _label(db_field: models.Field[Any, Any]) -> str:
    label = str(db_field.verbose_name)
    return label[:1].upper() + label[1:]


def _dressed(field: forms.Field, widget: forms.Widget) -> forms.Field:
    """Give the field one of unfold's widgets, with the attributes that the field asks for."""
    widget.is_required = field.required
    widget.attrs.update(field.widget_attrs(widget))
    field.widget = widget
    return field


def stored_choices(offered: list[tuple[str, str]], instance: Record, name: str) -> list[tuple[str, str]]:
    """Return the choices for a text column that apps may fill freely: `offered`, and what the record has already."""
    if instance._state.adding:
        return offered
    stored = getattr(instance, name)
    known = {value for value, _ in offered}
    return offered if stored in known else [(stored or "", stored or "(none)"), *offered]
