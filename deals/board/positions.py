"""Places a card in a column of the board: one order for everybody, by whole numbers with gaps between them."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import User
from deals.models import Deal
from deals.triggers import GAP, POSITION_SEQUENCE, place_lock

ENOUGH = 1_024
"""The least gap that spacing a stretch of a column anew leaves: room for ten more drops into the same one."""
STRETCH = 16
"""Cards on either side of a closed gap that are spaced anew at first; twice as many each time that is not enough."""


def place(deal: Deal, stage: str, user: User, above: str = "", below: str = "") -> int:
    """Return a free position in `stage` right below the card `above`, else right above `below`, else on top.

    The caller has locked the row of the stage, so that no other card takes the same place. Neighbours that `user` does
    not see, or that are not in the column (any more), count for nothing. It is never the position that the deal has.
    """
    seen = Deal.objects.for_user(user, "view").filter(stage=stage).exclude(pk=deal.pk)
    for pk, is_above in ((above, True), (below, False)):
        neighbour = seen.filter(pk=pk).only("pk", "position").first() if pk and "\x00" not in pk else None
        if neighbour is not None:
            return _beside(deal, stage, neighbour, below=is_above)
    return _top(_others(deal, stage))


def _others(deal: Deal, stage: str) -> Any:
    return Deal.objects.filter(stage=stage).exclude(pk=deal.pk)


def _beside(deal: Deal, stage: str, neighbour: Deal, *, below: bool) -> int:
    """Return a place between a card and the next one below or above it."""
    column = _others(deal, stage)
    found = _between(column, neighbour.position, deal.position, below=below)
    if found is None:
        moved = _space_out(Deal.objects.filter(stage=stage), stage, neighbour.position)
        found = _between(column, moved[neighbour.pk], moved.get(deal.pk, deal.position), below=below)
    if found is None:
        raise AssertionError("A stretch that was spaced anew has no room.")
    return found


def _between(column: Any, position: int, own: int, *, below: bool) -> int | None:
    """Return the middle of the gap next to a card, or beside it where that is `own`; None when the gap is closed."""
    if below:
        other = column.filter(position__gt=position).order_by("position").values_list("position", flat=True).first()
        low, high = position, position + 2 * GAP if other is None else other
    else:
        other = column.filter(position__lt=position).order_by("-position").values_list("position", flat=True).first()
        if other is None:
            return _top(column)
        low, high = other, position
    middle = (low + high) // 2
    return next((free for free in (middle, middle + 1, middle - 1) if low < free < high and free != own), None)


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


def _space_out(column: Any, stage: str, around: int) -> dict[str, int]:
    """Space the cards around a position evenly, as few as give room; return their new positions by objectId."""
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
    moves = {pk: low + step * number for number, (pk, _) in enumerate(cards, 1)}
    _write(stage, moves)
    return moves


def _stretch(column: Any, around: int, reach: int) -> tuple[list[tuple[str, int]], int | None, int | None]:
    """Return the cards (objectId, position) around a position in order, and the positions just before and after."""
    rows = column.values_list("pk", "position")
    before = list(rows.filter(position__lte=around).order_by("-position", "-pk")[: reach + 1])
    after = list(rows.filter(position__gt=around).order_by("position", "pk")[: reach + 1])
    low = before.pop()[1] if len(before) > reach else None
    high = after.pop()[1] if len(after) > reach else None
    return [*reversed(before), *after], low, high


def _write(stage: str, moves: dict[str, int]) -> None:
    """Write positions in one statement; a card that has left the column meanwhile keeps the one it has now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {place_lock('%s')}", [stage])
        cursor.execute(
            "UPDATE deals_deal d SET position = v.position FROM unnest(%s::text[], %s::bigint[]) v(id, position) "
            "WHERE d.id = v.id AND d.stage = %s AND d.position <> v.position",
            [list(moves), list(moves.values()), stage],
        )
