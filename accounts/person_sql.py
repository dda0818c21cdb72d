"""A person with his roles and permissions, which nearly every request asks for, in one statement instead of three."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection

from accounts.models import User

_ROLES_AND_PERMISSIONS = """
    ARRAY(SELECT g.id FROM held JOIN auth_group g USING (id) ORDER BY g.id),
    ARRAY(SELECT g.name FROM held JOIN auth_group g USING (id) ORDER BY g.id),
    ARRAY(SELECT t.app_label || '.' || p.codename
        FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE p.id IN (SELECT permission_id FROM auth_group_permissions JOIN held ON held.id = group_id
            UNION SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = found.u_id))
"""


@cache
def user_columns() -> list[str]:
    """Return the columns of a person, in the order in which `read_person` takes them."""
    return [field.attname for field in User._meta.concrete_fields]


def with_rights(found: str) -> str:
    """Return a statement for the row of `found` with roles and permissions behind it.

    `found` is a SELECT of one row at most, in which the person's columns begin with "u_".
    """
    return f"""
        WITH RECURSIVE found AS ({found}), held (id) AS (
            SELECT m.group_id FROM accounts_user_groups m JOIN found ON m.user_id = u_id
            UNION SELECT c.from_role_id FROM accounts_role_children c JOIN held ON held.id = c.to_role_id
        ) SELECT found.*, {_ROLES_AND_PERMISSIONS} FROM found"""


def read_person(values: Sequence[Any]) -> User:
    """Make a person of his columns, roles and permissions: none of them is asked for again."""
    *columns, group_ids, group_names, permissions = values
    user = User.from_db("default", user_columns(), columns)
    user.acl = json.loads(user.acl)
    user.role_names = dict(zip(group_ids, group_names, strict=True))
    if not user.is_superuser:
        user._perm_cache = set(permissions)  # type: ignore[attr-defined]
    return user


def person_with(pk: object) -> User | None:
    """Return the person of an objectId, None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_person(), [str(pk)])
        row = cursor.fetchone()
    if row is None:
        return None
    snapshot, *values = row
    person = read_person(values)
    person.snapshot = snapshot
    return person


@cache
def _person() -> str:
    columns = ", ".join(f"u.{name} AS u_{name}" for name in user_columns())
    found = with_rights(f"SELECT {columns} FROM accounts_user u WHERE u.id = %s")
    return f"SELECT pg_current_snapshot()::text, person.* FROM ({found}) person"
