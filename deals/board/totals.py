"""How much is in the columns of the board: over all their deals, in one statement."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from deals.board.orders import Order
from deals.board.scope import Scope
from deals.filters import OTHER, month_of, outside
from deals.models import DealQuerySet
from deals.stages import Stage
from records.fields import AmountField

EXACT = decimal.Context(prec=40_000)
"""No number of the database has as many digits."""
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Totals:
    """How many deals, worth how much, and worth how much each by its chance."""

    count: int = 0
    total: Decimal = NOTHING
    weighted: Decimal = NOTHING


@dataclass(frozen=True)
class Found:
    """The totals of columns, and the column and cursor of the card that was looked for, if it is in one of `rows`."""

    totals: dict[str, Totals]
    column: str = ""
    cursor: str = ""


def totals(scope: Scope, keys: Iterable[str] | None = None, card: str = "") -> Found:
    """Count and add up the deals of a scope by column, of all columns or of `keys`, and find a card.

    Open stages and "other" count whole, won and lost what closed this month in the person's time zone.
    """
    rows = scope.rows.order_by()
    keys = None if keys is None else list(keys)
    if keys is None and scope.is_found:
        parts = [_at_once(rows, scope.stages)]
    else:
        parts = _one_by_one(rows, scope.stages, scope.keys if keys is None else keys)
    if card:
        parts.append(_place(rows.filter(pk=card), scope.order))
    found = _found(parts[0].union(*parts[1:], all=True) if parts else [], scope.stages)
    scope.counts |= {key: found.totals.get(key, Totals()).count for key in (scope.keys if keys is None else keys)}
    return found


def _at_once(rows: DealQuerySet, stages: Mapping[str, Stage]) -> Any:
    """Add up by stage, in one walk along what gate and filter leave."""
    closed = [key for key, stage in stages.items() if not stage.is_open]
    return _sums(rows, F("stage"), ~Q(stage__in=closed) | closed_this_month())


def _one_by_one(rows: DealQuerySet, stages: Mapping[str, Stage], keys: Sequence[str]) -> list[Any]:
    """Add up each kind of column by itself, so that an index answers and nothing looks at what closed before."""
    of_open = [key for key in keys if key in stages and stages[key].is_open]
    closed = [key for key in keys if key in stages and not stages[key].is_open]
    parts = []
    if of_open:
        parts.append(_sums(rows.filter(stage__in=of_open), F("stage")))
    if closed:
        parts.append(_sums(rows.filter(stage__in=closed).filter(closed_this_month()), F("stage")))
    if OTHER in keys:
        parts.append(_sums(rows.filter(outside(stages.values())), Value(OTHER)))
    return parts


def closed_this_month() -> Q:
    """Return the condition of having been closed in the present month of the person's time zone."""
    today = datetime.combine(timezone.localdate(), time(), tzinfo=timezone.get_current_timezone())
    first, following = month_of(today)
    return Q(closed_at__gte=first, closed_at__lt=following)


def _sums(rows: DealQuerySet, column: Any, where: Q | None = None) -> Any:
    """Group by column: count, sum, sum of what has the chance of the stage, sum of amount by own chance in percent."""
    count = Count("*") if where is None else Count("pk", filter=where)
    of_stage = Q(probability=None) if where is None else Q(probability=None) & where
    return (
        rows.annotate(column=column)
        .values("column")
        .annotate(
            count=count,
            total=Sum("amount", filter=where),
            plain=Sum("amount", filter=of_stage),
            own=Sum(F("amount") * F("probability"), filter=where, output_field=AmountField()),
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
            name, chance = (key, stages[key].probability) if key in stages else (OTHER, 0)
            known = result.get(name, Totals())
            result[name] = Totals(
                known.count + count,
                EXACT.add(known.total, total or NOTHING),
                EXACT.add(known.weighted, _weighted(plain or NOTHING, own or NOTHING, chance)),
            )
    return Found(result, column, cursor)


def _weighted(plain: Decimal, own: Decimal, chance: int) -> Decimal:
    return EXACT.scaleb(EXACT.add(EXACT.multiply(plain, Decimal(chance)), own), -2)
