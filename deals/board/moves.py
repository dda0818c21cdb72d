"""Moves deals on the board or hands them over, one or several as one step, and says who else did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import EllipsisType

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from accounts.object_id import PATTERN
from deals.board.positions import place
from deals.models import Deal
from deals.stages import LostReason, Stage
from records.access import may
from records.changes import DERIVED, content_changes
from records.forms import stamp
from records.models import Change
from records.sharing import may_hand_over
from records.templatetags.display import name_of

QUIET = (*DERIVED, "touched_at", "next_step_at")
"""Columns that say nothing of what somebody did to a deal."""


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
