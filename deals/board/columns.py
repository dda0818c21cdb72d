"""The board of the pipeline: its columns with their totals and first cards, for one person under one filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from deals.board.cards import PAGE, Card, beginning, beginnings, continued, fetch
from deals.board.orders import ORDERS, POSITION, Place
from deals.board.scope import COMPACT, Scope
from deals.board.totals import Found, Totals, totals
from deals.filters import OTHER, BoardFilter
from deals.models import DealQuerySet
from deals.stages import Stage
from records.filters import Chip

Placed = tuple[Place, Card]


@dataclass
class Column:
    """A column: totals over all of its deals, and the cards that are loaded first.

    `top_url` leads to the board from the top where a linked card lets the column begin in its middle.
    """

    key: str
    label: str
    stage: Stage | None
    kind: str
    is_folded: bool
    count: int
    total: Decimal
    weighted: Decimal
    list_url: str
    note: str = ""
    cards: list[Card] = field(default_factory=list)
    more_url: str = ""
    top_url: str = ""


@dataclass(frozen=True)
class Board:
    """What the page shows; `sorts` are key, name and address of each order, `is_sorted` that it is not by position."""

    columns: list[Column]
    filters: BoardFilter
    chips: list[Chip]
    is_filtered: bool
    sort: str
    sorts: list[tuple[str, str, str]]
    is_sorted: bool
    compact: bool
    compact_url: str
    query: str
    list_url: str


def board(scope: Scope) -> Board:
    """Count and add up all columns in one statement, and fetch the first cards of the open ones in a second.

    Where `?card=` names a card that is not among the first of its column, the column begins with it.
    """
    found = totals(scope, card=scope.card)
    columns = [_column(scope, key, found) for key in scope.keys]
    columns = [column for column in columns if column.key != OTHER or column.count]
    _deal_out(scope, columns, found)
    return Board(
        columns=columns,
        filters=scope.filters,
        chips=scope.filters.chips(),
        is_filtered=scope.is_filtered,
        sort=scope.order.key,
        sorts=[(order.key, order.label, scope.url(sort=_unless_usual(order.key))) for order in ORDERS],
        is_sorted=scope.order != POSITION,
        compact=scope.compact,
        compact_url=scope.url(compact=None if scope.compact else COMPACT),
        query=scope.query(),
        list_url=scope.list_url(),
    )


def column_heads(scope: Scope, keys: Iterable[str]) -> list[Column]:
    """Return the columns `keys` with totals and without cards, an empty "other" too; unknown keys are left out."""
    keys = [key for key in keys if key in scope.keys]
    found = totals(scope, keys)
    return [_column(scope, key, found) for key in keys]


def cards_of(scope: Scope, pks: Sequence[str]) -> dict[str, tuple[Card, str | None]]:
    """Return the cards of deals by objectId, each with the objectId of the card above it, "" for none.

    Those that gate or filter hide are left out; None says that it is in a folded column, which shows none.
    """
    rows = scope.rows.filter(pk__in=pks)
    cards = [card for _place, card in fetch(scope.user, [rows.values("pk")], scope.order, scope.stages)]
    columns = {card.stage for card in cards if not scope.is_folded(card.stage)}
    few = bool(columns) and _are_few(scope, columns)
    found: dict[str, str | None] = {}
    if columns - {OTHER}:
        in_stage = scope.rows.filter(stage=OuterRef("stage"))
        staged = rows.filter(stage__in=columns - {OTHER})
        found |= dict(staged.order_by().values_list("pk", _above(in_stage, scope, few=few)))
    if OTHER in columns:
        others = scope.of(OTHER)
        found |= dict(others.filter(pk__in=pks).order_by().values_list("pk", _above(others, scope, few=few)))
    return {card.pk: (card, None if scope.is_folded(card.stage) else found.get(card.pk) or "") for card in cards}


def _above(column: DealQuerySet, scope: Scope, *, few: bool) -> Any:
    """Choose, for each row of an outer query, the one before it in its column."""

    def last(condition: Q) -> Subquery:
        rows = column.filter(condition).order_by(*scope.order.by(backwards=True))
        return Subquery((rows.found_first() if few else rows).values("pk")[:1])

    field, pk = scope.order.field, OuterRef("pk")
    above = last(*scope.order.before(Place(OuterRef(field), pk)))
    if scope.order == POSITION:  # every deal has one
        return above
    return Case(When(**{field: None}, then=Coalesce(*map(last, scope.order.before(Place(None, pk))))), default=above)


def next_cards(scope: Scope, key: str, cursor: str) -> tuple[list[Card], str]:
    """Return the cards of a column that follow a cursor, and the address of the next ones, "" at the end.

    Raises ValueError that says what is wrong with the column or the cursor.
    """
    if key not in scope.keys:
        raise ValueError("There is no such column.")
    place = scope.order.place(cursor)
    if scope.is_folded(key):
        return [], ""
    found = totals(scope, [key] if scope.is_narrow else [], place.pk)
    if found.column == key:  # the card may stand elsewhere by now
        place = scope.order.place(f"{found.cursor}~{place.pk}")
    chosen = continued(scope.of(key), scope.order, place, few=_are_few(scope, {key}))
    return _page(scope, key, fetch(scope.user, chosen, scope.order, scope.stages))


def _are_few(scope: Scope, keys: set[str]) -> bool:
    """Tell whether the deals of each of these columns are quicker found and then sorted."""
    if scope.is_narrow and not keys <= scope.counts.keys():
        totals(scope, keys)
    return scope.is_narrow and all(scope.are_few(scope.counts[key]) for key in keys)


def _column(scope: Scope, key: str, found: Found) -> Column:
    stage, figures = scope.stages.get(key), found.totals.get(key, Totals())
    is_folded = scope.is_folded(key)
    return Column(
        key=key,
        label=stage.label if stage else "Other",
        stage=stage,
        kind=stage.kind if stage else OTHER,
        is_folded=is_folded,
        count=figures.count,
        total=figures.total,
        weighted=figures.weighted,
        list_url=scope.list_url(key),
        note="this month" if is_folded else "",
    )


def _deal_out(scope: Scope, columns: Sequence[Column], found: Found) -> None:
    """Fetch the first cards of all columns, and those from the linked card on."""
    shown = [column for column in columns if column.count and not column.is_folded]
    if scope.are_few(sum(column.count for column in shown)):
        chosen = [beginnings(scope.rows, scope.order, scope.stages)] if shown else []
    else:
        chosen = [beginning(scope.of(column.key), scope.order, few=scope.are_few(column.count)) for column in shown]
    linked = next((column for column in shown if column.key == found.column), None)
    if linked:
        place, few = scope.order.place(f"{found.cursor}~{scope.card}"), scope.are_few(linked.count)
        chosen += continued(scope.of(linked.key), scope.order, place, few=few, included=True)
    cards = fetch(scope.user, chosen, scope.order, scope.stages)
    for column in shown:
        own = [(place, card) for place, card in cards if card.stage == column.key]
        start = next((at for at, (_place, card) in enumerate(own) if card.pk == scope.card), 0)
        start = start if start >= PAGE else 0
        column.cards, column.more_url = _page(scope, column.key, own[start:])
        column.top_url = scope.url() if start else ""


def _page(scope: Scope, key: str, cards: Sequence[Placed]) -> tuple[list[Card], str]:
    more_url = scope.more_url(key, cards[PAGE - 1][0]) if len(cards) > PAGE else ""
    return [card for _place, card in cards[:PAGE]], more_url


def _unless_usual(sort: str) -> str | None:
    return None if sort == POSITION.key else sort
