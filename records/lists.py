"""Lists: sorting by a fixed map of columns, cheap paging and counts that stop early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.functions import Left, Lower
from django.http import QueryDict

from records.models import RecordQuerySet

DEEPEST = 10_000
"""Rows that a list counts and pages through; whoever wants a later one narrows the list."""
SIZES = (25, 50, 100)
DEFAULT_SIZE = 50


@dataclass(frozen=True)
class Column:
    """A column of a list. `order` sorts ascending as an index does; none: not sortable."""

    key: str
    label: str
    order: tuple[OrderBy, ...] = ()
    number: bool = False
    newest_first: bool = False


def by_text(field: str) -> tuple[OrderBy, ...]:
    """Return the order of a text column, by its first 100 characters without regard to case."""
    return (Left(Lower(field), 100).asc(), F("id").asc())


def by_value(field: str, *, blank_first: bool = False) -> tuple[OrderBy, ...]:
    """Return the ascending order of a number or date that may be missing."""
    blanks: dict[str, Any] = {"nulls_first": True} if blank_first else {"nulls_last": True}
    return (F(field).asc(**blanks), F("id").asc())


def by_stamp(field: str) -> tuple[OrderBy, ...]:
    """Return the ascending order of a date that is never missing."""
    return (F(field).asc(), F("id").asc())


@dataclass(frozen=True)
class ShownColumn:
    """A column as the table draws it: `sort` is what its link asks for, `direction` how it is sorted now."""

    label: str
    number: bool
    sort: str
    direction: str


class Page:
    """One page of a list. `count` is text: "85", or "10,000+" when there are more."""

    def __init__(self, rows: RecordQuerySet, query: QueryDict, total: int | None = None) -> None:
        """Fetch the rows of the page that `query` asks for; `total` is how many there are, if that is known."""
        self.size = next((size for size in SIZES if str(size) == query.get("size")), DEFAULT_SIZE)
        self.total = rows.order_by().values("pk")[: DEEPEST + 1].count() if total is None else total
        last = max(1, -(-min(self.total, DEEPEST) // self.size))
        wanted = query.get("page", "1")
        self.number = min(int(wanted[:9]), last) if wanted.isascii() and wanted.isdigit() else 1
        self.number = max(1, self.number)
        start = (self.number - 1) * self.size
        if self.total <= DEEPEST:
            rows = rows.found_first()
        self.rows: list[Any] = list(rows[start : start + self.size]) if self.total else []
        self.sizes = SIZES
        self.has_previous, self.has_next = self.number > 1, self.number < last
        self.previous_page_number, self.next_page_number = self.number - 1, self.number + 1
        self.start_index, self.end_index = (start + 1 if self.rows else 0), start + len(self.rows)

    @property
    def count(self) -> str:
        """How many there are, for people."""
        return f"{DEEPEST:,}+" if self.total > DEEPEST else f"{self.total:,}"


def sort(rows: RecordQuerySet, columns: Sequence[Column], wanted: str, default: str) -> RecordQuerySet:
    """Order by the column key that `wanted` names, descending after a "-"; unknown keys sort as `default`."""
    known = {column.key: column.order for column in columns if column.order}
    if wanted.removeprefix("-") not in known:
        wanted = default
    order = known[wanted.removeprefix("-")]
    if wanted.startswith("-"):
        return rows.order_by(*(_reversed(expression) for expression in order))
    return rows.order_by(*order)


def _reversed(expression: OrderBy) -> OrderBy:
    copied: Any = expression.copy()
    reversed_order: OrderBy = copied.reverse_ordering()
    return reversed_order


def shown(columns: Sequence[Column], wanted: str, default: str) -> list[ShownColumn]:
    """Return the columns with the links that sort by them."""
    current = wanted if wanted.removeprefix("-") in {column.key for column in columns if column.order} else default
    return [_show(column, current) for column in columns]


def _show(column: Column, current: str) -> ShownColumn:
    descending, ascending = current == f"-{column.key}", current == column.key
    first = f"-{column.key}" if column.newest_first else column.key
    second = column.key if column.newest_first else f"-{column.key}"
    link = second if current == first else first
    direction = "descending" if descending else "ascending" if ascending else ""
    return ShownColumn(column.label, column.number, link if column.order else "", direction)
