"""What changed lately among the records that a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Q

from accounts.models import User
from records.models import Change, Record

WORDS = {"insert": "created", "update": "changed"}


@dataclass(frozen=True)
class RecentChange:
    """The last change of a record in words, with the address of the record."""

    who: User | None
    what: str
    record: Record
    url: str
    when: datetime


def recent_changes(user: User, models: Sequence[type[Record]], most: int) -> list[RecentChange]:
    """Return the last change of each of the `most` records that `user` may see and that changed last."""
    records = [
        record
        for model in models
        for record in model.objects.for_user(user, "view").order_by("-updated_at", "-id")[:most]
    ]
    records = sorted(records, key=lambda record: record.updated_at, reverse=True)[:most]
    if not records:
        return []
    last = _last_changes(records)
    actors = User.objects.in_bulk({change.actor for change in last.values() if change.actor})
    return [_in_words(record, last.get((type(record).__name__, record.pk)), actors) for record in records]


def _last_changes(records: Sequence[Record]) -> dict[tuple[str, str], Change]:
    """Return by class and objectId the last change that was not of derived columns only."""
    these = reduce(or_, (Q(class_name=type(record).__name__, object_id=record.pk) for record in records))
    changes = (
        Change.objects.filter(these, operation__in=WORDS)
        .exclude(operation="update", new__updated_at=F("old__updated_at"))
        .order_by("class_name", "object_id", "-id")
        .distinct("class_name", "object_id")
        .defer("old", "new")
    )
    return {(change.class_name, change.object_id): change for change in changes}


def _in_words(record: Record, change: Change | None, actors: dict[str, User]) -> RecentChange:
    what = f"{WORDS[change.operation] if change else 'changed'} the {record._meta.verbose_name}"
    who = actors.get(change.actor or "") if change else None
    return RecentChange(who, what, record, record.get_absolute_url(), record.updated_at)
