"""The form of a record: narrowed to what the person may see, made once, and never over a newer version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, cast

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils import formats

from accounts.models import User
from accounts.object_id import new_object_id
from records.form_fields import MAX_LINE, DayField, KeepsUntouched
from records.models import Change, Record
from records.pickers import PRIVATE, RecordChoiceField, RecordPicker
from records.templatetags.display import local, money


@dataclass(frozen=True)
class FieldVersions:
    """One field of a record in two versions, in words."""

    label: str
    theirs: str
    yours: str

    @property
    def differs(self) -> bool:
        """Tell whether somebody has to choose."""
        return self.theirs != self.yours


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a record for one person.

    `version` is the updatedAt that the person saw; `key` is a one-time key: the signed objectId of the record to
    be made, so that a form that is sent twice makes one record.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    instance: Record

    def __init__(self, data: QueryDict | None = None, *, user: User, **options: Any) -> None:
        """Narrow every choice to what `user` may see, and remember what is stored."""
        self.user = user
        self.to_make: dict[str, str] = {}
        self.typed: QueryDict = options.pop("typed", data or QueryDict())
        super().__init__(data, **options)
        self.initial["version"] = stamp(self.instance)
        if self.instance._state.adding:
            self.initial["key"] = self.initial.get("key") or signing.dumps(new_object_id(), salt=user.pk)
        else:
            del self.fields["key"]
        for name, field in self.fields.items():
            if isinstance(field, RecordChoiceField):
                self._narrow(name, field)
            elif isinstance(field, KeepsUntouched) and not self.instance._state.adding:
                field.kept = self.initial.get(name)

    def _narrow(self, name: str, field: RecordChoiceField) -> None:
        kept = None if self.instance._state.adding else getattr(self.instance, name)
        chosen = self.data.get(name, "") if self.is_bound else str(self.initial.get(name) or "")
        field.narrow(field.choices_for(self.user), chosen, self.typed.get(f"{name}-search", "")[:200], kept)
        if isinstance(field.widget, RecordPicker):
            field.widget.new_text = self.typed.get(f"{name}-new", "")

    @classmethod
    def finding(cls, data: QueryDict, *, user: User, instance: Record | None = None) -> Self:
        """Return the form as it was sent, unchecked, with the picker narrowed whose "Find" was pressed."""
        form = cls(user=user, instance=instance, initial=data.dict(), typed=data)
        form.initial["version"] = data.get("version", "")
        return form

    def clean(self) -> dict[str, Any]:
        """Put records to be made aside until everything else is right."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if isinstance(field, RecordChoiceField) and isinstance(cleaned.get(name), str):
                if len(cleaned[name]) > MAX_LINE or "\x00" in cleaned[name]:
                    self.add_error(name, f"A name has at most {MAX_LINE} characters, none of them NUL.")
                    continue
                self.to_make[name] = cleaned[name]
                cleaned[name] = None
        return cleaned

    def has_changed(self) -> bool:
        """Tell whether anything was typed: the name of a record to be made stands beside its field, not in it."""
        return bool(self.to_make) or super().has_changed()

    def was_sent_before(self) -> bool:
        """Tell whether an earlier sending of this very form made its record, which may be gone by now.

        An objectId is used once: else who made a record that became somebody else's and was deleted could make it
        again, and would read the whole history of it.
        """
        made = Change.objects.filter(class_name=self._meta.model.__name__, operation="insert")
        return made.filter(object_id=self._new_pk()).exists()

    def made_before(self) -> Any:
        """Return the record that an earlier sending of this very form made; None if the person does not see it."""
        return self._meta.model.objects.for_user(self.user, "view").filter(pk=self._new_pk()).first()

    def _new_pk(self) -> str:
        """Return the objectId in the one-time key, or a fresh one if the key is none that we gave to this person."""
        try:
            return str(signing.loads(self.data.get("key", ""), salt=self.user.pk))
        except signing.BadSignature:
            return new_object_id()

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Write the record, those that were to be made with it first; a new record is the person's own."""
        for name, text in self.to_make.items():
            model = self._meta.model._meta.get_field(name).related_model
            setattr(self.instance, name, model.objects.create(name=text, created_by=self.user))
        if self.instance._state.adding:
            self.instance.pk = self._new_pk()
            if self.instance.owner is None:
                setattr(self.instance, self.instance.owner_field, self.user)
        return super().save(commit)

    def is_stale(self) -> bool:
        """Tell whether somebody saved the record since this form was shown; ask before `is_valid`."""
        return str(self.data.get("version", "")) != stamp(self.instance)

    def versions(self) -> list[FieldVersions]:
        """Return each field as it is stored and as it was sent; ask before `is_valid`."""
        stored = {name: self.get_initial_for_field(self.fields[name], name) for name in self._shown()}
        self.is_valid()
        sent = self.cleaned_data
        return [
            FieldVersions(
                str(self[name].label),
                self._words(name, stored[name]),
                self.to_make.get(name) or self._words(name, sent.get(name, self.data.get(name))),
            )
            for name in self._shown()
        ]

    def _shown(self) -> Iterator[str]:
        return (field.name for field in self.visible_fields())

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, RecordChoiceField):
            pk = value.pk if isinstance(value, Record | User) else value
            return str(dict(field.widget.choices).get(pk, PRIVATE)) if pk else ""
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
        if isinstance(value, datetime):
            return formats.date_format(local(value), "j M Y" if isinstance(field, DayField) else "j M Y, H:i")
        return money(value) if isinstance(field, forms.DecimalField) else str(value or "")

    def renewed(self) -> Self:
        """Return the form with what was sent, now on top of the version that is stored."""
        data = cast("QueryDict", self.data).copy()
        data["version"] = stamp(self.instance)
        return type(self)(data, user=self.user, instance=self.instance)


def stamp(record: Record) -> str:
    """Return the version of a record: its updatedAt, which every change moves forward."""
    return "" if record._state.adding else record.updated_at.isoformat()
