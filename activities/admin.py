"""Activities in the admin."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.functions import Left, Lower
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from activities.models import Activity
from contacts.models import Contact
from deals.models import Deal
from records.admin import RecordAdmin
from records.admin_forms import AdminRecordForm, stored_choices
from records.admin_lists import DayRangeFilter
from records.resources import RecordResource, moment, person, readable, reference, text


class ActivityResource(RecordResource):
    """An activity as a row."""

    type = text("type", "type")
    subject = text("subject", "subject")
    description = text("description", "description")
    due_date = moment("due_date", "dueDate")
    completed_at = moment("completed_at", "completedAt")
    related_contact = reference(Contact, "related_contact", "relatedContact")
    contact_name = readable("related_contact__name", "relatedContactName")
    related_deal = reference(Deal, "related_deal", "relatedDeal")
    deal_title = readable("related_deal__title", "relatedDealTitle")
    created_by = person("created_by", "createdBy")

    class Meta(RecordResource.Meta):
        """The columns in the order of the form."""

        model = Activity
        fields: ClassVar[list[str]] = [
            "id", "type", "subject", "description", "due_date", "completed_at", "related_contact", "contact_name",
            "related_deal", "deal_title", "created_by", "created_at", "updated_at",
        ]  # fmt: skip

    def validate_instance(
        self,
        instance: Activity,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Take only the types that there are, and what an activity already has."""
        del validate_unique
        self.checked(instance, import_validation_errors, lambda: _check_type(instance))


def _check_type(activity: Activity) -> None:
    stored = Activity.objects.filter(pk=activity.pk).values_list("type", flat=True).first()
    if activity.type not in {stored, *Activity.Type.values}:
        raise ValidationError({"type": f"There is no type {str(activity.type)[:40]!r}."})


class ActivityForm(AdminRecordForm):
    """An activity, about at most one record."""

    type = forms.ChoiceField(widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "type" in self.fields:
            self.fields["type"].choices = stored_choices(list(Activity.Type.choices), self.instance, "type")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say in words what the database would refuse."""
        cleaned = super().clean()
        if cleaned.get("related_contact") and cleaned.get("related_deal"):
            self.add_error("related_deal", "An activity is about a contact or a deal, not about both.")
        return cleaned


class TypeFilter(DropdownFilter):  # type: ignore[misc]
    """Which type."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the types that there are."""
        del request, model_admin
        return list(Activity.Type.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        """Keep one type."""
        del request
        return queryset.filter(type=self.value()) if self.value() else queryset


class DoneFilter(DropdownFilter):  # type: ignore[misc]
    """Done, or still to be done."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer both."""
        del request, model_admin
        return [("open", "To do"), ("done", "Done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        """Keep one of both."""
        del request
        return queryset.filter(completed_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    """Activities."""

    form = ActivityForm
    related = ("related_contact", "related_deal", "created_by")
    resource_classes: ClassVar[list[type[RecordResource]]] = [ActivityResource]
    list_display = ("title", "type_label", "about", "due_date", "done", "created_by", "touched")
    list_filter = (
        TypeFilter,
        DoneFilter,
        ("created_by", AutocompleteSelectFilter),
        ("due_date", DayRangeFilter),
        ("completed_at", DayRangeFilter),
    )
    search_fields = ("subject",)
    sortable_by = ("title", "due_date", "done", "touched")
    autocomplete_fields = ("related_contact", "related_deal", "created_by")
    fieldsets = (
        (None, {"fields": ("type", "subject", "description", ("due_date", "completed_at"))}),
        ("About", {"fields": (("related_contact", "related_deal"),)}),
        ("Owner", {"fields": ("created_by",)}),
    )

    @admin.display(description="subject", ordering=Left(Lower("subject"), 100))
    def title(self, activity: Activity) -> str:
        """Return the subject, sorted as the index is."""
        return str(activity)

    @admin.display(description="done", ordering=F("completed_at").asc(nulls_first=True))
    def done(self, activity: Activity) -> datetime | None:
        """Return when it was done, sorted as the index is."""
        return activity.completed_at

    @admin.display(description="type")
    def type_label(self, activity: Activity) -> str:
        """Return what people call its type."""
        return activity.get_type_label()

    @admin.display(description="about")
    def about(self, activity: Activity) -> str:
        """Return what it is about."""
        return str(activity.related_to or "")
