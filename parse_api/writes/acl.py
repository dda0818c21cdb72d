"""Writes ACLs as what they are here: grants to people and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from django.contrib.auth.models import Group, Permission

from accounts.models import User
from accounts.names import EVERYBODY
from parse_api.classes import ParseClass
from parse_api.codecs import is_object_id
from parse_api.writes.updates import Acl

ALL = {"read": True, "write": True}
_ACTIONS = {"read": "view", "write": "change"}
_ROLE = "role:"
Grant: TypeAlias = tuple[str, Any, int]
"""A record, who has the right, and the permission."""


def grant(parse_class: ParseClass, acls: Mapping[str, Acl]) -> dict[str, Acl]:
    """Make the grants on records, whose rows are held, exactly these ACLs by objectId; return what could be kept.

    That is all but the entries of people and roles who are not there.
    """
    holders = _holders({name for acl in acls.values() for name in acl})
    kept = {pk: {name: rights for name, rights in acl.items() if name in holders} for pk, acl in acls.items()}
    model: Any = parse_class.model
    permissions = _permissions(model)
    wanted: dict[str, set[Grant]] = {"user_id": set(), "group_id": set()}
    for object_id, acl in kept.items():
        for name, rights in acl.items():
            column, holder = holders[name]
            wanted[column] |= {(object_id, holder, permissions[right]) for right in rights}
    for table, column in ((model.user_grants, "user_id"), (model.role_grants, "group_id")):
        _make_equal(table, column, list(kept), wanted[column], list(permissions.values()))
    return kept


def handed_over(acl: Acl, old_owner: str | None, new_owner: str | None) -> Acl:
    """Return an ACL with the rights of the old owner taken away and all given to the new one."""
    others = {name: rights for name, rights in acl.items() if name != old_owner}
    return others | ({new_owner: dict(ALL)} if new_owner else {})


def _holders(names: set[str]) -> dict[str, tuple[str, Any]]:
    """Return the column of the grant tables that names a holder and what it has there, by his name on the wire."""
    people = [name for name in names if is_object_id(name)]
    groups = {name.removeprefix(_ROLE): name for name in names if name.startswith(_ROLE)}
    groups.pop(EVERYBODY, None)
    if EVERYBODY in names:
        groups[EVERYBODY] = EVERYBODY
    found: dict[str, tuple[str, Any]] = {}
    if people:
        found |= {pk: ("user_id", pk) for pk in User.objects.filter(pk__in=people).values_list("pk", flat=True)}
    if groups:
        rows = Group.objects.filter(name__in=list(groups)).values_list("pk", "name")
        found |= {groups[name]: ("group_id", pk) for pk, name in rows}
    return found


def _permissions(model: Any) -> dict[str, int]:
    """Return the ids of the permissions that stand for "read" and "write"."""
    codenames = {f"{action}_{model._meta.model_name}": right for right, action in _ACTIONS.items()}
    rows = Permission.objects.filter(
        content_type__app_label=model._meta.app_label, content_type__model=model._meta.model_name
    )
    return {codenames[name]: pk for name, pk in rows.filter(codename__in=codenames).values_list("codename", "pk")}


def _make_equal(table: Any, column: str, object_ids: list[str], wanted: set[Grant], permissions: list[int]) -> None:
    rows = table._default_manager.filter(content_object__in=object_ids, permission__in=permissions)
    held = {tuple(key): pk for pk, *key in rows.values_list("pk", "content_object_id", column, "permission_id")}
    if gone := [pk for key, pk in held.items() if key not in wanted]:
        table._default_manager.filter(pk__in=gone).delete()
    missing = sorted(wanted - held.keys())
    names = ("content_object_id", column, "permission_id")
    fresh = [table(**dict(zip(names, key, strict=True))) for key in missing]
    if fresh:
        table._default_manager.bulk_create(fresh, ignore_conflicts=True)
