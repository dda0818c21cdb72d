"""The rows of the change log that are news, read exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from records.models import Change, ChangeQuerySet, Record

DERIVED = ("id", "created_at", "updated_at", "readers", "acl")


def told(record: Record) -> ChangeQuerySet:
    """Return the changes of a record that are news: not those of derived columns and of a card's place alone."""
    return content_changes(Change.objects.of(record), [*DERIVED, *record.quiet_fields])


def content_changes(changes: ChangeQuerySet, quiet: Sequence[str]) -> ChangeQuerySet:
    """Leave out the updates that changed nothing but columns of these names."""
    names = Cast(Value(list(quiet), output_field=ArrayField(TextField())), ArrayField(TextField()))

    def content(name: str) -> Func:
        return Func(F(name), names, template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField())

    return changes.alias(before=content("old"), after=content("new")).exclude(Q(operation="update", before=F("after")))


@dataclass(frozen=True)
class News:
    """A row of the log; `old` and `new` are {} where there is none, and the numbers in them are Decimal."""

    id: int
    operation: str
    transaction: int
    actor: str
    created_at: datetime
    old: dict[str, Any]
    new: dict[str, Any]


def exactly(changes: ChangeQuerySet) -> list[News]:
    """Fetch changes in the order they were made."""
    texts = {"old_text": Cast("old", TextField()), "new_text": Cast("new", TextField())}
    names = ("id", "operation", "transaction", "actor", "created_at", *texts)
    rows = changes.annotate(**texts).order_by("id").values_list(*names)
    return [
        News(pk, operation, transaction, actor or "", when, _exact(old), _exact(new))
        for pk, operation, transaction, actor, when, old, new in rows
    ]


def _exact(text: str | None) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(text or "{}", parse_float=Decimal)
    return row
