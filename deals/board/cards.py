"""The cards of the board: what one shows of a deal, fetched for all columns in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Case, OuterRef, Subquery, Value, When, Window
from django.db.models.functions import JSONObject, Left, RowNumber
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from deals.board.orders import Order, Place
from deals.models import Deal, DealQuerySet
from deals.stages import Stage
from records.templatetags.display import day, local

PAGE = 25
"""Cards of a column that are loaded at a time."""
SHOWN_TYPE, SHOWN_SUBJECT = 30, 200
"""Characters of an activity that a card shows."""
FIELDS = (
    "title", "amount", "stage", "position", "updated_at", "expected_close_date", "stage_changed_at", "touched_at",
    "next_step_at", "company__name", "assigned_to__display_name", "assigned_to__username",
)  # fmt: skip


@dataclass(frozen=True)
class NextStep:
    """The first activity of a deal that is still to be done."""

    type: str
    subject: str
    due: datetime
    label: str

    @property
    def words(self) -> str:
        """What is to be done and when: "call tomorrow"."""
        days = (local(self.due).date() - timezone.localdate()).days
        moment = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days) or day(self.due)
        return f"{self.label} {moment}"

    @property
    def is_overdue(self) -> bool:
        """Tell whether it should be done by now."""
        return self.due < timezone.now()


@dataclass(frozen=True)
class Card:
    """A deal as the board shows it; `stage` is the key of its column, `version` what a move of it has seen.

    `heat` is "stale" when nobody touched the deal for as many days as its stage allows, "planned" when something is
    due now or later nevertheless, else "".
    """

    pk: str
    title: str
    amount: Decimal | None
    company: str
    owner: User | None
    close: datetime | None
    is_late: bool
    days_in_stage: int
    next_step: NextStep | None
    heat: str
    quiet_days: int
    version: str
    stage: str
    may_change: bool

    @property
    def url(self) -> str:
        """The address of the deal."""
        return f"{_deals()}{self.pk}/"


@cache
def _deals() -> str:
    """Return the address that those of all deals begin with: looking each up took a third of a board's time."""
    return reverse("deals:list")


def beginning(rows: DealQuerySet, order: Order, *, few: bool) -> Any:
    """Return what chooses the first cards of a column, and one more to know whether there are others.

    Where the rows are `few`, they are found first and then sorted.
    """
    rows = rows.order_by(*order.by())
    return (rows.found_first() if few else rows).values("pk")[: PAGE + 1]


def beginnings(rows: DealQuerySet, order: Order, stages: dict[str, Stage]) -> Any:
    """Return what chooses the first cards of all open columns and of "other", where all of them are few."""
    closed = [key for key, stage in stages.items() if not stage.is_open]
    column = Case(When(stage__in=list(stages), then="stage"), default=None)
    rank = Window(RowNumber(), partition_by=[column], order_by=order.by())
    return rows.outside(closed).order_by().annotate(rank=rank).filter(rank__lte=PAGE + 1).values("pk")


def continued(rows: DealQuerySet, order: Order, place: Place, *, few: bool, included: bool = False) -> list[Any]:
    """Return what together chooses the cards that follow a place, and as many again at most."""
    ranges = order.after(place, included=included)
    return [beginning(rows.filter(condition), order, few=few) for condition in ranges]


def fetch(user: User, chosen: Sequence[Any], order: Order, stages: dict[str, Stage]) -> list[tuple[Place, Card]]:
    """Return the cards of the deals that the querysets `chosen` name, for the eyes of `user`, in order."""
    if not chosen:
        return []
    pks = chosen[0].union(*chosen[1:], all=True) if len(chosen) > 1 else chosen[0]
    deals = Deal.objects.for_user(user, "view").filter(pk__in=pks).order_by(*order.by())
    deals = deals.select_related("company", "assigned_to").only(*FIELDS)
    pending = _activities(user).pending().filter(related_deal=OuterRef("pk"))
    step = JSONObject(type=Left("type", SHOWN_TYPE), subject=Left("subject", SHOWN_SUBJECT))
    deals = deals.annotate(
        step=Subquery(pending.order_by("due_date", "id").values(step=step)[:1]),
        last_step_at=Subquery(pending.order_by("-due_date").values("due_date")[:1]),
        may_change=Subquery(_one_of(Deal.objects.for_user(user, "change").filter(pk=OuterRef("pk")))),
    )
    types = _activities(user).model.value_labels()["type"]
    return [(order.place_of(deal), _card(deal, stages.get(deal.stage or ""), types)) for deal in deals]


def _activities(user: User) -> Any:
    """Return the activities that `user` may see; they are in a room above, from where they point at deals."""
    activity: Any = Deal._meta.get_field("activities").related_model
    return activity.objects.for_user(user, "view")


def _one_of(rows: DealQuerySet) -> Any:
    """Choose True where there is such a row, else nothing; asked card by card."""
    return rows.values(found=Value(value=True))[:1]


def _card(deal: Any, stage: Stage | None, types: dict[str, str]) -> Card:
    now, company = timezone.now(), deal.company
    return Card(
        pk=deal.pk,
        title=deal.title,
        amount=deal.amount,
        company=company.name if company else "",
        owner=deal.assigned_to,
        close=deal.expected_close_date,
        is_late=_is_before_today(deal.expected_close_date),
        days_in_stage=_days_since(deal.stage_changed_at, now),
        next_step=_next_step(deal, types),
        heat=_heat(deal, stage, now),
        quiet_days=_days_since(deal.touched_at, now),
        version=deal.updated_at.isoformat(),
        stage=stage.key if stage else "other",
        may_change=bool(deal.may_change),
    )


def _is_before_today(moment: datetime | None) -> bool:
    return moment is not None and local(moment).date() < timezone.localdate()


def _days_since(moment: datetime | None, now: datetime) -> int:
    return max(0, (now - moment).days) if moment else 0


def _next_step(deal: Any, types: dict[str, str]) -> NextStep | None:
    if deal.next_step_at is None:
        return None
    step = deal.step or {}
    kind = step.get("type") or ""
    label = (types.get(kind, kind) or "next step").lower()
    return NextStep(kind, step.get("subject") or "", deal.next_step_at, label)


def _heat(deal: Any, stage: Stage | None, now: datetime) -> str:
    if stage is None or not stage.is_open or stage.rotting_days is None or deal.touched_at is None:
        return ""
    if (now - deal.touched_at).days < stage.rotting_days:
        return ""
    return "planned" if deal.last_step_at and deal.last_step_at >= now else "stale"
