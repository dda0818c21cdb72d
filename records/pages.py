"""The pages that every record class has; an entity's views say which records and form, and how one is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User
from accounts.requests import PersonRequest
from records import lists
from records.access import get_record, may
from records.changes import told
from records.conflicts import compared, renewed, was_applied
from records.consequences import consequences
from records.filters import FilterForm
from records.forms import RecordForm
from records.lists import Column, Page
from records.models import Record, RecordQuerySet
from records.render import render_page
from records.sharing import may_hand_over
from records.undo import undo_url

FORM = "records/record_form.html"


def record_list(
    request: PersonRequest,
    *,
    records: RecordQuerySet,
    columns: Sequence[Column],
    default_sort: str,
    filters: FilterForm,
    template: str,
    **context: Any,
) -> HttpResponse:
    """Show a page of `records` (which passed the gate), narrowed and sorted as the query string says."""
    wanted = request.GET.get("sort", "")
    rows = lists.sort(filters.narrow(records), columns, wanted, default_sort)
    page = Page(rows, request.GET, filters.total)
    context |= {
        "page": page,
        "rows": page.rows,
        "columns": lists.shown(columns, wanted, default_sort),
        "filters": filters,
        "chips": filters.chips(),
        "is_filtered": bool(filters.chips() or filters.cleaned_data.get("q")),
    }
    return render_page(request, template, context, partials=("record-list",))


def record_detail(request: PersonRequest, *, record: Record, template: str, **context: Any) -> HttpResponse:
    """Show a record that passed the gate, with the controls that the person may use."""
    context |= {"record": record, "may_change": may(request.user, "change", record), "tab": "overview"}
    context["may_hand_over"] = may_hand_over(request.user, record)
    return render_page(request, template, context)


def record_create(
    request: PersonRequest, *, form_class: type[RecordForm], initial: dict[str, Any] | None = None
) -> HttpResponse:
    """Show the form of a new record, or make the record: once, however often the same form is sent."""
    user = request.user
    if request.method != "POST":
        return render_page(request, FORM, {"form": form_class(user=user, initial=initial), "record": None})
    if "find" in request.POST:
        return render_page(request, FORM, {"form": form_class.finding(request.POST, user=user), "record": None})
    form = form_class(request.POST, user=user, initial=initial)
    again = form.was_sent_before()
    if not again and not form.is_valid():
        return render_page(request, FORM, {"form": form, "record": None}, status=422)
    record = form.made_before() if again else save_new(form)
    if record is None:
        return made_and_gone(request, form)
    messages.success(request, f"{_kind(record).capitalize()} “{record}” was created.")
    return _after(request, record)


def save_new(form: RecordForm) -> Any:
    """Insert the record of a valid form; where it is being sent twice at once, the second finds what the first made.

    None if the person does not see that.
    """
    try:
        with transaction.atomic():
            return form.save()
    except IntegrityError:
        if not form.was_sent_before():
            raise
        return form.made_before()


def made_and_gone(request: PersonRequest, form: RecordForm) -> HttpResponse:
    """Answer a form that was sent before, when what it made is deleted or somebody else's alone."""
    meta = form.instance._meta
    messages.info(request, f"This {meta.verbose_name} was created before.")
    return redirect(f"{meta.app_label}:list")


def record_edit(
    request: PersonRequest, *, records: RecordQuerySet, pk: str, form_class: type[RecordForm]
) -> HttpResponse:
    """Show the form of a record, or save it unless somebody saved a newer version: then show both (409)."""
    user = request.user
    if request.method != "POST":
        record = get_record(records, user, pk, "change")
        return render_page(request, FORM, {"form": form_class(user=user, instance=record), "record": record})
    record = get_record(records.select_for_update(of=("self",)), user, pk, "change")
    if "find" in request.POST:
        form = form_class.finding(request.POST, user=user, instance=record)
        return render_page(request, FORM, {"form": form, "record": record})
    form = form_class(request.POST, user=user, instance=record)
    if form.is_stale():
        return _saved_before(request, record) if was_applied(form) else _conflict(request, form)
    title = str(record)
    if not form.is_valid():
        return render_page(request, FORM, {"form": form, "record": record, "title": title}, status=422)
    if form.has_changed():
        record = form.save()
        saved = f"{_kind(record).capitalize()} “{record}” was saved."
        messages.success(request, saved, extra_tags=undo_url(record, user))
    return _after(request, record)


def _saved_before(request: PersonRequest, record: Record) -> HttpResponse:
    """Answer a form that was sent again, because its answer was lost."""
    messages.success(request, f"{_kind(record).capitalize()} “{record}” was saved.")
    return _after(request, record)


def _conflict(request: PersonRequest, form: RecordForm) -> HttpResponse:
    record = form.instance
    versions = compared(form)
    last = told(record).filter(operation="update").first()
    context = {
        "record": record,
        "title": str(record),
        "when": record.updated_at,
        "who": User.objects.filter(pk=last.actor).first() if last and last.actor else None,
        "versions": versions,
        "reload_url": request.path,
        "form": renewed(form, versions),
    }
    return render_page(request, FORM, context, status=409)


def record_delete(request: PersonRequest, *, records: RecordQuerySet, pk: str) -> HttpResponse:
    """Ask whether the record shall go and say what goes with it, or delete it and offer to undo that."""
    user = request.user
    if request.method != "POST":
        record = get_record(records, user, pk, "delete")
        gone, kept = consequences(record, user)
        context = {"record": record, "kind": _kind(record), "gone": gone, "kept": kept, "undoable": True}
        return render_page(request, "records/record_confirm_delete.html", context)
    record = get_record(records.select_for_update(of=("self",)), user, pk, "delete")
    undo_url = reverse(f"{record._meta.app_label}:restore", args=[record.pk])
    record.delete()
    messages.success(request, f"{_kind(record).capitalize()} “{record}” was deleted.", extra_tags=undo_url)
    return redirect(f"{record._meta.app_label}:list")


def _after(request: PersonRequest, record: Record) -> HttpResponse:
    """Go to the record, or to the list when it is now somebody else's alone."""
    if may(request.user, "view", record):
        return redirect(record)
    return redirect(f"{record._meta.app_label}:list")


def _kind(record: Record) -> str:
    return str(record._meta.verbose_name)
