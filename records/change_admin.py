"""The change log in the admin: for reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from records.log_admin import LogAdmin
from records.models import DERIVED, Change, Record

WINDOW = 200_000
"""How many of the newest changes the list goes through; the changes of one record are found however old."""
HIDDEN = frozenset({*DERIVED, "id", "created_at", "updated_at", "position"})
OPERATIONS = {
    "insert": "created",
    "update": "changed",
    "delete": "deleted",
    "grant": "shared",
    "revoke": "no longer shared",
}


def record_models() -> dict[str, type[Record]]:
    """Return the record classes by their names in the log."""
    return {model.__name__: model for model in Record.__subclasses__()}  # type: ignore[type-abstract]


class ClassFilter(DropdownFilter):  # type: ignore[misc]
    """Which class."""

    title = "class"
    parameter_name = "class"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the record classes."""
        del request, model_admin
        return [(name, name) for name in record_models()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        """Keep one class."""
        del request
        return queryset.filter(class_name=self.value()) if self.value() else queryset


class OperationFilter(DropdownFilter):  # type: ignore[misc]
    """What was done."""

    title = "operation"
    parameter_name = "operation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what the triggers write."""
        del request, model_admin
        return list(OPERATIONS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        """Keep one operation."""
        del request
        return queryset.filter(operation=self.value()) if self.value() else queryset


class ChangeAdmin(LogAdmin):
    """Who changed what, and when."""

    list_display = ("created_at", "what", "class_name", "record", "who")
    list_display_links = ("created_at",)
    list_filter = (ClassFilter, OperationFilter)
    list_filter_submit = True
    search_fields = ("object_id",)
    search_help_text = "Id of a record"
    fieldsets = (
        (None, {"fields": ("created_at", "what", "class_name", "record", "who", "transaction")}),
        ("Change", {"fields": ("difference",)}),
    )
    readonly_fields = ("what", "record", "who", "difference")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Change], search_term: str
    ) -> tuple[QuerySet[Change], bool]:
        """Find everything about one record; without an id look at the newest changes only, so that it stays fast."""
        del request
        if term := search_term.strip():
            return queryset.filter(class_name__in=list(record_models()), object_id=term), False
        newest = Change.objects.aggregate(newest=Max("id"))["newest"] or 0
        return queryset.filter(pk__gt=newest - WINDOW), False

    @admin.display(description="operation")
    def what(self, change: Change) -> str:
        """Return the operation in words."""
        return OPERATIONS.get(change.operation, change.operation)

    @admin.display(description="record")
    def record(self, change: Change) -> str:
        """Link to the record's page in the admin."""
        model = record_models().get(change.class_name)
        if model is None:
            return change.object_id
        try:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[change.object_id])
        except NoReverseMatch:
            return change.object_id
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, change.object_id)

    @admin.display(description="fields")
    def difference(self, change: Change) -> SafeString:
        """Show the fields that differ, from what to what."""
        differences = list(_differences(change))
        if not differences:
            return SafeString("Only who may see the record has changed.")
        rows = format_html_join("", "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", differences)
        head = "<thead><tr><th>Field</th><th>Before</th><th>After</th></tr></thead>"
        return format_html(f'<table class="crm-difference">{head}<tbody>{{}}</tbody></table>', rows)


def _differences(change: Change) -> Iterator[tuple[str, str, str]]:
    old, new = change.old or {}, change.new or {}
    model = record_models().get(change.class_name)
    for name in {**old, **new}:
        if name not in HIDDEN and old.get(name) != new.get(name):
            yield _label(model, name), _shown(old.get(name)), _shown(new.get(name))


def _label(model: type[Model] | None, column: str) -> str:
    """Return the name of a column as forms call it."""
    try:
        field = model._meta.get_field(column.removesuffix("_id")) if model else None
    except FieldDoesNotExist:
        field = None
    return str(getattr(field, "verbose_name", column)).replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
