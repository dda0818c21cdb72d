"""The timeline and the quick-log form on the pages of companies, contacts and deals."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import F
from django.db.models.functions import Coalesce

from activities.forms import QuickLogForm
from activities.models import Activity, ActivityQuerySet
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.models import Record

register = template.Library()

SHOWN = 30


@register.inclusion_tag("activities/_record_timeline.html", takes_context=True)
def record_timeline(context: dict[str, Any], record: Record) -> dict[str, Any]:
    """Show what was done and is to be done about a record, and the form that logs more of it."""
    request = context["request"]
    visible = _about(Activity.objects.for_user(request.user, "view"), record)
    latest = Coalesce("completed_at", "due_date", "created_at").desc()
    rows = visible.with_about(request.user).order_by(latest, F("id").desc())
    activities = list(rows[: SHOWN + 1])
    shown = activities[:SHOWN]
    changeable = Activity.objects.for_user(request.user, "change").filter(pk__in=[activity.pk for activity in shown])
    pointer = _pointer(record)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "record": record,
        "activities": shown,
        "more": len(activities) > SHOWN,
        "pointer": pointer,
        "about": isinstance(record, Company),
        "changeable": set(changeable.values_list("pk", flat=True)),
        "form": QuickLogForm(user=request.user, initial={f"related_{pointer}": record.pk}) if pointer else None,
    }


def _about(activities: ActivityQuerySet, record: Record) -> ActivityQuerySet:
    """Keep those about a deal or contact, or about any of a company's.

    The latter as a union: an OR over both pointers would read every activity there is.
    """
    if isinstance(record, Deal):
        return activities.filter(related_deal=record)
    if isinstance(record, Contact):
        return activities.filter(related_contact=record)
    of_deals = activities.filter(related_deal__company=record).values("pk")
    return activities.filter(pk__in=of_deals.union(activities.filter(related_contact__company=record).values("pk")))


def _pointer(record: Record) -> str:
    return {Deal: "deal", Contact: "contact"}.get(type(record), "")
