"""Moves deals on the board, one or several as one step, and takes the last such step back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import EllipsisType
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from accounts.object_id import PATTERN
from deals.board.positions import place
from deals.models import Deal
from deals.stages import LostReason, Stage
from records.access import ACTIONS, may, share
from records.changes import DERIVED, content_changes
from records.forms import stamp
from records.models import Change
from records.sharing import may_hand_over
from records.templatetags.display import name_of

TAKE_BACK = timedelta(minutes=10)
"""How long whoever handed deals over may take that back, although they are somebody else's now."""
QUIET = (*DERIVED, "touched_at", "next_step_at")
"""Columns that say nothing of what somebody did to a deal."""
MOVED = (
    *("stage", "position", "stage_changed_at", "closed_at", "lost_reason", "lost_note"),
    *("probability", "amount", "assigned_to_id"),
)
"""Columns that the board changes."""


@dataclass(frozen=True)
class Step:
    """Where a deal goes and what is said about it: `above` and `below` are the cards that it is dropped between.

    `amount` is that of a deal that is won; "..." leaves the one it has.
    """

    stage: Stage
    above: str = ""
    below: str = ""
    reason: LostReason | None = None
    note: str = ""
    closed_at: datetime | None = None
    amount: Decimal | EllipsisType | None = ...
    come_back: datetime | None = None


class StaleDealError(Exception):
    """Somebody else changed the deals first; `changed` are as they are now."""

    def __init__(self, deals: Sequence[Deal]) -> None:
        """Remember them."""
        super().__init__("The deals were changed since.")
        self.changed = list(deals)


def lock_stage(key: str) -> Stage:
    """Return the stage with this key, held until the transaction ends; moving into it takes turns.

    Raises ValidationError where the pipeline has none.
    """
    stage = None if "\x00" in key else Stage.objects.select_for_update(no_key=True).filter(key=key).first()
    if stage is None:
        raise ValidationError({"stage": "The pipeline has no such stage."})
    return stage


def chosen_deals(user: User, wanted: dict[str, str], *, hold: bool) -> list[Deal]:
    """Return deals that `user` may change, by objectId and the version he saw; `hold` them until the transaction ends.

    A version that is empty needs no check unless they are held. Raises Http404 for one that he does not see,
    PermissionDenied for one that he may only read, StaleDealError when one has changed since.
    """
    if not all(re.fullmatch(PATTERN, pk) for pk in wanted):
        raise Http404
    rows = Deal.objects.select_for_update(of=("self",)) if hold else Deal.objects.all()
    deals = list(rows.for_user(user, "change").for_user(user, "view").filter(pk__in=list(wanted)).order_by("pk"))
    if len(deals) < len(wanted):
        seen = Deal.objects.for_user(user, "view").filter(pk__in=list(wanted)).count()
        raise PermissionDenied if seen == len(wanted) else Http404
    if stale := [deal for deal in deals if stamp(deal) != wanted[deal.pk] and (hold or wanted[deal.pk])]:
        raise StaleDealError(stale)
    order = list(wanted)
    return sorted(deals, key=lambda deal: order.index(deal.pk))


def move(deal: Deal, step: Step, user: User) -> None:
    """Move a deal that is held into a stage that is held, by the rules of the pipeline.

    Raises ValidationError that names the field where the rules ask for more.
    """
    position = place(deal, step.stage.key, user, step.above, step.below)
    if deal.stage != step.stage.key:
        deal.move_to(step.stage, reason=step.reason, note=step.note, closed_at=step.closed_at)
        if not isinstance(step.amount, EllipsisType):
            deal.amount = step.amount
    deal.position = position
    deal.updated_at = timezone.now()  # so that another place alone is a new version, too
    deal.save()
    if step.come_back:
        deal.plan_call(user, f"Come back on {deal}", step.come_back)


def hand_over(deals: Sequence[Deal], owner: User, user: User) -> list[Deal]:
    """Make `owner` the owner of deals that are held; return those that were not his already.

    Raises ValidationError that names the first which `user` may change but not hand over.
    """
    for deal in deals:
        if not may_hand_over(user, deal):
            raise ValidationError({"owner": f"Only its owner hands over “{deal}”."})
    handed = [deal for deal in deals if deal.assigned_to_id != owner.pk]
    for deal in handed:
        deal.assigned_to = owner
        deal.save()
    return handed


def current_transaction() -> int:
    """Return the number under which the change log has what this transaction does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number: int = cursor.fetchone()[0]
        return number


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


def who_was_first(deal: Deal, user: User, stages: dict[str, Stage]) -> str:
    """Say who changed a deal last, what that was and how long ago, as far as `user` may know."""
    if not may(user, "view", deal):
        return "A deal that you no longer see was changed meanwhile."
    updates = Change.objects.of(deal).filter(operation="update")
    change = content_changes(updates, QUIET).first()
    if change is None:
        return f"“{deal}” was changed meanwhile."
    person = User.objects.filter(pk=change.actor).first() if change.actor else None
    old, new = change.old or {}, change.new or {}
    what = "changed"
    if old.get("stage") != new.get("stage"):
        stage = stages.get(new.get("stage") or "")
        what = f"moved to {stage.label if stage else 'another stage'}"
    elif old.get("position") != new.get("position"):
        what = "moved within its column"
    seconds = (timezone.now() - change.created_at).total_seconds()
    when = "just now" if seconds < 60 else f"{timesince(change.created_at, depth=1)} ago"
    return f"“{deal}” was {what} by {name_of(person) or 'the system'} {when}."
