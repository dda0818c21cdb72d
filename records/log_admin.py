"""The base of the admin's pages over what the triggers write down: for reading."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import User
from records.admin_lists import CappedPaginator


class LogAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows with an `actor`, the newest first. Nobody writes here: triggers do."""

    ordering = ("-id",)
    sortable_by = ()
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Name the actors in the same query."""
        rows: QuerySet[Any] = super().get_queryset(request)
        actor = User.objects.filter(pk=OuterRef("actor")).values("username")
        named: QuerySet[Any] = rows.annotate(actor_name=Subquery(actor))
        return named

    @admin.display(description="by")
    def who(self, row: Any) -> str:
        """Return who did it, as far as there is somebody."""
        return row.actor_name or row.actor or "the system"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        del request, obj
        return False
