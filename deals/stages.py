"""The pipeline: its stages and the reasons why deals are lost, rows that managers keep."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.apps import AppConfig
from django.db import models
from django.db.models import Q, Window
from django.db.models.functions import Lower, RowNumber

RESERVED_KEYS = ("open", "other")
"""What `?stage=` of the deal list means all open stages, or none of the pipeline's, by."""


class StageQuerySet(models.QuerySet["Stage"]):
    """Chooses stages; everybody signed in may see the pipeline."""

    def in_order(self) -> Self:
        """From the first stage to the last; `key_rank` is a key's place in the order of PostgreSQL's texts."""
        return self.annotate(key_rank=Window(RowNumber(), order_by="key")).order_by("order", "key")


class Stage(models.Model):
    """A stage of the pipeline. `key` is what Deal.stage holds; `probability` is in percent."""

    class Kind(models.TextChoices):
        """What a stage means for its deals."""

        OPEN = "open"
        WON = "won"
        LOST = "lost"

    key = models.SlugField(max_length=50, unique=True, help_text="What apps send as Deal.stage. It cannot change.")
    label = models.CharField(max_length=100)
    order = models.PositiveSmallIntegerField(default=0)
    probability = models.PositiveSmallIntegerField(default=0, help_text="Chance of winning, in percent.")
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.OPEN)
    rotting_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days without a human touch after which a deal counts as stale."
    )

    objects: ClassVar[models.Manager[Stage]] = models.Manager.from_queryset(StageQuerySet)()
    key_rank: int

    class Meta:
        """Kept in the order of the pipeline."""

        ordering: ClassVar[list[str]] = ["order", "key"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(probability__lte=100), name="stage_probability_percent"),
            models.CheckConstraint(condition=Q(kind__in=["open", "won", "lost"]), name="stage_kind_known"),
            models.UniqueConstraint(Lower("label"), name="stage_label_unique"),
            models.CheckConstraint(
                condition=~Q(key__in=RESERVED_KEYS),
                name="stage_key_not_reserved",
                violation_error_message="“open” and “other” name filters of the deal list; choose another key.",
            ),
        ]

    def __str__(self) -> str:
        """Return what people call it."""
        return self.label

    @property
    def is_open(self) -> bool:
        """Tell whether deals in it may still be won."""
        return self.kind == self.Kind.OPEN


class LostReason(models.Model):
    """Why a deal was lost. `key` is what Deal.lost_reason holds."""

    key = models.SlugField(max_length=50, unique=True)
    label = models.CharField(max_length=100)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Offered in the order that managers choose."""

        ordering: ClassVar[list[str]] = ["order", "key"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("label"), name="lost_reason_label_unique")
        ]

    def __str__(self) -> str:
        """Return what people call it."""
        return self.label


STAGES = (
    ("lead", "Lead", 10, Stage.Kind.OPEN, 14),
    ("qualified", "Qualified", 25, Stage.Kind.OPEN, 14),
    ("proposal", "Proposal", 50, Stage.Kind.OPEN, 10),
    ("negotiation", "Negotiation", 75, Stage.Kind.OPEN, 7),
    ("won", "Won", 100, Stage.Kind.WON, None),
    ("lost", "Lost", 0, Stage.Kind.LOST, None),
)
LOST_REASONS = (
    ("price", "Price"),
    ("competitor", "Chose a competitor"),
    ("no-budget", "No budget"),
    ("no-decision", "No decision"),
    ("timing", "Bad timing"),
    ("other", "Other"),
)


def seed(app_config: AppConfig, **_: Any) -> None:
    """Give a pipeline without stages the usual ones."""
    if app_config.name != "deals" or Stage.objects.exists():
        return
    Stage.objects.bulk_create(
        Stage(key=key, label=label, order=order, probability=probability, kind=kind, rotting_days=days)
        for order, (key, label, probability, kind, days) in enumerate(STAGES, start=1)
    )
    LostReason.objects.bulk_create(
        (LostReason(key=key, label=label, order=order) for order, (key, label) in enumerate(LOST_REASONS, start=1)),
        ignore_conflicts=True,
    )
