"""What of the change log somebody knows, in a few numbers, so that what is new to him can be found without a gap.

Transactions commit in another order than they begin and write in, so no row is the last that a reader knows: he knows
every row of the transactions up to the last one that he saw something of, but for those that were still running.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.db import connection

_NOW = """
WITH snapshot AS MATERIALIZED (
    SELECT pg_snapshot_xmax(s)::text::bigint AS ahead, pg_current_xact_id_if_assigned()::text::bigint AS own,
        ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(s) x) AS running
    FROM pg_current_snapshot() s
)
SELECT {database}, coalesce(last.transaction, 0), s.running, s.own, coalesce(last.id, 0), coalesce(last.written_at, 0)
FROM snapshot s LEFT JOIN LATERAL (
    SELECT found.* FROM (
        SELECT edge, lead(edge, 1, s.ahead) OVER (ORDER BY edge) AS next
        FROM unnest(s.running || s.own || -9223372036854775808) edge WHERE edge IS NOT NULL
    ) gap CROSS JOIN LATERAL (
        SELECT transaction, id, (extract(epoch FROM created_at) * 1000000)::bigint AS written_at FROM records_change
        WHERE transaction > gap.edge AND transaction < gap.next ORDER BY transaction DESC, id DESC LIMIT 1
    ) found ORDER BY found.transaction DESC LIMIT 1
) last ON true
"""
"""Looks between the running transactions: rows that these have written are many, when it is an import."""
_IS_KNOWN = """
SELECT {database} = %s AND (%s = 0 OR EXISTS (SELECT FROM records_change
    WHERE id = %s AND transaction = %s AND (extract(epoch FROM created_at) * 1000000)::bigint = %s))
"""


@dataclass(frozen=True)
class Moment:
    """Every row of the log of a `database` is known up to the transaction `last`, but those of the `running` ones.

    `last` wrote a row that could be seen, so PostgreSQL has it on disk and gives its number, and lower ones, to no
    other transaction, even after a crash. `row` and `written_at` (microseconds) tell that row from any other.
    """

    database: str
    last: int
    running: tuple[int, ...]
    row: int
    written_at: int

    def is_known(self) -> bool:
        """Tell whether this is the database, and still has the last row: not so when it is in a state from before."""
        with connection.cursor() as cursor:
            cursor.execute(
                _IS_KNOWN.format(database=_database()), [self.database, self.row, self.row, self.last, self.written_at]
            )
            found: bool = cursor.fetchone()[0]
        return found


def now() -> tuple[Moment, tuple[int, ...]]:
    """Return what a statement sees at this moment, and the transaction that the caller is in, if it has written.

    That one is among the running ones: it may go on, or be rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOW.format(database=_database()))
        database, last, running, own, row, written_at = cursor.fetchone()
    mine = () if own is None else (own,)
    open_ones = {each for each in running if each < last} | set(mine)
    return Moment(database, last, tuple(sorted(open_ones)), row, written_at), mine


@cache
def _database() -> str:
    """Return SQL for what tells this database from others, such as the one that its backup was restored into.

    Everybody may ask for the number of the cluster, unless that right was taken away.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        may_ask = cursor.fetchone()[0]
    cluster = "(SELECT system_identifier FROM pg_control_system())" if may_ask else "''"
    return f"md5(concat({cluster}, '/', (SELECT oid FROM pg_database WHERE datname = current_database())))"  # noqa: S608
