"""Whose rows a request may read: the gate, and the only way past it, which is the master key."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Role
from parse_api.caller import Caller
from parse_api.classes import ParseClass


def rows_for(parse_class: ParseClass, caller: Caller, action: str) -> QuerySet[Any]:
    """Return the rows of a class that the caller may "view", "change" or "delete".

    The master key passes for every row; without it and without a session there are none but the roles that everybody
    may read: a role's own access list says who reads and changes it.
    """
    model: Any = parse_class.model
    if caller.user is not None and not caller.user.is_active and not caller.is_master:
        return _no_row(model)
    if model is Role:
        return _roles(caller, action)
    if caller.is_master:
        return _every_row(model)
    if caller.user is None:
        return _no_row(model)
    rows: QuerySet[Any] = model.objects.for_user(caller.user, action)
    return rows


def _roles(caller: Caller, action: str) -> QuerySet[Role]:
    if caller.is_master:
        return Role.objects.named()
    if caller.user is None and action != "view":
        return Role.objects.none()
    return Role.objects.open_to(caller.user, "read" if action == "view" else "write")


def _every_row(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.all()
    return rows


def _no_row(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.none()
    return rows
