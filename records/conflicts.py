"""Two people edited one record at once: who changed which field, and what is left to choose."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import DateTimeField, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils import formats
from django.utils.dateparse import parse_datetime

from accounts.models import User
from records.changes import DERIVED, News, exactly
from records.form_fields import DayField
from records.models import Change, Record
from records.pickers import PRIVATE, RecordChoiceField
from records.templatetags.display import local, money

if TYPE_CHECKING:
    from records.forms import RecordForm

THEIRS, YOURS, OPEN = "theirs", "yours", ""


@dataclass(frozen=True)
class FieldVersions:
    """One field of a record in two versions: in words, and as the form's control holds them.

    `taken` is what the form begins with: theirs where only they changed the field, yours where only you did, OPEN
    where both did or nobody can tell.
    """

    name: str
    label: str
    theirs: str
    yours: str
    stored: str
    sent: str
    taken: str

    @property
    def differs(self) -> bool:
        """Tell whether somebody has to choose."""
        return self.theirs != self.yours


def compared(form: RecordForm) -> list[FieldVersions]:
    """Return each field of a stale form as it is stored and as it was sent; ask before `is_valid`."""
    change = change_upon(form.instance, str(form.data.get("version", "")))
    seen = _blank(form, as_it_was(form.instance, change.old)) if change else None
    now = _blank(form, form.instance)
    stored = {name: form.get_initial_for_field(form.fields[name], name) for name in _shown(form)}
    form.is_valid()
    sent = form.cleaned_data
    return [
        FieldVersions(
            name,
            str(form[name].label),
            _words(form, name, stored[name]),
            form.to_make.get(name) or _words(form, name, sent.get(name, form.data.get(name))),
            _held(now, name),
            _typed(form, name),
            _taken(form, name, now, seen),
        )
        for name in _shown(form)
    ]


def renewed(form: RecordForm, rows: list[FieldVersions]) -> RecordForm:
    """Return the form on top of the version that is stored: with what was sent, but where only they changed it."""
    data = cast("QueryDict", form.data).copy()
    fresh = _blank(form, form.instance)
    data["version"] = str(fresh.initial["version"])
    for row in rows:
        if row.taken == THEIRS:
            data[row.name] = row.stored
            data.pop(f"{row.name}-new", None)
    return type(form)(data, user=form.user, instance=form.instance)


def was_applied(form: RecordForm) -> bool:
    """Tell whether an earlier sending of this very form has saved it, so that a lost answer is no conflict.

    It has if the change made upon the version that the form showed is the person's own and led where the form leads.
    """
    change = change_upon(form.instance, str(form.data.get("version", "")))
    if change is None or change.actor != form.user.pk:
        return False
    again = type(form)(cast("QueryDict", form.data), user=form.user, instance=as_it_was(form.instance, change.old))
    return again.is_valid() and all(_led_to(again, name, change.new) for name in again._meta.fields or ())


def as_it_was(record: Record, row: dict[str, Any]) -> Record:
    """Return the record with the values of a row of the change log; what points at a record that is gone is empty."""
    old = copy(record)
    for field in record._meta.concrete_fields:
        name = field.attname
        if name == "updated_at" or (name in row and name not in DERIVED):
            setattr(old, name, field.to_python(row[name]))
            if isinstance(field, models.ForeignKey) and getattr(old, name) != getattr(record, name):
                _forget_if_gone(old, field)
    return old


def _forget_if_gone(record: Record, field: models.ForeignKey[Any, Any]) -> None:
    try:
        getattr(record, field.name)
    except ObjectDoesNotExist:
        setattr(record, field.attname, None)


def change_upon(record: Record, version: str) -> News | None:
    """Return the change that made a version of a record an old one; None if it is none, or never was."""
    try:
        seen = parse_datetime(version)
    except ValueError:
        return None
    if not seen or not seen.tzinfo:
        return None
    stamps = {name: Cast(KeyTextTransform("updated_at", name), DateTimeField()) for name in ("old", "new")}
    changes = Change.objects.of(record).filter(operation="update")
    changes = changes.alias(was=stamps["old"], became=stamps["new"]).filter(was=seen).exclude(became=F("was"))
    return next(iter(exactly(changes)), None)


def _led_to(form: RecordForm, name: str, row: dict[str, Any]) -> bool:
    """Tell whether a valid form gives a field the value that a row of the change log has."""
    if name not in form.fields:
        return True
    field = form._meta.model._meta.get_field(name)
    value = row.get(field.attname)
    if name in form.to_make:
        made = cast("RecordChoiceField", form.fields[name]).choices_for(form.user).filter(pk=value).first()
        return str(made) == form.to_make[name]
    return bool(getattr(form.instance, field.attname) == field.to_python(value))


def _taken(form: RecordForm, name: str, now: RecordForm, seen: RecordForm | None) -> str:
    if seen is None:
        return OPEN
    before = _held(seen, name)
    if _typed(form, name) == before and name not in form.to_make:
        return THEIRS
    return YOURS if _held(now, name) == before else OPEN


def _blank(form: RecordForm, record: Record) -> RecordForm:
    return type(form)(user=form.user, instance=record)


def _held(form: RecordForm, name: str) -> str:
    """Return what the control of a field of an unsent form holds, and would send."""
    bound = form[name]
    value = bound.field.widget.format_value(bound.value())
    value = (value or [""])[0] if isinstance(value, list | tuple) else value
    return "" if value is None else str(value).replace("\r\n", "\n")


def _typed(form: RecordForm, name: str) -> str:
    return str(form.data.get(name, "")).replace("\r\n", "\n")


def _shown(form: RecordForm) -> Iterator[str]:
    return (field.name for field in form.visible_fields())


def _words(form: RecordForm, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, RecordChoiceField):
        pk = value.pk if isinstance(value, Record | User) else value
        return str(dict(field.widget.choices).get(pk, PRIVATE)) if pk else ""
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
    if isinstance(value, datetime):
        return formats.date_format(local(value), "j M Y" if isinstance(field, DayField) else "j M Y, H:i")
    return money(value) if isinstance(field, forms.DecimalField) else str(value or "")
