"""Runs SQL whose text stays the same from request to request: its values go to PostgreSQL apart from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import NotSupportedError, OperationalError, connection
from psycopg.errors import FeatureNotSupported


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Has PostgreSQL keep the statement, read and planned, for as long as the connection lasts."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> _Prepared:
        """Run it."""
        return super().execute(query, params, prepare=True)


_PLANNED_ANEW = " WHERE %s OR (SELECT count(*) FROM generate_series(1, 1000000000)) > 0"
"""True, and PostgreSQL sees so at once when it plans for a known value; a plan for any value would cost a fortune.

So it reads a statement once and plans it each time: which index serves depends on how much the person may see. (The
setting plan_cache_mode is for all statements of a session alike.)
"""


def first_row(text: str, params: Sequence[Any], *, keeps_plan: bool) -> tuple[Any, ...] | None:
    """Return the first row of a statement, None without one.

    `keeps_plan` is for statements with one good plan, whatever their values: what finds rows by a unique key. Others
    are a SELECT of subqueries, without a FROM of its own.
    """
    if not keeps_plan:
        text, params = text + _PLANNED_ANEW, (*params, True)
    found = all_rows(text, params)
    return found[0] if found else None


def all_rows(text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement with one good plan."""
    try:
        return _rows(text, params)
    except NotSupportedError as problem:
        if not isinstance(problem.__cause__, FeatureNotSupported):
            raise
        if connection.in_atomic_block:
            raise OperationalError(*problem.args) from problem.__cause__
    _forget_all()
    return _rows(text, params)


def link() -> Any:
    """Return psycopg's connection of this thread, a new one if the last was lost."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.connection


def _forget_all() -> None:
    """Forget the statements that are kept: a column is of another type than when one of them was read.

    In a transaction that failed by it, the rollback does so, and records.log has the transaction run again.
    """
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def _rows(text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    raw: Any = _Prepared(link())
    found: list[tuple[Any, ...]]
    if connection.queries_logged or connection.execute_wrappers:
        wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
        with wrap(raw) as cursor:
            cursor.execute(text, params)
            found = cursor.fetchall()
        return found
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, raw:  # what is left of Django's cursor when nobody watches
        found = raw.execute(text, params).fetchall()
    return found
