"""Undoes the last change of a record: what the change touched becomes what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import connection, models
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import PersonRequest
from records.access import get_record, may
from records.changes import exactly, told
from records.models import Record
from records.render import render_page
from records.sharing import may_hand_over

KEPT = ("id", "created_at", "updated_at", "readers", "acl", "stage_changed_at", "touched_at", "next_step_at")
"""Columns that the database sets by itself."""


@dataclass(frozen=True)
class LastChange:
    """The updates of one transaction: `first` is the row of the log that holds what was before, `id` is the last."""

    id: int
    transaction: int
    first: int
    old: dict[str, Any]
    columns: tuple[str, ...]

    def is_allowed(self, record: Record, user: User) -> bool:
        """Tell whether somebody who may change the record may undo this: a hand-over asks for more."""
        return f"{record.owner_field}_id" not in self.columns or may_hand_over(user, record)

    def obstacle(self, record: Record, user: User) -> str:
        """Say why the old values cannot come back, or nothing."""
        if not self.is_allowed(record, user):
            return "Only who may hand it over can undo this hand-over."
        for column in self.columns:
            field = record._meta.get_field(column)
            pk = self.old.get(column)
            if pk is None or not isinstance(field, models.ForeignKey):
                continue
            kind: Any = field.related_model
            rows = kind.objects.active() if kind is User else kind.objects.for_user(user, "view")
            if not rows.filter(pk=pk).exists():
                what = "person" if kind is User else kind._meta.verbose_name
                return f"It named a {what} that is gone or that you cannot see."
        return ""

    def undo(self, record: Record) -> None:
        """Write the old values, straight from the log, so that every number is exact."""
        quote = connection.ops.quote_name
        table = quote(record._meta.db_table)
        columns = ", ".join(f"{quote(column)} = p.{quote(column)}" for column in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} t SET {columns} "  # noqa: S608 - names of our own columns
                f"FROM records_change c, jsonb_populate_record(NULL::{table}, c.old) p WHERE c.id = %s AND t.id = %s",
                [self.first, record.pk],
            )


def last_change(record: Record) -> LastChange | None:
    """Return the last change of a record's content; None when that is its creation."""
    changes = told(record).filter(operation__in=["insert", "update", "delete"])
    last = changes.first()
    if last is None:
        return None
    group = exactly(changes.filter(transaction=last.transaction))
    if any(row.operation != "update" for row in group):
        return None
    old, new = group[0].old, group[-1].new
    names = [field.attname for field in record._meta.concrete_fields if field.attname not in KEPT]
    columns = tuple(name for name in names if name in old and old[name] != new.get(name))
    return LastChange(last.id, last.transaction, group[0].id, old, columns) if columns else None


def undo_url(record: Record, user: User) -> str:
    """Return where posting undoes the last change of a record, "" where `user` cannot."""
    last = last_change(record)
    if last is None or not last.is_allowed(record, user):
        return ""
    return f"{reverse(f'{record._meta.app_label}:undo', args=[record.pk])}?change={last.id}"


@require_POST
@login_required
def record_undo(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Undo the change that `change` numbers, if it is still the last one of the record (else 409)."""
    user = request.user
    record = get_record(model.objects.select_for_update(of=("self",)), user, pk, "change")
    wanted = request.POST.get("change") or request.GET.get("change", "")
    last = last_change(record)
    if last is None:
        return _refuse(request, record, "There is no change left that can be undone.")
    if str(last.id) != wanted:
        return _refuse(request, record, "It has been changed since, so this is no longer its last change.")
    if obstacle := last.obstacle(record, user):
        return _refuse(request, record, obstacle)
    last.undo(record)
    messages.success(request, f"The last change of “{record}” was undone.")
    if may(user, "view", record):
        return redirect(record)
    return redirect(f"{record._meta.app_label}:list")


def _refuse(request: PersonRequest, record: Record, reason: str) -> HttpResponse:
    context = {"record": record, "tab": "history", "reason": reason, "may_change": True}
    return render_page(request, "records/record_undo_refused.html", context, status=409)
