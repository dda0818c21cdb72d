"""Contacts in the admin."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models.functions import Left, Lower
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from companies.models import Company
from contacts.models import Contact
from records.admin import RecordAdmin
from records.admin_lists import DayRangeFilter
from records.resources import RecordResource, person, readable, reference, text


class ContactResource(RecordResource):
    """A contact as a row."""

    name = text("name", "name")
    email = text("email", "email")
    phone = text("phone", "phone")
    company = reference(Company, "company", "company")
    company_name = readable("company__name", "companyName")
    notes = text("notes", "notes")
    created_by = person("created_by", "createdBy")

    class Meta(RecordResource.Meta):
        """The columns in the order of the form."""

        model = Contact
        fields: ClassVar[list[str]] = [
            "id", "name", "email", "phone", "company", "company_name", "notes", "created_by",
            "created_at", "updated_at",
        ]  # fmt: skip


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    """Contacts."""

    related = ("company", "created_by")
    resource_classes: ClassVar[list[type[RecordResource]]] = [ContactResource]
    list_display = ("title", "email", "phone", "company", "created_by", "touched")
    list_filter = (
        ("company", AutocompleteSelectFilter),
        ("created_by", AutocompleteSelectFilter),
        ("created_at", DayRangeFilter),
        ("updated_at", DayRangeFilter),
    )
    search_fields = ("name",)
    sortable_by = ("title", "touched")
    autocomplete_fields = ("company", "created_by")
    fieldsets = (
        (None, {"fields": ("name", "email", "phone", "company", "notes")}),
        ("Owner", {"fields": ("created_by",)}),
    )

    @admin.display(description="name", ordering=Left(Lower("name"), 100))
    def title(self, contact: Contact) -> str:
        """Return the name, sorted as the index is."""
        return contact.name
