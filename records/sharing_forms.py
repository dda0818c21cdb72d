"""The forms that give access to a record and hand it over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.models import User
from records.access import share
from records.access_list import grants
from records.holders import Holder, HolderField, key_of, name_of
from records.models import Record

MAX_HOLDERS = 100
"""People and roles that one record can be shared with, its owner included (SECURITY_CASES.md, 33)."""
LEVELS = {"view": ("view",), "edit": ("view", "change")}


class HolderForm(forms.Form):
    """A form with a picker of people or roles called `holder`."""

    def __init__(self, data: QueryDict | None = None, *, record: Record, text: str = "", **options: Any) -> None:
        """Offer who matches what was typed to narrow the list."""
        super().__init__(data, **options)
        self.record = record
        typed = data.get("holder-search", "")[:200] if data else text
        chosen = data.get("holder", "") if data else ""
        self.fields["holder"].narrow(typed, chosen)  # type: ignore[attr-defined]

    def clean_holder(self) -> Holder | None:
        """Refuse the owner, who has every right already."""
        holder: Holder | None = self.cleaned_data["holder"]
        if isinstance(holder, User) and holder == self.record.owner:
            raise ValidationError(f"{holder} is the owner already.", code="owner")
        return holder


class ShareForm(HolderForm):
    """Gives a colleague, a role or everybody access to a record."""

    holder = HolderField(roles=True, label="Share with")
    level = forms.ChoiceField(label="Access", choices=[("view", "Can view"), ("edit", "Can edit")])

    def clean_holder(self) -> Holder | None:
        """Keep access lists short enough to read and to send."""
        holder = super().clean_holder()
        held = grants(self.record)
        if holder and key_of(holder) not in held and len(held) >= MAX_HOLDERS:
            raise ValidationError(f"This is shared with {MAX_HOLDERS} already: share it with a role.", code="cap")
        return holder

    def save(self) -> str:
        """Give the access; return what was done, in words."""
        holder, level = self.cleaned_data["holder"], self.cleaned_data["level"]
        share(self.record, holder, LEVELS[level])
        return f"{name_of(holder)} can now {level} “{self.record}”."


class HandOverForm(HolderForm):
    """Makes a colleague the owner of a record."""

    holder = HolderField(roles=False, label="New owner")
    keep = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None = None, *, record: Record, user: User, text: str = "") -> None:
        """Say for whom access can be kept."""
        super().__init__(data, record=record, text=text)
        owner = record.owner
        if owner is None:
            del self.fields["keep"]
        else:
            self.fields["keep"].label = f"Keep view access for {'me' if owner == user else owner}"

    def save(self) -> User:
        """Change the owner, whose rights follow by trigger, and keep view access where that was asked for."""
        before, person = self.record.owner, self.cleaned_data["holder"]
        setattr(self.record, self.record.owner_field, person)
        self.record.save(update_fields=[self.record.owner_field])
        if before and self.cleaned_data.get("keep"):
            share(self.record, before, LEVELS["view"])
        owner: User = person
        return owner
