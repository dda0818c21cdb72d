"""Class-level permissions: what Django's model permissions say of a class, as Parse writes it, and changing them.

The four classes of records need a session for everything (`requiresAuthentication`), and then each record's own access
list counts. Beside it stand those who need no access list: `role:<name>` or a user's id, with `true`, where a role or
person has the model permission, as the role Managers has at first. `find`, `get` and `count` are the permission to
view, `update` to change, `delete` to delete. A change sets exactly these holders for the operations that it names;
the others stay. Refused (107) is what there is no such permission for: opening a class to nobody signed in (`*`),
closing it, holders of `create`, new fields (`addField`), `protectedFields` and permissions by pointers.
The other classes have rules of their own in the program, which are shown and do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from accounts.models import User
from accounts.names import EVERYBODY
from parse_api.classes import ParseClass
from parse_api.errors import Code, ParseError
from parse_api.json_text import bad_json
from records.models import Record

SIGNED_IN = {"requiresAuthentication": True}
_ANYBODY = {EVERYBODY: True}
_ACTIONS = {"find": "view", "get": "view", "count": "view", "update": "change", "delete": "delete"}
_CLOSED: dict[str, Any] = {"addField": {}, "protectedFields": {}}
_MOST = 100
"""Holders of one operation."""


def shown(parse_class: ParseClass) -> dict[str, Any]:
    """Return the class-level permissions of a class."""
    if not issubclass(parse_class.model, Record):
        return _of_program(parse_class.name)
    held = {action: dict.fromkeys(_holders(parse_class, action), True) for action in set(_ACTIONS.values())}
    operations = {operation: {**SIGNED_IN, **held[action]} for operation, action in _ACTIONS.items()}
    return {**operations, "create": dict(SIGNED_IN), **_CLOSED}


def change(parse_class: ParseClass, wanted: Mapping[str, Any]) -> None:
    """Give the model permissions of a class to whom the operations name, and to nobody else."""
    if not wanted:
        return
    if not issubclass(parse_class.model, Record):
        raise ParseError(Code.FORBIDDEN, f"The permissions of {parse_class.name} are those of the program.")
    holders: dict[str, frozenset[str]] = {}
    for operation, entries in wanted.items():
        names = _names(operation, entries)
        if operation in _ACTIONS and holders.setdefault(_ACTIONS[operation], names) != names:
            raise bad_json("find, get and count are one permission here: give them the same roles.")
    for action, names in sorted(holders.items()):
        _give(parse_class, action, names)


def _of_program(class_name: str) -> dict[str, Any]:
    reads = dict.fromkeys(("find", "get", "count"), SIGNED_IN)
    writes = dict.fromkeys(("create", "update", "delete"), SIGNED_IN)
    if class_name == "_User":
        sign_up = _ANYBODY if settings.CRM_SIGNUP else {}
        return {**reads, **writes, "create": sign_up, **_CLOSED, "protectedFields": {EVERYBODY: ["email"]}}
    if class_name == "_Role":
        return {**dict.fromkeys(reads, _ANYBODY), **writes, "create": {}, **_CLOSED}
    if class_name == "_Installation":
        opened = dict.fromkeys(("get", "create", "update"), _ANYBODY)
        return {**opened, "find": {}, "count": {}, "delete": {}, **_CLOSED}
    return {**reads, **writes, **_CLOSED}


def _names(operation: str, entries: Any) -> frozenset[str]:
    """Return the holders that an operation names; ParseError 107 for what cannot be."""
    if operation in _CLOSED:
        if entries:
            raise bad_json(f"{operation} stays empty.")
        return frozenset()
    if operation not in (*_ACTIONS, "create"):
        raise bad_json(f"{operation[:50]!r} is no operation of a class here.")
    if not isinstance(entries, dict) or any(value is not True for value in entries.values()):
        raise bad_json(f"{operation} needs an object of requiresAuthentication, roles and users, each true.")
    names = frozenset(entries) - SIGNED_IN.keys()
    if not entries.keys() >= SIGNED_IN.keys() or names & {EVERYBODY, f"role:{EVERYBODY}"}:
        raise bad_json(f"{operation} is for those who have signed in: requiresAuthentication stays, without *.")
    if operation == "create" and names:
        raise bad_json("Everybody who has signed in may create: there are no holders.")
    if len(names) > _MOST:
        raise bad_json(f"At most {_MOST} roles and users for {operation}.")
    return names


def _permission(parse_class: ParseClass, action: str) -> Permission:
    meta = parse_class.model._meta
    of_class = Permission.objects.filter(content_type__app_label=meta.app_label, content_type__model=meta.model_name)
    return of_class.get(codename=f"{action}_{meta.model_name}")


def _holders(parse_class: ParseClass, action: str) -> list[str]:
    permission = _permission(parse_class, action)
    roles = (f"role:{name}" for name in permission.group_set.order_by("name").values_list("name", flat=True))
    return [*roles, *permission.user_set.order_by("pk").values_list("pk", flat=True)]


def _give(parse_class: ParseClass, action: str, names: frozenset[str]) -> None:
    permission = _permission(parse_class, action)
    roles = Group.objects.filter(name__in=[name.removeprefix("role:") for name in names if name.startswith("role:")])
    people: QuerySet[User] = User.objects.filter(pk__in=[name for name in names if not name.startswith("role:")])
    found = {f"role:{role.name}" for role in roles} | {person.pk for person in people}
    if missing := names - found:
        raise bad_json(f"There is no role or user {min(missing)[:60]!r}.")
    permission.group_set.set(roles)
    permission.user_set.set(people)
