"""The timeline and the quick-log form on the pages of companies, contacts and deals."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from activities.forms import QuickLogForm
from activities.models import Activity
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
    visible = Activity.objects.for_user(request.user, "view").filter(_about(record))
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


def _about(record: Record) -> Q:
    if isinstance(record, Deal):
        return Q(related_deal=record)
    if isinstance(record, Contact):
        return Q(related_contact=record)
    return Q(related_deal__company=record) | Q(related_contact__company=record)


def _pointer(record: Record) -> str:
    return {Deal: "deal", Contact: "contact"}.get(type(record), "")
