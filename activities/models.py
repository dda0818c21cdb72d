"""Activities: calls, e-mails, meetings and notes about a contact or a deal."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Left, Lower

from accounts.models import User
from contacts.models import Contact
from deals.models import Deal
from deals.triggers import follow_up_triggers
from records.grants import grant_models
from records.implied import ACTIVITY
from records.models import Record, RecordManager, RecordQuerySet, record_constraints, record_indexes
from records.triggers import record_triggers


class ActivityQuerySet(RecordQuerySet):
    """Chooses activities."""

    def pending(self) -> Self:
        """Those that are due some time and not done."""
        return self.filter(completed_at=None, due_date__isnull=False)

    def due_before(self, moment: datetime) -> Self:
        """Those not done that were due before `moment`, the most overdue first."""
        return self.filter(completed_at=None, due_date__lt=moment).order_by("due_date", "id")

    def with_about(self, user: User) -> Self:
        """Fetch owner, contact and deal along, and whether `user` may see what each activity is about."""
        return self.with_related("related_contact", "related_deal", "created_by").annotate(
            sees_contact=_one_of(Contact.objects.for_user(user, "view").filter(pk=OuterRef("related_contact"))),
            sees_deal=_one_of(Deal.objects.for_user(user, "view").filter(pk=OuterRef("related_deal"))),
        )


def _one_of(rows: RecordQuerySet) -> Subquery:
    """Return True where there is such a row, else NULL; asked row by row.

    PostgreSQL would answer EXISTS by reading all that a manager may see: every contact there is, for 50 activities.
    """
    return Subquery(rows.values(seen=Value(value=True))[:1])


class ActivityManager(RecordManager.from_queryset(ActivityQuerySet)):  # type: ignore[misc]
    """Activities without their access columns."""


class Activity(Record):
    """Something done or to be done: the Parse class Activity.

    `relatedTo` of the wire is a pointer to a contact or a deal, here two columns of which one at most is set.
    An activity with `due_date` and without `completed_at` is still to be done.
    """

    class Type(models.TextChoices):
        """What the forms offer; an app may send any text."""

        CALL = "call"
        EMAIL = "email", "E-mail"
        MEETING = "meeting"
        NOTE = "note"

    type = models.TextField(null=True, blank=True)
    subject = models.TextField(null=True, blank=True)
    description = models.TextField(null=True, blank=True)
    due_date = models.DateTimeField("due", null=True, blank=True)
    completed_at = models.DateTimeField("done", null=True, blank=True)
    related_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    related_deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="activities")
    created_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="activities", verbose_name="owner"
    )

    objects: ClassVar[ActivityManager] = ActivityManager()

    search_fields = ("subject", "description")

    class Meta(Record.Meta):
        """Listed by what is due, for a person and for everybody."""

        verbose_name_plural = "activities"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *record_constraints("activity"),
            models.CheckConstraint(
                condition=Q(related_contact=None) | Q(related_deal=None), name="activity_about_one_record"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            *record_indexes("activity", "subject", "description"),
            models.Index(Left(Lower("subject"), 100), "id", name="activity_by_subject"),
            models.Index(F("due_date").asc(nulls_last=True), "id", name="activity_by_due_date"),
            models.Index(F("completed_at").desc(nulls_last=True), F("id").desc(), name="activity_by_completion"),
            models.Index("created_by", "due_date", condition=Q(completed_at=None), name="activity_pending_by_owner"),
            models.Index("related_deal", "due_date", condition=Q(completed_at=None), name="activity_pending_by_deal"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*record_triggers(ACTIVITY), *follow_up_triggers()]

    def __str__(self) -> str:
        """Return its subject, or what kind of thing it is."""
        return self.subject or self.get_type_label()

    @classmethod
    def value_labels(cls) -> dict[str, dict[str, str]]:
        """Name the types."""
        return {"type": {value: str(label) for value, label in cls.Type.choices}}

    def get_type_label(self) -> str:
        """Return what people call its type."""
        return str(dict(self.Type.choices).get(self.type or "", self.type or "Activity"))

    @property
    def related_to(self) -> Contact | Deal | None:
        """The contact or deal that it is about."""
        return self.related_deal or self.related_contact

    @property
    def visible_about(self) -> Contact | Deal | None:
        """What it is about if the person of `with_about` may see that."""
        if getattr(self, "sees_deal", False):
            return self.related_deal
        return self.related_contact if getattr(self, "sees_contact", False) else None


ActivityUserGrant, ActivityGroupGrant = grant_models(Activity, ACTIVITY)
