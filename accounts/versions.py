"""The version of what an admin form shows, so that an older form never saves over a newer one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.crypto import salted_hmac


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a stored row. `version` is a digest of what the person at the form saw.

    updatedAt would not do: signing in moves it, and giving a role does not.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Remember what is stored."""
        super().__init__(*args, **options)
        self.initial["version"] = self._digest()

    def _digest(self) -> str:
        values = []
        for name, field in self.fields.items():
            if name != "version" and not field.disabled:
                value = field.prepare_value(self.get_initial_for_field(field, name))
                values.append((name, sorted(value) if isinstance(value, list) else value))
        return salted_hmac(__name__, repr(values)).hexdigest()

    def clean(self) -> dict[str, Any]:
        """Refuse to save over what somebody else changed since."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("version") != self.initial["version"]:
            self.add_error(None, "Somebody has changed this since you opened it. Open it again to see how.")
        return cleaned
