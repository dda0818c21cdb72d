"""The cards of the board: what one shows of a deal, fetched for all columns in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import quote

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
    "pk", "title", "amount", "stage", "position", "updated_at", "expected_close_date", "stage_changed_at",
    "touched_at", "next_step_at", "company_id", "company__name",
    "assigned_to_id", "assigned_to__display_name", "assigned_to__username",
)  # fmt: skip
NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@dataclass(frozen=True)
class NextStep:
    """The first activity of a deal that is still to be done; `words` say what and when: "call tomorrow"."""

    type: str
    subject: str
    words: str
    is_overdue: bool


@dataclass(frozen=True)
class Owner:
    """Whose deal it is, as far as a card says."""

    pk: str
    display_name: str
    username: str


@dataclass(frozen=True)
class Card:
    """A deal as the board shows it; `stage` is the key of its column, `version` what a move of it has seen.

    `heat` is "stale" when nobody touched the deal for as many days as its stage allows, "planned" when something is
    due now or later nevertheless, else "". Days are said as the person's time zone has them: equal cards look alike,
    whoever looks and whenever.
    """

    pk: str
    title: str
    amount: Decimal | None
    company: str
    company_pk: str
    owner: Owner | None
    close: str
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

    @property
    def move_url(self) -> str:
        """The address that moves the deal as the card shows it."""
        return f"{self.url}move/?version={quote(self.version)}"


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
    pending = _activities(user).pending().filter(related_deal=OuterRef("pk"))
    step = JSONObject(type=Left("type", SHOWN_TYPE), subject=Left("subject", SHOWN_SUBJECT))
    deals = deals.annotate(
        step=Subquery(pending.order_by("due_date", "id").values(step=step)[:1]),
        last_step_at=Subquery(pending.order_by("-due_date").values("due_date")[:1]),
        may_change=Subquery(_one_of(Deal.objects.for_user(user, "change").filter(pk=OuterRef("pk")))),
    ).values_list(*FIELDS, "step", "last_step_at", "may_change", named=True)
    clock = Clock(timezone.now(), timezone.localdate(), _activities(user).model.value_labels()["type"])
    return [(order.place_of(deal), _card(deal, stages.get(deal.stage or ""), clock)) for deal in deals]


def _activities(user: User) -> Any:
    """Return the activities that `user` may see; they are in a room above, from where they point at deals."""
    activity: Any = Deal._meta.get_field("activities").related_model
    return activity.objects.for_user(user, "view")


def _one_of(rows: DealQuerySet) -> Any:
    """Choose True where there is such a row, else nothing; asked card by card."""
    return rows.values(found=Value(value=True))[:1]


@dataclass(frozen=True)
class Clock:
    """What all cards of an answer are told by: the moment, the day that the person has, and the kinds of activities."""

    now: datetime
    today: date
    types: dict[str, str]

    def days_since(self, moment: datetime | None) -> int:
        """Count whole days."""
        return max(0, (self.now - moment).days) if moment else 0


def _card(deal: Any, stage: Stage | None, clock: Clock) -> Card:
    close = local(deal.expected_close_date) if deal.expected_close_date else None
    return Card(
        pk=deal.pk,
        title=deal.title,
        amount=deal.amount,
        company=deal.company__name or "",
        company_pk=deal.company_id or "",
        owner=_owner(deal) if deal.assigned_to_id else None,
        close=day(close),
        is_late=close is not None and close.date() < clock.today,
        days_in_stage=clock.days_since(deal.stage_changed_at),
        next_step=_next_step(deal, clock) if deal.next_step_at else None,
        heat=_heat(deal, stage, clock),
        quiet_days=clock.days_since(deal.touched_at),
        version=deal.updated_at.isoformat(),
        stage=stage.key if stage else "other",
        may_change=bool(deal.may_change),
    )


def _owner(deal: Any) -> Owner:
    return Owner(deal.assigned_to_id, deal.assigned_to__display_name, deal.assigned_to__username)


def _next_step(deal: Any, clock: Clock) -> NextStep:
    step = deal.step or {}
    kind = step.get("type") or ""
    label = (clock.types.get(kind, kind) or "next step").lower()
    due = local(deal.next_step_at)
    moment = NEAR.get((due.date() - clock.today).days) or day(due)
    return NextStep(kind, step.get("subject") or "", f"{label} {moment}", deal.next_step_at < clock.now)


def _heat(deal: Any, stage: Stage | None, clock: Clock) -> str:
    if stage is None or not stage.is_open or stage.rotting_days is None or deal.touched_at is None:
        return ""
    if (clock.now - deal.touched_at).days < stage.rotting_days:
        return ""
    return "planned" if deal.last_step_at and deal.last_step_at >= clock.now else "stale"
