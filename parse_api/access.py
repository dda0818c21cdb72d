"""Whose rows a request may read: the gate, and the only way past it, which is the master key."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Role
from parse_api.caller import Caller
from parse_api.classes import ParseClass


def rows_for(parse_class: ParseClass, caller: Caller, action: str) -> QuerySet[Any]:
    """Return the rows of a class that the caller may "view", "change" or "delete".

    The master key passes for every row; without it and without a session there are none. Roles are read by everybody
    who is signed in, for access lists name them, and changed with the master key only.
    """
    model: Any = parse_class.model
    if caller.is_master:
        return _every_row(model)
    if caller.user is None or not caller.user.is_active:
        return _no_row(model)
    if model is Role:
        return _every_row(model) if action == "view" else _no_row(model)
    rows: QuerySet[Any] = model.objects.for_user(caller.user, action)
    return rows


def _every_row(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.all()
    return rows


def _no_row(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.none()
    return rows
