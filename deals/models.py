"""Deals: what may be sold, to whom, by whom, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Left, Length, Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from deals.stages import LostReason, Stage
from deals.triggers import POSITION_SQL, stage_triggers
from records.fields import AmountField
from records.grants import grant_models
from records.implied import DEAL
from records.models import Record, RecordManager, RecordQuerySet, record_constraints, record_indexes
from records.triggers import record_triggers

BEYOND_FLOAT = Decimal(10) ** 309
"""More than the 64-bit float of the wire holds: amounts stay below, and NaN sorts above."""
MAX_STAGE = 500
"""Characters of a stage; it is indexed whole."""


class DealQuerySet(RecordQuerySet):
    """Chooses deals."""

    def outside(self, keys: Iterable[str]) -> Self:
        """Those in none of these stages, those in no stage included."""
        return self.exclude(stage__in=list(keys))


class DealManager(RecordManager.from_queryset(DealQuerySet)):  # type: ignore[misc]
    """Deals without their access columns."""


class Deal(Record):
    """Something that may be sold: the Parse class Deal.

    `stage` is kept exactly as sent and names a `Stage` by its key, or none. `amount` is in the site's currency.
    `probability` is in percent and overrides the stage's. `position` orders a column of the board, smallest first.
    `touched_at` is when a person last changed the deal or wrote an activity about it, `next_step_at` when the first of
    its activities that are still to be done is due; triggers keep both.
    """

    title = models.TextField()
    amount = AmountField()
    stage = models.TextField(null=True, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="deals")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="deals")
    expected_close_date = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    assigned_to = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="deals", verbose_name="owner"
    )
    probability = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.BigIntegerField(
        db_default=Func(template=POSITION_SQL, output_field=models.BigIntegerField()), editable=False
    )
    stage_changed_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField("closed", null=True, blank=True)
    lost_reason = models.TextField(null=True, blank=True)
    lost_note = models.TextField(null=True, blank=True)
    touched_at = models.DateTimeField("last touch", null=True, editable=False)
    next_step_at = models.DateTimeField("next step", null=True, editable=False)

    objects: ClassVar[DealManager] = DealManager()

    owner_field = "assigned_to"
    search_fields = ("title", "notes")
    quiet_fields = (*DEAL.aside, "stage_changed_at")
    day_fields = ("expected_close_date", "closed_at")

    class Meta(Record.Meta):
        """Listed by stage, amount, dates and title, for everybody's deals at once."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            *record_constraints("deal"),
            models.CheckConstraint(condition=~Q(title=""), name="deal_title_given"),
            models.CheckConstraint(
                condition=Q(amount__gt=-BEYOND_FLOAT, amount__lt=BEYOND_FLOAT), name="deal_amount_finite"
            ),
            models.CheckConstraint(condition=LessThanOrEqual(Length("stage"), MAX_STAGE), name="deal_stage_fits_index"),
            models.CheckConstraint(condition=Q(probability__lte=100), name="deal_probability_percent"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            *record_indexes("deal", "title", "notes"),
            models.Index(Left(Lower("title"), 100), "id", name="deal_by_title"),
            models.Index(fields=["stage", "position", "id"], name="deal_by_position"),
            models.Index(fields=["stage", "closed_at"], include=["amount", "probability"], name="deal_by_closing"),
            models.Index(fields=["stage"], include=["amount", "probability"], name="deal_by_stage"),
            models.Index("stage", F("amount").desc(nulls_last=True), F("id").desc(), name="deal_by_stage_and_amount"),
            models.Index("stage", F("expected_close_date").asc(nulls_last=True), "id", name="deal_by_stage_and_close"),
            models.Index(fields=["stage", "touched_at", "id"], name="deal_by_stage_and_touch"),
            models.Index(F("amount").desc(nulls_last=True), F("id").desc(), name="deal_by_amount"),
            models.Index(F("expected_close_date").asc(nulls_last=True), "id", name="deal_by_close_date"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*record_triggers(DEAL), *stage_triggers()]

    def __str__(self) -> str:
        """Return its title."""
        return self.title

    @classmethod
    def value_labels(cls) -> dict[str, dict[str, str]]:
        """Name stages and lost reasons as the pipeline does."""
        return {
            "stage": dict(Stage.objects.values_list("key", "label")),
            "lost_reason": dict(LostReason.objects.values_list("key", "label")),
        }

    def move_to(
        self, stage: Stage, *, reason: LostReason | None = None, note: str = "", closed_at: datetime | None = None
    ) -> None:
        """Put the deal into `stage` by the rules of the pipeline; the caller saves it.

        A lost deal needs a reason, a won or lost one a closing date (now, unless given); an open one has neither. How
        likely a deal is, another stage says anew.
        Raises ValidationError that names the field.
        """
        if stage.kind == Stage.Kind.LOST and reason is None:
            raise ValidationError({"lost_reason": "Say why the deal was lost."})
        if stage.kind == Stage.Kind.WON and closed_at is None and self.closed_at is None:
            closed_at = timezone.now()
        lost = stage.kind == Stage.Kind.LOST
        if self.stage != stage.key:
            self.probability = None
        self.stage = stage.key
        self.closed_at = None if stage.is_open else closed_at or self.closed_at or timezone.now()
        self.lost_reason = reason.key if lost and reason else None
        self.lost_note = (note or None) if lost else None

    def plan_call(self, user: User, subject: str, due: datetime) -> None:
        """Plan a call of `user` about the deal."""
        self.activities.create(type="call", subject=subject, due_date=due, created_by=user)


class StageChange(models.Model):
    """One move of a deal between stages, by whomever and through whichever door; written by a trigger.

    It outlives its deal, so that undoing a deletion brings the history back.
    """

    deal = models.ForeignKey(Deal, on_delete=models.DO_NOTHING, db_constraint=False, related_name="stage_changes")
    from_stage = models.TextField(null=True)
    to_stage = models.TextField(null=True)
    amount = AmountField()
    actor = models.CharField(max_length=10, null=True)
    changed_at = models.DateTimeField()

    class Meta:
        """Read along one deal."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["deal", "id"], name="stage_change_by_deal")]

    def __str__(self) -> str:
        """Name the move for the admin."""
        return f"{self.from_stage} → {self.to_stage}"


DealUserGrant, DealGroupGrant = grant_models(Deal, DEAL)

__all__ = ["Deal", "DealGroupGrant", "DealUserGrant", "LostReason", "Stage", "StageChange"]
