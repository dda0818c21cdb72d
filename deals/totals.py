"""How much is in the columns of the board: over all their deals, in one statement."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from deals.filters import OTHER, month_of, outside
from deals.models import DealQuerySet
from deals.orders import Order
from deals.stages import Stage
from records.fields import AmountField

EXACT = decimal.Context(prec=40_000)
"""No number of the database has as many digits."""
CARD = "card"


@dataclass(frozen=True)
class Totals:
    """How many deals, worth how much, and worth how much each by its chance."""

    count: int = 0
    total: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)


@dataclass(frozen=True)
class Found:
    """The totals of columns, and the column and cursor of the card that was looked for, if it is in one of `rows`."""

    totals: dict[str, Totals]
    column: str = ""
    cursor: str = ""


def totals(rows: DealQuerySet, stages: Mapping[str, Stage], keys: Iterable[str], order: Order, card: str = "") -> Found:
    """Count and add up `rows` (which passed gate and filter) by column, for the columns `keys`.

    Open stages and "other" count whole, won and lost what closed this month in the person's time zone. Each kind is a
    part of its own, which an index answers: nothing looks at what closed before.
    """
    keys = list(keys)
    of_open = [key for key in keys if key in stages and stages[key].is_open]
    closed = [key for key in keys if key in stages and not stages[key].is_open]
    rows = rows.order_by()
    parts = []
    if of_open:
        parts.append(_sums(rows.filter(stage__in=of_open), F("stage")))
    if closed:
        parts.append(_sums(rows.filter(stage__in=closed).filter(closed_this_month()), F("stage")))
    if OTHER in keys:
        parts.append(_sums(rows.filter(outside(stages.values())), Value(OTHER)))
    if card:
        parts.append(_place(rows.filter(pk=card), order))
    return _found(parts[0].union(*parts[1:], all=True) if parts else [], stages)


def closed_this_month() -> Q:
    """Return the condition of having been closed in the present month of the person's time zone."""
    today = datetime.combine(timezone.localdate(), time(), tzinfo=timezone.get_current_timezone())
    first, following = month_of(today)
    return Q(closed_at__gte=first, closed_at__lt=following)


def _sums(rows: DealQuerySet, column: Any) -> Any:
    """Group by column: count, sum, sum of what has the chance of the stage, sum of amount by own chance in percent."""
    return (
        rows.annotate(column=column)
        .values("column")
        .annotate(
            count=Count("*"),
            total=Sum("amount"),
            plain=Sum("amount", filter=Q(probability=None)),
            own=Sum(F("amount") * F("probability"), output_field=AmountField()),
            place=Value("", output_field=TextField()),
        )
        .values_list("column", "count", "total", "plain", "own", "place")
    )


def _place(rows: DealQuerySet, order: Order) -> Any:
    """Tell where a card stands, in a row like those of `_sums`: instead of a count it has -1."""
    nothing = Value(None, output_field=AmountField())
    return rows.values_list(
        F("stage"), Value(-1), nothing, nothing, nothing, Cast(order.field, TextField()), named=False
    )


def _found(found: Iterable[Any], stages: Mapping[str, Stage]) -> Found:
    result: dict[str, Totals] = {}
    column, cursor = "", ""
    for key, count, total, plain, own, place in found:
        if count < 0:
            column, cursor = key if key in stages else OTHER, place or ""
        else:
            chance = stages[key].probability if key in stages else 0
            result[key] = Totals(count, total or Decimal(0), _weighted(plain, own, chance))
    return Found(result, column, cursor)


def _weighted(plain: Decimal | None, own: Decimal | None, chance: int) -> Decimal:
    of_stage = EXACT.multiply(plain or Decimal(0), Decimal(chance))
    return EXACT.scaleb(EXACT.add(of_stage, own or Decimal(0)), -2)
