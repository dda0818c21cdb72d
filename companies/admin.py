"""Companies in the admin."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Left, Lower
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, TextFilter

from companies.models import Company
from records.admin import RecordAdmin
from records.admin_lists import DayRangeFilter
from records.resources import RecordResource, person, text


class CompanyResource(RecordResource):
    """A company as a row."""

    name = text("name", "name")
    website = text("website", "website")
    industry = text("industry", "industry")
    address = text("address", "address")
    notes = text("notes", "notes")
    created_by = person("created_by", "createdBy")

    class Meta(RecordResource.Meta):
        """The columns in the order of the form."""

        model = Company
        fields: ClassVar[list[str]] = [
            "id", "name", "website", "industry", "address", "notes", "created_by", "created_at", "updated_at",
        ]  # fmt: skip


class IndustryFilter(TextFilter):  # type: ignore[misc]
    """How the industry begins."""

    title = "industry"
    parameter_name = "industry"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Company]) -> QuerySet[Company]:
        """Keep the companies of industries that begin so, in any letter case."""
        del request
        begins = (self.value() or "").strip().lower()[:100]
        key = Left(Lower("industry"), 100)
        return queryset.alias(industry_key=key).filter(industry_key__startswith=begins) if begins else queryset


@admin.register(Company)
class CompanyAdmin(RecordAdmin):
    """Companies."""

    related = ("created_by",)
    resource_classes: ClassVar[list[type[RecordResource]]] = [CompanyResource]
    list_display = ("title", "industry", "website", "created_by", "touched")
    list_filter = (
        ("created_by", AutocompleteSelectFilter),
        IndustryFilter,
        ("created_at", DayRangeFilter),
        ("updated_at", DayRangeFilter),
    )
    search_fields = ("name",)
    sortable_by = ("title", "touched")
    autocomplete_fields = ("created_by",)
    fieldsets = (
        (None, {"fields": ("name", "website", "industry", "address", "notes")}),
        ("Owner", {"fields": ("created_by",)}),
    )

    @admin.display(description="name", ordering=Left(Lower("name"), 100))
    def title(self, company: Company) -> str:
        """Return the name, sorted as the index is."""
        return company.name
