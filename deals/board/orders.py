"""The orders of a column of the board, and the places in one from which it goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, OrderBy, Q

from accounts.object_id import PATTERN
from deals.models import BEYOND_FLOAT

LAST_PLACE = 2**63 - 1
SMALLEST_SCALE, LARGEST_EXPONENT = -16_383, 309
"""What PostgreSQL's `bigint` and `numeric` hold."""


@dataclass(frozen=True)
class Place:
    """Where a card stands: the value of what the column is ordered by, and its objectId, which parts equal values.

    Both may be expressions of an outer query, for the places of all its rows.
    """

    value: Any
    pk: Any


@dataclass(frozen=True)
class Order:
    """An order by one column, those without a value last, ties by objectId; `read` reads a value of a cursor."""

    key: str
    label: str
    field: str
    read: Callable[[str], Any]
    descending: bool = False

    def by(self, *, backwards: bool = False) -> tuple[OrderBy, OrderBy]:
        """Return what to order rows by, as an index does."""
        down = self.descending != backwards
        blanks: dict[str, Any] = {"nulls_first": True} if backwards else {"nulls_last": True}
        return OrderBy(F(self.field), descending=down, **blanks), OrderBy(F("id"), descending=down)

    def after(self, place: Place, *, included: bool = False) -> list[Q]:
        """Return conditions of what follows, nearest first, each of which is one range of an index."""
        if place.value is None:
            return [self._is(None) & self._id(place, included=included)]
        return [self._values(place) & self._id(place, included=included), self._is(None)]

    def before(self, place: Place) -> list[Q]:
        """Return conditions of what precedes, nearest first."""
        if place.value is not None:
            return [self._values(place, backwards=True) & self._id(place, backwards=True)]
        return [self._is(None) & self._id(place, backwards=True), ~self._is(None)]

    def _is(self, value: Any) -> Q:
        return Q(**{self.field: value})

    def _values(self, place: Place, *, backwards: bool = False) -> Q:
        side = "lte" if self.descending != backwards else "gte"
        return Q(**{f"{self.field}__{side}": place.value})

    def _id(self, place: Place, *, backwards: bool = False, included: bool = False) -> Q:
        """Of those with the same value keep what is beyond the objectId."""
        side = "lt" if self.descending != backwards else "gt"
        beyond = Q(**{f"id__{side}e" if included else f"id__{side}": place.pk})
        return beyond if place.value is None else beyond | Q(**{f"{self.field}__{side}": place.value})

    def place_of(self, deal: Any) -> Place:
        """Return where a deal, or a row with its columns, stands."""
        return Place(getattr(deal, self.field), deal.pk)

    def cursor(self, place: Place) -> str:
        """Write a place as text."""
        value = place.value.isoformat() if isinstance(place.value, datetime) else place.value
        return f"{'' if value is None else value}~{place.pk}"

    def place(self, cursor: str) -> Place:
        """Read a place; raises ValueError that says what is wrong with the text."""
        value, tilde, pk = cursor.partition("~")
        if not tilde or not re.fullmatch(PATTERN, pk) or not value.isascii():
            raise ValueError("The cursor is none that a page of the board has.")
        try:
            return Place(self.read(value) if value else None, pk)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"The cursor is none of the order “{self.label}”.") from error


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > LAST_PLACE:
        raise ValueError(text)
    return int(text)


def _amount(text: str) -> Decimal:
    amount = Decimal(text)
    scale = amount.as_tuple().exponent
    if not isinstance(scale, int) or not SMALLEST_SCALE <= scale <= LARGEST_EXPONENT:
        raise ValueError(text)
    if not -BEYOND_FLOAT < amount < BEYOND_FLOAT:
        raise ValueError(text)
    return amount


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


ORDERS = (
    Order("position", "Board order", "position", _number),
    Order("value", "Value", "amount", _amount, descending=True),
    Order("close", "Close date", "expected_close_date", _moment),
    Order("stalest", "Stalest", "touched_at", _moment),
)
POSITION = ORDERS[0]


def order_of(key: str) -> Order:
    """Return the order that a query string names, by position when it names none."""
    return next((order for order in ORDERS if order.key == key), POSITION)
