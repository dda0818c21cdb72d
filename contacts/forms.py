"""The form and the filters of contacts."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from records.filters import FilterForm
from records.form_fields import KeepsUntouched, LineField, TextField
from records.forms import RecordForm
from records.models import RecordQuerySet
from records.pickers import RecordChoiceField, RecordPicker


class AddressField(KeepsUntouched, forms.EmailField):
    """An e-mail address, or none; apps may have stored anything, which stays when it is not touched."""

    def __init__(self) -> None:
        super().__init__(label="E-mail address", required=False, max_length=254, empty_value=None)


class ContactForm(RecordForm):
    """What people may write of a contact; a company that is not there yet is made along with it."""

    name = LineField()
    email = AddressField()
    phone = LineField(required=False, max_length=100, widget=forms.TextInput(attrs={"type": "tel"}))
    company = RecordChoiceField(Company, widget=RecordPicker("companies:options", makes="or make a new company"))
    notes = TextField()

    class Meta:
        """In the order of the page."""

        model = Contact
        fields: ClassVar[list[str]] = ["name", "email", "phone", "company", "notes"]


class ContactFilter(FilterForm):
    """What the list of contacts is narrowed by."""

    owner = RecordChoiceField(User, widget=forms.Select(), blank="Any owner", label="Owner")
    company = RecordChoiceField(Company, widget=forms.HiddenInput(), label="Company")

    def filter_owner(self, rows: RecordQuerySet, value: User) -> RecordQuerySet:
        """Keep one person's."""
        return rows.filter(created_by=value)

    def filter_company(self, rows: RecordQuerySet, value: Company) -> RecordQuerySet:
        """Keep one company's."""
        return rows.filter(company=value)
