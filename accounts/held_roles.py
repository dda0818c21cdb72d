"""Which roles a person has: those he is a member of, and every role that has one of these as a child.

Members of a child role have the rights of its parents (CONTRACT.md, section 15), parents of parents included. A circle
of roles is harmless: each is looked at once.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.expressions import RawSQL

_HELD = """
WITH RECURSIVE held (id) AS (
  SELECT group_id FROM accounts_user_groups WHERE user_id = %s
  UNION SELECT c.from_role_id FROM accounts_role_children c JOIN held h ON h.id = c.to_role_id)
SELECT id FROM held
"""
_GIVING = """
WITH RECURSIVE giving (id) AS (
  SELECT group_id FROM auth_group_permissions WHERE permission_id <> ALL (%s)
  UNION SELECT c.to_role_id FROM accounts_role_children c JOIN giving g ON g.id = c.from_role_id)
SELECT id FROM giving
"""
_HAVING = """
WITH RECURSIVE having_it (id) AS (
  SELECT %s::int
  UNION SELECT c.to_role_id FROM accounts_role_children c JOIN having_it h ON h.id = c.from_role_id)
SELECT id FROM having_it
"""


def held_by(user_id: str | None) -> RawSQL:
    """Return the ids of the groups that a person has, for an `__in`."""
    return RawSQL(_HELD, (user_id,))  # noqa: S611 - a parameter


def having(group_id: int) -> RawSQL:
    """Return the ids of a group and of those whose members have it as well, for an `__in`."""
    return RawSQL(_HAVING, (group_id,))  # noqa: S611 - a parameter


def giving_more_than(permission_ids: Collection[int]) -> RawSQL:
    """Return the ids of the groups whose members have a permission besides these, for an `__in`."""
    return RawSQL(_GIVING, (list(permission_ids),))  # noqa: S611 - a parameter
