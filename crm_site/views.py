"""The pages that span classes: home and search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from activities.forms import start_of_today
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal, Stage
from deals.templatetags.pipeline import pipeline
from records.recent import recent_changes
from records.render import render_page

DUE_SHOWN = 15
CHANGES_SHOWN = 10
FOUND_SHOWN = 10
MODELS = (Deal, Contact, Company, Activity)


@require_safe
@login_required
def home(request: PersonRequest) -> HttpResponse:
    """Show one's open deals by stage, what is due, and what changed lately."""
    user = request.user
    tomorrow = start_of_today() + timedelta(days=1)
    due = Activity.objects.for_user(user, "view").filter(created_by=user).due_before(tomorrow)
    activities = list(due.with_about(user)[:DUE_SHOWN])
    context = {
        "now": timezone.localtime(),
        "bars": _open_deals_by_stage(request),
        "activities": activities,
        "changeable": {activity.pk for activity in activities},
        "changes": recent_changes(user, MODELS, CHANGES_SHOWN),
        **_figures(request, due),
    }
    return render_page(request, "home.html", context)


def _open_deals_by_stage(request: PersonRequest) -> list[dict[str, Any]]:
    """Return count and sum of one's open deals for each stage of the pipeline, and for all others together."""
    closed = [key for key, stage in pipeline(request).items() if not stage.is_open]
    mine = Deal.objects.for_user(request.user, "view").filter(assigned_to=request.user).outside(closed)
    found = {row["stage"]: row for row in mine.values("stage").annotate(count=Count("pk"), total=Sum("amount"))}
    deals = reverse("deals:list")
    bars = []
    for key, stage in pipeline(request).items():
        if stage.is_open:
            row = found.pop(key, {"count": 0, "total": 0})
            url = f"{deals}?stage={key}&owner={request.user.pk}"
            bars.append({"stage": stage, "url": url, "count": row["count"], "total": row["total"] or 0})
    if found:
        url = f"{deals}?stage=other&owner={request.user.pk}"
        count, total = (sum(row[name] or 0 for row in found.values()) for name in ("count", "total"))
        bars.append({"stage": None, "text": "Other", "url": url, "count": count, "total": total})
    largest = max((bar["total"] for bar in bars), default=0)
    return [bar | {"largest": largest} for bar in bars]


def _figures(request: PersonRequest, due: Any) -> dict[str, Any]:
    """Return the numbers at the top: what is overdue, due today, and won this month."""
    now = timezone.now()
    month = start_of_today().replace(day=1)
    counts = due.order_by().aggregate(overdue=Count("pk", filter=Q(due_date__lt=now)), due_count=Count("pk"))
    won = [key for key, stage in pipeline(request).items() if stage.kind == Stage.Kind.WON]
    deals = Deal.objects.for_user(request.user, "view")
    mine = deals.filter(assigned_to=request.user, stage__in=won, closed_at__gte=month)
    figures: dict[str, Any] = counts | mine.aggregate(won_count=Count("pk"), won_total=Sum("amount"))
    return figures | {
        "overdue_tone": "bad" if figures["overdue"] else "",
        "won_note": "1 deal" if figures["won_count"] == 1 else f"{figures['won_count']:,} deals",
    }


@require_safe
@login_required
def search(request: PersonRequest) -> HttpResponse:
    """Look for words in everything that one may see."""
    text = request.GET.get("q", "")[:200].strip()
    groups = [_found(request.user, model, text) for model in MODELS] if text else []
    context = {"text": text, "groups": [group for group in groups if group["records"]]}
    return render_page(request, "search.html", context, partials=("search-results",))


def _found(user: User, model: Any, text: str) -> dict[str, Any]:
    """Return the first rows of a class that have the words, the last changed first."""
    rows = list(model.objects.for_user(user, "view").for_picking(text)[: FOUND_SHOWN + 1])
    return {
        "title": str(model._meta.verbose_name_plural).capitalize(),
        "records": rows[:FOUND_SHOWN],
        "more": len(rows) > FOUND_SHOWN,
        "url": reverse(f"{model._meta.app_label}:list"),
    }
