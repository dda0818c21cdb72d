"""The pages of deals."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest
from deals.filters import DealFilter
from deals.forms import DealForm
from deals.models import Deal, LostReason
from deals.stage_path import stage_path
from deals.stage_times import stage_times
from deals.templatetags.pipeline import pipeline
from records.access import get_record
from records.forms import stamp
from records.lists import Column, by_stamp, by_text, by_value
from records.pages import record_create, record_delete, record_detail, record_edit, record_list

COLUMNS = (
    Column("title", "Title", by_text("title")),
    Column("company", "Company"),
    Column("stage", "Stage"),
    Column("amount", "Amount", by_value("amount", blank_first=True), number=True, newest_first=True),
    Column("close", "Close date", by_value("expected_close_date")),
    Column("owner", "Owner"),
    Column("updated", "Changed", by_stamp("updated_at"), newest_first=True),
)
POINTERS = ("company", "contact", "assigned_to")


@require_safe
@login_required
def deal_list(request: PersonRequest) -> HttpResponse:
    """List the deals that one may see."""
    return record_list(
        request,
        records=Deal.objects.for_user(request.user, "view").with_related("company", "assigned_to"),
        columns=COLUMNS,
        default_sort="-updated",
        filters=DealFilter(request.GET, user=request.user, stages=pipeline(request).values()),
        template="deals/deal_list.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deal_new(request: PersonRequest) -> HttpResponse:
    """Make a deal."""
    initial = {name: request.GET.get(name, "") for name in ("company", "contact", "stage")}
    return record_create(request, form_class=DealForm, initial=initial)


@require_safe
@login_required
def deal_detail(request: PersonRequest, pk: str) -> HttpResponse:
    """Show a deal, how far it has come, and what was done about it."""
    deal: Deal = get_record(Deal.objects.with_related(*POINTERS), request.user, pk, "view")
    stages = pipeline(request)
    times = stage_times(deal, stages)
    return record_detail(
        request,
        record=deal,
        template="deals/deal_detail.html",
        stage=stages.get(deal.stage or ""),
        path=stage_path(deal, stages, times),
        times=times,
        longest=max(time.seconds for time in times),
        version=stamp(deal),
        lost_reason=LostReason.objects.filter(key=deal.lost_reason).first() if deal.lost_reason else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deal_edit(request: PersonRequest, pk: str) -> HttpResponse:
    """Edit a deal."""
    return record_edit(request, records=Deal.objects.all(), pk=pk, form_class=DealForm)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deal_delete(request: PersonRequest, pk: str) -> HttpResponse:
    """Delete a deal."""
    return record_delete(request, records=Deal.objects.all(), pk=pk)
