"""The Parse class _Role: made with the master key, then kept by whom its own ACL lets write (CONTRACT.md, 15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role, User, check_role_name
from accounts.names import MANAGERS
from parse_api.access import rows_for
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import CHILD_ROLES, CLASSES, MEMBERSHIPS
from parse_api.codecs import CODECS, format_date
from parse_api.errors import Code, ParseError, not_found
from parse_api.identity import confirm
from parse_api.protocol import Call
from parse_api.writes.keys import written
from parse_api.writes.relations import Step, read_relation

_ROLE = CLASSES["_Role"]
_RELATIONS = ("users", "roles")
_NOTHING = (None, {"__op": "Delete"})
"""What leaves a field out of a create."""


@dataclass(frozen=True)
class _Body:
    """A body, read; None for what is not in it."""

    name: str | None = None
    acl: dict[str, Any] | None = None
    relations: Mapping[str, list[Step]] = field(default_factory=dict)


def create(call: Call, caller: Caller) -> Answer:
    """Make a role, with the master key."""
    if not caller.is_master:
        raise ParseError(Code.FORBIDDEN, "Roles are made with the master key.")
    body = _read(call.params, is_new=True)
    role = _made(Role(name=body.name or "", acl=body.acl))
    _relate(role, body, caller)
    made = {"objectId": role.object_id, "createdAt": format_date(role.created_at)}
    return Answer(made, status=201, location=f"/classes/_Role/{role.object_id}")


def update(call: Call, caller: Caller, pk: str) -> Answer:
    """Change the ACL, members and child roles of a role; its name stays, for access lists carry it."""
    body = _read(call.params, is_new=False)
    role = _locked(caller, pk, "change")
    if body.name is not None and body.name != role.name:
        raise ParseError(Code.FORBIDDEN, "A role keeps its name: access lists carry it.")
    Role.objects.filter(pk=role.pk).update(acl=role.acl if body.acl is None else body.acl)
    _relate(role, body, caller)
    role.refresh_from_db(fields=["updated_at"])
    return Answer({"updatedAt": format_date(role.updated_at)})


def delete(_call: Call, caller: Caller, pk: str) -> Answer:
    """Delete a role; what was granted to it ends at once."""
    role = _locked(caller, pk, "delete")
    if role.name == MANAGERS:
        raise ParseError(Code.FORBIDDEN, "The product relies on this role.")
    role.delete()
    return Answer({})


def _locked(caller: Caller, pk: str, action: str) -> Role:
    if not pk.isascii() or not pk.isalnum():
        raise not_found()
    confirm(caller)
    role: Role | None = rows_for(_ROLE, caller, action).select_for_update(of=("self",)).filter(object_id=pk).first()
    if role is None:
        raise not_found()
    return role


def _made(role: Role) -> Role:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError as error:
        if "role_name_unique" not in str(error) and "auth_group_name" not in str(error):
            raise
        raise ParseError(Code.DUPLICATE, "A role of this name exists.") from error
    role.refresh_from_db(fields=["created_at"])
    return role


def _read(params: Mapping[str, Any], *, is_new: bool) -> _Body:
    """Read a body: keys (105, 121, 119), then types (111, 108, 123), then what a new role must have (111)."""
    names = written(params, "_Role", _ROLE.fields, is_new=is_new)
    named = [name for name in names if name in _RELATIONS and not (is_new and params[name] in _NOTHING)]
    relations = {name: read_relation(_ROLE.fields[name], params[name]) for name in named}
    acl = _acl(params["ACL"]) if "ACL" in names else None
    name = params.get("name")
    if "name" in names or is_new:
        _check_name(name, is_new=is_new)
    if is_new and acl is None:
        raise ParseError(Code.BAD_TYPE, "A role needs an ACL.")
    return _Body(name, acl, relations)


def _acl(value: Any) -> dict[str, Any]:
    acl: Any = CODECS[_ROLE.fields["ACL"].kind].decode(_ROLE.fields["ACL"], value)
    return dict(acl)


def _check_name(name: Any, *, is_new: bool) -> None:
    if not isinstance(name, str) or not name:
        raise ParseError(Code.BAD_TYPE, "A role needs a name.")
    if not is_new:
        return
    try:
        check_role_name(name)
    except ValidationError as error:
        is_reserved = error.code == "reserved"
        raise ParseError(Code.DUPLICATE if is_reserved else Code.INVALID, " ".join(error.messages)) from error


def _relate(role: Role, body: _Body, caller: Caller) -> None:
    for name, steps in body.relations.items():
        for step in steps:
            if name == "users":
                _relate_users(role, step)
            else:
                _relate_roles(role, step, caller)


def _relate_users(role: Role, step: Step) -> None:
    rows = MEMBERSHIPS._default_manager
    if not step.adds:
        rows.filter(group=role.pk, user__in=step.object_ids).delete()
        return
    known = set(User.objects.filter(pk__in=step.object_ids).values_list("pk", flat=True))
    _refuse_missing(step, known)
    rows.bulk_create([MEMBERSHIPS(user_id=pk, group_id=role.pk) for pk in sorted(known)], ignore_conflicts=True)


def _relate_roles(role: Role, step: Step, caller: Caller) -> None:
    rows, children = CHILD_ROLES._default_manager, rows_for(_ROLE, caller, "view").filter(object_id__in=step.object_ids)
    known = dict(children.values_list("object_id", "pk"))
    if not step.adds:
        rows.filter(from_role=role.pk, to_role__in=known.values()).delete()
        return
    _refuse_missing(step, set(known))
    pairs = [CHILD_ROLES(from_role_id=role.pk, to_role_id=pk) for pk in sorted(known.values())]
    rows.bulk_create(pairs, ignore_conflicts=True)


def _refuse_missing(step: Step, known: set[str]) -> None:
    if known != step.object_ids:
        raise ParseError(Code.NOT_FOUND, "An object to be related was not found.")
