"""Places a card in a column of the board: one order for everybody, by whole numbers with gaps between them."""

from __future__ import annotations

from typing import Any

from django.db import connection

from deals.models import Deal
from deals.triggers import GAP, POSITION_SEQUENCE

ENOUGH = 1_024
"""The least gap that spacing a stretch of a column anew leaves: room for ten more drops into the same one."""
STRETCH = 16
"""Cards on either side of a closed gap that are spaced anew at first; twice as many each time that is not enough."""


def place(deal: Deal, stage: str, above: str = "", below: str = "") -> int:
    """Return a free position in `stage` right below the card `above`, else right above `below`, else on top.

    The caller has locked the row of the stage, so that no other card takes the same place. Neighbours that are not
    in the column (any more) count for nothing.
    """
    column = Deal.objects.filter(stage=stage).exclude(pk=deal.pk)
    for pk, is_above in ((above, True), (below, False)):
        position = column.filter(pk=pk).values_list("position", flat=True).first() if _is_id(pk) else None
        if position is not None:
            return _beside(column, stage, position, below=is_above)
    return _top(column)


def _is_id(pk: str) -> bool:
    return bool(pk) and "\x00" not in pk


def _beside(column: Any, stage: str, position: int, *, below: bool) -> int:
    """Return a place between a card and the next one below or above it."""
    found = _between(column, position, below=below)
    if found is None:
        moved = _space_out(column, stage, position)
        found = _between(column, moved[position], below=below)
    if found is None:
        raise AssertionError("A stretch that was spaced anew has no room.")
    return found


def _between(column: Any, position: int, *, below: bool) -> int | None:
    """Return the middle of the gap next to a card, None when it is closed."""
    if below:
        other = column.filter(position__gt=position).order_by("position").values_list("position", flat=True).first()
        if other is None:
            return position + GAP
    else:
        other = column.filter(position__lt=position).order_by("-position").values_list("position", flat=True).first()
        if other is None:
            return _top(column)
    middle: int = (position + other) // 2
    return middle if middle not in (position, other) else None


def _top(column: Any) -> int:
    """Return a place above all others."""
    (fresh,) = _fresh(1)
    first = column.order_by("position").values_list("position", flat=True).first()
    return fresh if first is None else min(fresh, first - GAP)


def _fresh(count: int) -> list[int]:
    """Take positions that no card has had, each above the one before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT -%s::bigint * nextval(%s::regclass) FROM generate_series(1, %s)", [GAP, POSITION_SEQUENCE, count]
        )
        return [row[0] for row in cursor.fetchall()]


def _space_out(column: Any, stage: str, around: int) -> dict[int, int]:
    """Space the cards around a position evenly, as few as give room; return their new positions by the old ones."""
    reach = STRETCH
    while True:
        cards, low, high = _stretch(column, around, reach)
        room = GAP * (len(cards) + 1)
        if low is None:
            fresh = _fresh(len(cards) + 1)[-1]
            low = fresh if high is None else min(fresh, high - room)
        high = low + room if high is None else high
        step = (high - low) // (len(cards) + 1)
        if step >= ENOUGH:
            break
        reach *= 2
    moves = {position: low + step * number for number, (_, position) in enumerate(cards, 1)}
    _write(stage, [(pk, moves[position]) for pk, position in cards])
    return moves


def _stretch(column: Any, around: int, reach: int) -> tuple[list[tuple[str, int]], int | None, int | None]:
    """Return the cards (objectId, position) around a position in order, and the positions just before and after."""
    rows = column.values_list("pk", "position")
    before = list(rows.filter(position__lte=around).order_by("-position", "-pk")[: reach + 1])
    after = list(rows.filter(position__gt=around).order_by("position", "pk")[: reach + 1])
    low = before.pop()[1] if len(before) > reach else None
    high = after.pop()[1] if len(after) > reach else None
    return [*reversed(before), *after], low, high


def _write(stage: str, moves: list[tuple[str, int]]) -> None:
    """Write positions in one statement; a card that has left the column meanwhile keeps the one it has now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deals_deal d SET position = v.position FROM unnest(%s::text[], %s::bigint[]) v(id, position) "
            "WHERE d.id = v.id AND d.stage = %s",
            [[pk for pk, _ in moves], [position for _, position in moves], stage],
        )
