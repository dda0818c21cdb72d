"""Takes the last step of the board back: all that one transaction did to its deals, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from deals.board.moves import QUIET, StaleDealError
from deals.models import Deal
from deals.stages import Stage
from records.access import ACTIONS, share
from records.changes import content_changes
from records.models import Change
from records.sharing import may_hand_over

TAKE_BACK = timedelta(minutes=10)
"""How long whoever handed deals over may take that back, although they are somebody else's now."""
MOVED = (
    *("stage", "position", "stage_changed_at", "closed_at", "lost_reason", "lost_note"),
    *("probability", "amount", "assigned_to_id"),
)
"""Columns that the board changes."""


def take_back(transaction: int, user: User) -> list[Deal]:
    """Undo what one step of the board changed, all or nothing; return the deals as they are now.

    Raises Http404 when there is nothing that `user` may undo, StaleDealError when a deal has been changed since,
    ValidationError that says why else it cannot be.
    """
    updates = Change.objects.filter(class_name="Deal", operation="update", transaction=transaction)
    first = list(content_changes(updates, QUIET).order_by("object_id", "id").distinct("object_id"))
    _lock_stages(row.old or {} for row in first)
    deals = _held(user, first)
    if not first or len(deals) < len(first):
        raise Http404
    content = content_changes(Change.objects.filter(class_name="Deal", object_id__in=list(deals)), QUIET)
    newest = content.exclude(operation__in=("grant", "revoke")).order_by("object_id", "-id").distinct("object_id")
    if later := [deals[row.object_id] for row in newest if row.transaction != transaction]:
        raise StaleDealError(later)
    new = {row.object_id: row.new for row in newest}
    if not all(_is_move(row.old or {}, new[row.object_id] or {}) for row in first):
        raise Http404
    if any(owner is None or not owner.is_active for owner in _old_owners(first)):
        raise ValidationError("Whose it was may no longer sign in.")
    for row in first:
        _put_back(row)
        _give_back(row, deals[row.object_id])
    _drop_plans(transaction, list(deals))
    return list(Deal.objects.filter(pk__in=list(deals)).order_by("position"))


def _lock_stages(rows: Iterable[dict[str, Any]]) -> None:
    """Hold the stages that deals go back to, before the deals, as a move does."""
    keys = {str(row.get("stage")) for row in rows}
    list(Stage.objects.select_for_update(no_key=True).filter(key__in=keys).order_by("key"))


def _old_owners(changes: list[Change]) -> list[User | None]:
    """Return whose the handed over deals were; None for somebody who is gone."""
    pks = {(row.old or {})["assigned_to_id"] for row in changes if _is_handed(row)} - {None}
    people = User.objects.in_bulk(list(pks))
    return [people.get(pk) for pk in pks]


def _held(user: User, changes: list[Change]) -> dict[str, Deal]:
    """Hold the deals of these changes that `user` may undo: he may change them, or has just handed them over."""
    pks, recent = [row.object_id for row in changes], timezone.now() - TAKE_BACK
    deals = Deal.objects.select_for_update(of=("self",)).order_by("pk")
    mine = {deal.pk: deal for deal in deals.for_user(user, "change").filter(pk__in=pks)}
    handed = {row.object_id: row for row in changes if _is_handed(row)}
    given = {pk for pk, row in handed.items() if row.actor == user.pk and row.created_at > recent}
    held = mine | {deal.pk: deal for deal in deals.filter(pk__in=given - set(mine))}
    return {pk: deal for pk, deal in held.items() if pk not in handed or pk in given or may_hand_over(user, deal)}


def _is_handed(change: Change) -> bool:
    old, new = change.old or {}, change.new or {}
    return bool(old.get("assigned_to_id") != new.get("assigned_to_id"))


def _is_move(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether a change is of what the board changes: others are undone on the page of the deal."""
    return all(old.get(name) == value for name, value in new.items() if name not in (*QUIET, *MOVED))


def _put_back(change: Change) -> None:
    """Write the values from before straight from the log, so that every number is exact."""
    columns = ", ".join(f"{name} = p.{name}" for name in MOVED)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE deals_deal t SET {columns}, updated_at = clock_timestamp() "  # noqa: S608 - our own columns
            "FROM records_change c, jsonb_populate_record(NULL::deals_deal, c.old) p "
            "WHERE c.id = %s AND t.id = c.object_id",
            [change.pk],
        )


def _give_back(change: Change, deal: Deal) -> None:
    """Let whoever had the deal for a while keep what rights he had on it before."""
    holder = (change.new or {}).get("assigned_to_id")
    if not _is_handed(change) or holder is None:
        return
    step = Change.objects.filter(class_name="Deal", object_id=deal.pk, transaction=change.transaction)
    given = step.filter(operation="grant", new__user_id=holder).values_list("new__action", flat=True)
    if kept := tuple(action for action in ACTIONS if action not in set(given)):
        share(deal, User.objects.get(pk=holder), kept)


def _drop_plans(transaction: int, pks: list[str]) -> None:
    """Delete the calls that the step planned and nobody has touched since."""
    planned = Change.objects.filter(class_name="Activity", operation="insert", transaction=transaction)
    activities = Deal._meta.get_field("activities").related_model
    rows: Any = activities._default_manager.filter(related_deal__in=pks, completed_at=None)  # type: ignore[union-attr]
    rows.filter(pk__in=planned.values("object_id"), updated_at=F("created_at")).delete()
