"""The form of a record: narrowed to what the person may see, made once, and never over a newer version."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.core import signing
from django.http import QueryDict

from accounts.models import User
from accounts.object_id import another_object_id, new_object_id
from records.form_fields import MAX_LINE, KeepsUntouched
from records.models import Change, Record
from records.pickers import RecordChoiceField, RecordPicker


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a record for one person.

    `version` is the updatedAt that the person saw; `key` is a one-time key: the signed objectId of the record to
    be made, so that a form that is sent twice makes one record. `use` tells one filling in of a form from another where
    a device kept the page, and with it the key, to be used without network.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    use = forms.CharField(required=False, widget=forms.HiddenInput)
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
            del self.fields["key"], self.fields["use"]
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
            pk = str(signing.loads(self.data.get("key", ""), salt=self.user.pk))
        except signing.BadSignature:
            return new_object_id()
        use = self.data.get("use", "")
        return another_object_id(pk, use) if use else pk

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


def stamp(record: Record) -> str:
    """Return the version of a record: its updatedAt, which every change moves forward."""
    return "" if record._state.adding else record.updated_at.isoformat()
