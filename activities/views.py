"""The pages of activities."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, own_path
from activities.forms import ActivityFilter, ActivityForm, QuickLogForm
from activities.models import Activity
from records.access import get_record
from records.conflicts import change_upon
from records.lists import Column, by_stamp, by_text, by_value
from records.pages import (
    made_and_gone,
    record_create,
    record_delete,
    record_detail,
    record_edit,
    record_list,
    save_new,
)
from records.render import render_page

COLUMNS = (
    Column("subject", "Subject", by_text("subject")),
    Column("type", "Type"),
    Column("about", "About"),
    Column("due", "Due", by_value("due_date")),
    Column("done", "Done", by_value("completed_at", blank_first=True), newest_first=True),
    Column("owner", "Owner"),
    Column("updated", "Changed", by_stamp("updated_at"), newest_first=True),
)


@require_safe
@login_required
def activity_list(request: PersonRequest) -> HttpResponse:
    """List the activities that one may see."""
    return record_list(
        request,
        records=Activity.objects.for_user(request.user, "view").with_about(request.user),
        columns=COLUMNS,
        default_sort="-updated",
        filters=ActivityFilter(request.GET, user=request.user),
        template="activities/activity_list.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def activity_new(request: PersonRequest) -> HttpResponse:
    """Make an activity."""
    initial = {name: request.GET.get(name, "") for name in ("type", "related_contact", "related_deal")}
    return record_create(request, form_class=ActivityForm, initial=initial)


@require_POST
@login_required
def activity_log(request: PersonRequest) -> HttpResponse:
    """Log an activity on a contact or a deal and go back to it."""
    form = QuickLogForm(request.POST, user=request.user)
    again = form.was_sent_before()
    if not again and not form.is_valid():
        return render_page(request, "activities/activity_log.html", {"form": form}, status=422)
    activity: Activity | None = form.made_before() if again else save_new(form)
    if activity is None:
        return made_and_gone(request, form)
    messages.success(request, f"“{activity}” was logged.")
    return redirect(activity.related_to or activity)


@require_safe
@login_required
def activity_detail(request: PersonRequest, pk: str) -> HttpResponse:
    """Show an activity."""
    activity: Activity = get_record(Activity.objects.with_about(request.user), request.user, pk, "view")
    return record_detail(request, record=activity, template="activities/activity_detail.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def activity_edit(request: PersonRequest, pk: str) -> HttpResponse:
    """Edit an activity."""
    return record_edit(request, records=Activity.objects.all(), pk=pk, form_class=ActivityForm)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def activity_delete(request: PersonRequest, pk: str) -> HttpResponse:
    """Delete an activity."""
    return record_delete(request, records=Activity.objects.all(), pk=pk)


@require_POST
@login_required
def activity_done(request: PersonRequest, pk: str) -> HttpResponse:
    """Tick an activity off (done=1) or take that back (done=), and go back to where one was.

    A tick that counted before, on top of `version`, and is sent again, because its answer was lost, counts no more.
    """
    activity: Activity = get_record(Activity.objects.select_for_update(of=("self",)), request.user, pk, "change")
    done = bool(request.POST.get("done"))
    if done != bool(activity.completed_at) and not _ticked_before(request, activity, done=done):
        activity.completed_at = timezone.now() if done else None
        activity.save(update_fields=["completed_at"])
    return redirect(own_path(request.POST.get("next")) or activity)


def _ticked_before(request: PersonRequest, activity: Activity, *, done: bool) -> bool:
    change = change_upon(activity, request.POST.get("version", ""))
    return change is not None and change.actor == request.user.pk and bool(change.new["completed_at"]) == done
