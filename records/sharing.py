"""The pages on which access to a record is shown, given, taken back and handed over."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.requests import PersonRequest
from records.access import get_record, may, share
from records.access_list import access_list
from records.holders import holders, key_of, name_of
from records.models import Record
from records.render import render_page
from records.sharing_forms import HandOverForm, ShareForm


def may_hand_over(user: User, record: Record) -> bool:
    """Tell whether `user`, who may change the record, may make somebody else its owner.

    A deal is handed over by whoever it is assigned to; createdBy changes only by who manages the class (DESIGN.md).
    """
    if user.has_perm(f"{record._meta.app_label}.change_{record._meta.model_name}"):
        return True
    return record.owner_field == "assigned_to" and getattr(record, "assigned_to_id", None) == user.pk


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def record_sharing(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Show who has access to a record and why, or give somebody access."""
    user = request.user
    if request.method != "POST":
        record = get_record(model.objects.all(), user, pk, "view")
        form = ShareForm(record=record) if may(user, "change", record) else None
        return _sharing_page(request, record, form)
    record = get_record(model.objects.select_for_update(of=("self",)), user, pk, "change")
    if "find" in request.POST:
        return _sharing_page(request, record, ShareForm(record=record, text=request.POST.get("holder-search", "")))
    form = ShareForm(request.POST, record=record)
    if not form.is_valid():
        return _sharing_page(request, record, form, status=422)
    messages.success(request, form.save())
    return redirect(f"{record._meta.app_label}:sharing", record.pk)


@require_POST
@login_required
def record_unshare(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Take back what was granted to the holder whose key is in `take_back`; the owner is handed over instead."""
    user = request.user
    record = get_record(model.objects.select_for_update(of=("self",)), user, pk, "change")
    key = request.POST.get("take_back", "")
    if record.owner and key == key_of(record.owner):
        raise PermissionDenied
    if holder := holders([key]).get(key):
        share(record, holder, ())
        messages.success(request, f"{name_of(holder)} no longer has access of their own to “{record}”.")
    return _after(request, record, page="sharing")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def record_hand_over(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Ask to whom a record shall be handed over, or hand it over."""
    user = request.user
    is_post = request.method == "POST"
    if is_post:
        record = get_record(model.objects.select_for_update(of=("self",)), user, pk, "change")
    else:
        record = get_record(model.objects.all(), user, pk, "change")
    if not may_hand_over(user, record):
        raise PermissionDenied
    if not is_post or "find" in request.POST:
        text = request.POST.get("holder-search", "")[:200]
        return _hand_over_page(request, record, HandOverForm(record=record, user=user, text=text))
    form = HandOverForm(request.POST, record=record, user=user)
    if not form.is_valid():
        return _hand_over_page(request, record, form, status=422)
    title, owner = str(record), form.save()
    sees = may(user, "view", record)
    gone = "" if sees else " You no longer see it."
    messages.success(request, f"“{title}” was handed over to {owner}.{gone}")
    return _after(request, record, page="detail")


def _after(request: PersonRequest, record: Record, *, page: str) -> HttpResponse:
    """Go on to a page of the record, or to the list when the person no longer sees it."""
    app = record._meta.app_label
    sees = may(request.user, "view", record)
    return redirect(f"{app}:{page}", record.pk) if sees else redirect(f"{app}:list")


def _sharing_page(request: PersonRequest, record: Record, form: ShareForm | None, *, status: int = 200) -> HttpResponse:
    app, user = record._meta.app_label, request.user
    may_change = form is not None
    context = {
        "record": record,
        "tab": "sharing",
        "form": form,
        "may_change": may_change,
        "access": access_list(record, user, may_change=may_change),
        "share_url": reverse(f"{app}:sharing", args=[record.pk]),
        "unshare_url": reverse(f"{app}:unshare", args=[record.pk]),
        "may_hand_over": may_hand_over(user, record),
    }
    return render_page(request, "records/record_sharing.html", context, status=status)


def _hand_over_page(request: PersonRequest, record: Record, form: HandOverForm, *, status: int = 200) -> HttpResponse:
    context = {
        "record": record,
        "form": form,
        "cancel_url": reverse(f"{record._meta.app_label}:sharing", args=[record.pk]),
    }
    return render_page(request, "records/record_hand_over.html", context, status=status)
