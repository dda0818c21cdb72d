"""Access lists as GraphQL has them: by people, roles and everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts.names import EVERYBODY
from parse_api.classes import CLASSES
from parse_api.graphql.names import global_id, object_id
from parse_api.graphql.plans import Projection
from parse_api.graphql.texts import text_of

_ROLE = "role:"
_USER = CLASSES["_User"]


def acl_text(plan: Projection, text: str) -> str:
    """Return the answer for an access list, which is JSON as REST has it; a part without entries is null."""
    acl: dict[str, dict[str, bool]] = json.loads(text)
    users = [
        {"userId": global_id(_USER.name, holder), **_rights(given)}
        for holder, given in acl.items()
        if holder != EVERYBODY and not holder.startswith(_ROLE)
    ]
    roles = [
        {"roleName": holder.removeprefix(_ROLE), **_rights(given)}
        for holder, given in acl.items()
        if holder.startswith(_ROLE)
    ]
    public = _rights(acl[EVERYBODY]) if EVERYBODY in acl else None
    return text_of(plan, {"users": users or None, "roles": roles or None, "public": public})


def acl_body(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return an access list that was sent as REST has it."""
    if value is None:
        return None
    holders = [(object_id(each["userId"], _USER), each) for each in value.get("users") or ()]
    holders += [(_ROLE + each["roleName"], each) for each in value.get("roles") or ()]
    if value.get("public"):
        holders.append((EVERYBODY, value["public"]))
    return {holder: _rights(each) for holder, each in holders}


def _rights(given: Mapping[str, bool]) -> dict[str, bool]:
    return {right: bool(given.get(right)) for right in ("read", "write")}
