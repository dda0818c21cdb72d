"""The change log of a restored backup: its transactions are those of another database, and must count as long ago."""

from __future__ import annotations

from typing import Any

from django.db import connection

_AHEAD = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0)
WHERE to_regclass('records_change') IS NOT NULL AND to_regclass('accounts_rightschange') IS NOT NULL
"""
_UNBEGUN = """
transaction >= %(ahead)s AND transaction <> %(own)s
AND transaction >= (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
"""
"""The number is there twice: the first time it is known when PostgreSQL chooses the index, the second time exact."""
_AGE = "UPDATE records_change SET transaction = (SELECT least(min(transaction), 0) FROM records_change) - transaction"


def age_restored_changes() -> int:
    """Give changes of transactions that have not begun yet numbers below all others; return how many there were.

    PostgreSQL would reach those numbers one day, and readers of the log take them for news. Which changes belong
    together stays. Changes of people's rights are forgotten: whoever remembers rights began after the restoration.
    """
    with connection.cursor() as cursor:
        cursor.execute(_AHEAD)
        found = cursor.fetchone()
        if found is None:  # a database without tables yet
            return 0
        now = {"ahead": found[0], "own": found[1]}
        cursor.execute(f"DELETE FROM accounts_rightschange WHERE {_UNBEGUN}", now)  # noqa: S608
        cursor.execute(f"{_AGE} WHERE {_UNBEGUN}", now)
        aged: int = cursor.rowcount
    return aged


def after_migrate(**_: Any) -> None:
    """Do so whenever the database may be a restored one."""
    age_restored_changes()
