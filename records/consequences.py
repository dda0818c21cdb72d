"""What else goes, or loses its pointer, when a record is deleted."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import User
from records.models import Record


def consequences(record: Record, user: User) -> tuple[list[str], list[str]]:
    """Return lines on what is deleted along with `record` and on what stays but no longer names it.

    Records that `user` may not see are not counted, only mentioned.
    """
    gone: list[str] = []
    kept: list[str] = []
    for relation in record._meta.related_objects:
        if line := _line(record, relation, user):
            (gone if relation.on_delete is models.CASCADE else kept).append(line)
    return gone, kept


def _line(record: Record, relation: models.ForeignObjectRel, user: User) -> str:
    model: Any = relation.related_model
    if not issubclass(model, Record):
        return ""
    rows = getattr(record, relation.get_accessor_name() or "")
    total, seen = rows.count(), rows.for_user(user, "view").count()
    meta = model._meta
    words = f"{seen:,} {meta.verbose_name if seen == 1 else meta.verbose_name_plural}"
    if total == seen:
        return words if seen else ""
    return f"{words} and others you cannot see" if seen else f"{meta.verbose_name_plural} you cannot see"
