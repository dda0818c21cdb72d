"""The History page of a record: the change log by transaction, in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest
from records import undo
from records.access import get_record, may
from records.changes import News, exactly, told
from records.models import Record
from records.render import render_page
from records.sharing import may_hand_over
from records.wording import FieldChange, Wording, access_words

PAGE_SIZE = 50
LAST_PAGE = 200


@dataclass
class Entry:
    """What one transaction did to the record."""

    who: User | None
    what: str
    when: datetime
    changes: list[FieldChange] = field(default_factory=list)
    undo_url: str = ""


@dataclass(frozen=True)
class HistoryPage:
    """One page of entries, as templates/_pager.html wants it."""

    number: int
    has_next: bool
    end_index: int = 0

    @property
    def has_previous(self) -> bool:
        """Tell whether there are newer entries."""
        return self.number > 1

    @property
    def previous_page_number(self) -> int:
        """Number the newer page."""
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        """Number the older page."""
        return self.number + 1


@require_safe
@login_required
def record_history(request: PersonRequest, pk: str, *, model: type[Record]) -> HttpResponse:
    """Show what happened to a record, newest first."""
    user = request.user
    record = get_record(model.objects.all(), user, pk, "view")
    wanted = request.GET.get("page", "1")
    number = min(int(wanted), LAST_PAGE) if wanted.isascii() and wanted.isdigit() and len(wanted) < 5 else 1
    page, entries = history(record, user, max(number, 1))
    context = {
        "record": record,
        "tab": "history",
        "may_change": may(user, "change", record),
        "may_hand_over": may_hand_over(user, record),
        "entries": entries,
        "page": page,
    }
    return render_page(request, "records/record_history.html", context)


def history(record: Record, viewer: User, number: int) -> tuple[HistoryPage, list[Entry]]:
    """Return a page of the record's history for somebody who may see it; 11 queries at most."""
    changes, start = told(record), (number - 1) * PAGE_SIZE
    groups = changes.values("transaction").annotate(last=Max("id")).order_by("-last")
    transactions = [group["transaction"] for group in groups[start : start + PAGE_SIZE + 1]]
    page = HistoryPage(number, has_next=len(transactions) > PAGE_SIZE and number < LAST_PAGE)
    rows = exactly(changes.filter(transaction__in=transactions[:PAGE_SIZE]))
    first = changes.order_by("id").values_list("id", flat=True).first()
    states = [state for row in rows for state in (row.old, row.new) if state]
    wording = Wording(type(record), viewer, states, {row.actor for row in rows if row.actor})
    by_transaction: dict[int, list[News]] = defaultdict(list)
    for row in rows:
        by_transaction[row.transaction].append(row)
    entries = {number: _entry(record, group, wording, first) for number, group in by_transaction.items()}
    _offer_undo(record, viewer, entries)
    shown = [entries[transaction] for transaction in transactions[:PAGE_SIZE]]
    return page, [entry for entry in shown if entry.what]


def _offer_undo(record: Record, viewer: User, entries: dict[int, Entry]) -> None:
    """Give the entry of the last change of content its Undo button."""
    last = undo.last_change(record)
    if last and last.transaction in entries and may(viewer, "change", record) and last.is_allowed(record, viewer):
        address = reverse(f"{record._meta.app_label}:undo", args=[record.pk])
        entries[last.transaction].undo_url = f"{address}?change={last.id}"


def _entry(record: Record, group: list[News], wording: Wording, first: int | None) -> Entry:
    row = group[-1]
    who = wording.users.get(row.actor)
    parts, changes = _parts(record, group, wording, is_first=group[0].id == first)
    return Entry(who, " and ".join(parts), row.created_at, changes)


def _parts(
    record: Record, group: list[News], wording: Wording, *, is_first: bool
) -> tuple[list[str], list[FieldChange]]:
    """Return what a transaction did, in words, and the fields that those words do not hold."""
    operations = {row.operation: row for row in group}
    kind = record._meta.verbose_name
    if "insert" in operations and not is_first:
        return [f"brought this {kind} back"], []
    if "delete" in operations:
        return [f"deleted this {kind}"], []
    grants = [(row.operation, row.new or row.old) for row in group if row.operation in ("grant", "revoke")]
    access = access_words(grants, wording)
    if created := operations.get("insert"):
        access.pop(wording.person(created.new[f"{record.owner_field}_id"]), None)
        return [f"created this {kind}", *access.values()], []
    updates = [row for row in group if row.operation == "update"]
    differences = wording.changes(updates[0].old, updates[-1].new) if updates else {}
    handed = differences.pop(f"{record.owner_field}_id", None)
    parts = _moved(differences) + _changed(differences)
    if handed:
        parts.insert(0, _handed_over(handed, access))
    return [*parts, *access.values()], list(differences.values())


def _handed_over(owner: FieldChange, access: dict[str, str]) -> str:
    """Say who got the record; the rights that follow by themselves go unsaid, those that were kept do not."""
    access.pop(owner.new, None)
    kept = access.pop(owner.old, "").startswith("let ")
    words = f"handed it over from {owner.old or 'nobody'} to {owner.new or 'nobody'}"
    return f"{words}, who still lets {owner.old} view it" if kept else words


def _moved(differences: dict[str, FieldChange]) -> list[str]:
    """Take a move between stages out of the differences."""
    move = differences.pop("stage", None)
    if move is None:
        return []
    return [f"moved it from {move.old} to {move.new or 'no stage'}" if move.old else f"put it into {move.new}"]


def _changed(differences: dict[str, FieldChange]) -> list[str]:
    """Say one short change whole, and how many there are else."""
    if not differences:
        return []
    (first, *more) = differences.values()
    if more:
        return [f"changed {len(differences)} fields"]
    if not first.is_short:
        return [f"changed {first.label}"]
    differences.clear()
    return [first.sentence()]
