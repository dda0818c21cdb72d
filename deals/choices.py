"""Whom and what a filter of deals can name: owners, roles, a company and a contact, found in one query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import CharField, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower, NullIf
from django.http import QueryDict

from accounts.models import User
from accounts.names import EVERYBODY, MANAGERS
from accounts.object_id import PATTERN
from companies.models import Company
from contacts.models import Contact
from records.pickers import LISTED

Choices = list[tuple[str, str]]
PERSON_NAME = Coalesce(NullIf("display_name", Value("")), "username", output_field=TextField())


@dataclass(frozen=True)
class Offered:
    """What the fields of a filter offer by name, and the objectIds of the members of the role that owns."""

    fields: dict[str, list[Any]]
    members: list[str]


NAMES = ("owner", "company", "contact")


def offered(user: User, query: QueryDict, *, is_shown: bool) -> Offered:
    """Return what `user` may choose for "owner" (himself, roles, people by name), "company" and "contact".

    A filter that is not shown needs no choices where `query` names nobody, and asks for none.

    Owners are the first `LISTED` colleagues who may sign in, and whomever `query` names; of companies and contacts
    only the one that `query` names. Keys are those of `records.holders`.
    """
    if not is_shown and not any(query.get(name) for name in NAMES):
        return Offered({}, [])
    found: dict[str, dict[str, str]] = {kind: {} for kind in ("role", "person", "member", "company", "contact")}
    for kind, key, name in _found(user, query):
        found[kind][key] = name
    found["person"].pop(user.pk, None)
    owners: list[Any] = [("", "Any owner"), (user.pk, f"Me ({user})")]
    owners += [(label, _by_name(found[kind])) for kind, label in (("role", "Roles"), ("person", "People"))]
    fields = {
        "owner": [choice for choice in owners if choice[1]],
        "company": list(found["company"].items()),
        "contact": list(found["contact"].items()),
    }
    return Offered(fields, list(found["member"]))


def _found(user: User, query: QueryDict) -> Any:
    people = User.objects.for_user(user, "view")
    roles = Group.objects.filter(role__isnull=False).exclude(name__in=[EVERYBODY, MANAGERS])
    role_key = Concat(Value("role:"), Cast("pk", CharField()), output_field=TextField())
    rows = people.active().order_by(Lower("display_name"), "username")[:LISTED]
    parts = [
        _part("person", rows, name=PERSON_NAME),
        _part("role", roles, key=role_key, name=Cast("name", TextField())),
    ]
    if owner := _chosen(query, "owner"):
        parts.append(_part("person", people.filter(pk=owner), name=PERSON_NAME))
    if role := re.fullmatch(r"role:([0-9]{1,9})", query.get("owner", "")):
        parts.append(_part("member", people.filter(groups=int(role[1])), name="pk"))
    for kind, model in (("company", Company), ("contact", Contact)):
        if pk := _chosen(query, kind):
            parts.append(_part(kind, model.objects.for_user(user, "view").filter(pk=pk)))
    return parts[0].union(*parts[1:], all=True)


def _part(kind: str, rows: Any, *, key: Any = "pk", name: Any = "name") -> Any:
    return rows.values_list(Value(kind), Cast(key, TextField()), Cast(name, TextField()))


def _chosen(query: QueryDict, name: str) -> str:
    value = query.get(name, "")
    return value if re.fullmatch(PATTERN, value) else ""


def _by_name(found: dict[str, str]) -> Choices:
    return sorted(found.items(), key=lambda choice: (choice[1].casefold(), choice[0]))
