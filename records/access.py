"""The one way to get a record, who has access to it and why, and how access is given and taken."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from records.models import Record, RecordQuerySet

ACTIONS = ("view", "change")
"""What can be granted: Parse's "read" and "write"."""


def get_record(records: RecordQuerySet, user: User, pk: str, action: str) -> Any:
    """Fetch one of `records` and authorise in one go.

    Raises Http404 when `user` may not see the record, PermissionDenied when he may see it but not do `action`.
    """
    record: Record | None = records.for_user(user, "view").filter(pk=pk).first()
    if record is None:
        raise Http404
    if action != "view" and not records.for_user(user, action).filter(pk=pk).exists():
        raise PermissionDenied
    return record


def may(user: User, action: str, record: Record) -> bool:
    """Tell whether `user` may "view", "change" or "delete" the record as it is stored now."""
    allowed: bool = type(record).objects.for_user(user, action).filter(pk=record.pk).exists()
    return allowed


def share(record: Record, holder: User | Group, actions: tuple[str, ...]) -> None:
    """Give `holder` exactly `actions` on the record: ("view",), ("view", "change") or () to take it back."""
    table, key = (record.user_grants, "user") if isinstance(holder, User) else (record.role_grants, "group")
    held = {key: holder, "content_object": record}
    table._default_manager.filter(**held).exclude(permission__codename__in=_codenames(record, actions)).delete()
    table._default_manager.bulk_create(
        [table(**held, permission=permission) for permission in _permissions(record, actions)], ignore_conflicts=True
    )


def _codenames(record: Record, actions: tuple[str, ...]) -> list[str]:
    return [f"{action}_{record._meta.model_name}" for action in actions]


def _permissions(record: Record, actions: tuple[str, ...]) -> list[Permission]:
    return list(
        Permission.objects.filter(
            content_type__app_label=record._meta.app_label,
            content_type__model=record._meta.model_name,
            codename__in=_codenames(record, actions),
        )
    )
