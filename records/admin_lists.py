"""Lists in the admin that stay fast at a million rows: counting stops early, filters follow indexes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.contrib.filters.admin import RangeDateFilter

from records.form_fields import FIRST_DAY, LAST_DAY
from records.lists import DEEPEST


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and pages through the first 10,000 rows; whoever wants a later one narrows the list."""

    template_name = "admin/_pagination_capped.html"

    @cached_property
    def _total(self) -> int:
        rows: QuerySet[Model] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: DEEPEST + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._total, DEEPEST)

    @property
    def shown_count(self) -> str:
        """How many there are, for people."""
        return f"{DEEPEST:,}+" if self._total > DEEPEST else f"{self._total:,}"


class DayRangeFilter(RangeDateFilter):  # type: ignore[misc]
    """Keeps what happened between two days of the person's time zone, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow by the days that can be read; others narrow nothing."""
        del request
        bounds = {f"{self.parameter_name}__{lookup}": moment for lookup, moment in self._bounds() if moment is not None}
        return queryset.filter(**bounds)

    def _bounds(self) -> Iterator[tuple[str, datetime | None]]:
        first = _read_day(self.used_parameters.get(f"{self.parameter_name}_from"))
        last = _read_day(self.used_parameters.get(f"{self.parameter_name}_to"))
        yield "gte", _midnight(first) if first else None
        yield "lt", _midnight(last + timedelta(days=1)) if last else None


def _read_day(text: Any) -> date | None:
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if FIRST_DAY <= day < LAST_DAY else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone()).astimezone(UTC)
