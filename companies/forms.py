"""The form and the filters of companies."""

from __future__ import annotations

import unicodedata
from typing import ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from companies.models import Company
from records.filters import FilterForm
from records.form_fields import MAX_LINE, KeepsUntouched, LineField, TextField
from records.forms import RecordForm
from records.models import RecordQuerySet
from records.pickers import RecordChoiceField


class WebsiteField(KeepsUntouched, forms.URLField):
    """An http or https address without a user name in it; "example.com" is taken for https."""

    def __init__(self) -> None:
        # Not type="url": browsers refuse "example.com" there.
        widget = forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url", "spellcheck": "false"})
        super().__init__(required=False, assume_scheme="https", max_length=MAX_LINE, empty_value=None, widget=widget)

    def clean(self, value: object) -> object:
        """Refuse what a browser would not open as a page, or what hides where it leads."""
        address = super().clean(value)
        if address and address != self.kept:
            parts = urlsplit(str(address))
            is_hiding = any(unicodedata.category(character) in ("Cc", "Cf") for character in str(address))
            if parts.scheme not in ("http", "https") or parts.username is not None or is_hiding:
                raise ValidationError("Enter an address that starts with http:// or https://.", code="scheme")
        return address


class CompanyForm(RecordForm):
    """What people may write of a company."""

    name = LineField()
    website = WebsiteField()
    industry = LineField(required=False)
    address = TextField()
    notes = TextField()

    class Meta:
        """In the order of the page."""

        model = Company
        fields: ClassVar[list[str]] = ["name", "website", "industry", "address", "notes"]


class CompanyFilter(FilterForm):
    """What the list of companies is narrowed by."""

    owner = RecordChoiceField(User, widget=forms.Select(), blank="Any owner", label="Owner")
    industry = forms.CharField(required=False, max_length=MAX_LINE, widget=forms.HiddenInput)

    def filter_owner(self, rows: RecordQuerySet, value: User) -> RecordQuerySet:
        """Keep one person's."""
        return rows.filter(created_by=value)

    def filter_industry(self, rows: RecordQuerySet, value: str) -> RecordQuerySet:
        """Keep one industry, as somebody wrote it."""
        return rows.filter(industry=value)
