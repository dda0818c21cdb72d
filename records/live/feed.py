"""The news of the change log, as they are committed: each change once, none lost, none before its commit.

NOTIFY only rings; what is new is read from the log. A reader that followed the ids of its rows would lose those of
transactions that commit late, and one that waited for the oldest transaction would be held up by it. So each look
remembers its snapshot, and the next one takes what this snapshot did not see: the rows of transactions that had not
begun or were still running. They come in the order of their ids, which for one record is the order of commits, because
a second writer of a row waits for the first before his trigger writes. What one transaction did to one record is one
change: nobody hears of a state that was never committed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import psycopg
from django.db import connection

from accounts.rights import BELL

PAGE = 200
"""Changes that are read at once, so that an import, or a batch of long texts, is never in memory as a whole."""
LOOK_SECONDS = 5.0
"""After so long without a ring a look is taken anyhow: a bell is no promise."""
_CONNECT_SECONDS = 5


@dataclass(frozen=True)
class Snapshot:
    """Which transactions had ended when a look was taken (pg_snapshot): all below `xmax` that were not `running`."""

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def read(cls, text: str) -> Snapshot:
        """Read PostgreSQL's text form, "xmin:xmax:id,id"."""
        low, high, running = text.split(":")
        return cls(int(low), int(high), frozenset(int(each) for each in running.split(",") if each))

    def sees(self, transaction: int) -> bool:
        """Tell whether a transaction that committed had done so before."""
        return transaction < self.xmax and transaction not in self.running


@dataclass(frozen=True)
class LoggedChange:
    """What a transaction did to a record; `id` is that of the last row of the log about it.

    `old_text` and `new_text` are the whole record as JSON, None where there was none.
    """

    id: int
    class_name: str
    object_id: str
    actor: str
    transaction: int
    old_text: str | None
    new_text: str | None

    @cached_property
    def old(self) -> dict[str, Any] | None:
        """The record before, its numbers as Decimal."""
        return _values(self.old_text)

    @cached_property
    def new(self) -> dict[str, Any] | None:
        """The record after."""
        return _values(self.new_text)


@dataclass(frozen=True)
class News:
    """What was committed between two looks. `people` have other rights than before; None among them is everybody.

    Now and then nothing was.
    Where there is more than a page, `people` come with the first one, so that rights are always ahead of what is told.
    """

    people: frozenset[str | None]
    changes: Sequence[LoggedChange]


class FeedLostError(Exception):
    """The database went away: what was committed until it is back is unknown to those who listened."""


class Feed:
    """One reader of the log with a connection of its own; `snapshot` is that of its last look."""

    def __init__(self) -> None:
        """Begin nowhere."""
        self.snapshot = Snapshot(0, 0, frozenset())
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def open(self) -> None:
        """Connect, listen, and take everything that is committed by now as known; raises FeedLostError."""
        try:
            self._connection = await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True)
            await self._connection.execute(f"LISTEN {BELL}")
            await self._connection.execute(_SESSION)
            cursor = await self._connection.execute("SELECT pg_current_snapshot()::text")
            row = await cursor.fetchone()
        except psycopg.Error as problem:
            await self.close()
            raise FeedLostError from problem
        self.snapshot = Snapshot.read(row[0]) if row else self.snapshot

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            link, self._connection = self._connection, None
            await link.close()

    async def news(self) -> AsyncGenerator[News]:
        """Give what is committed from now on, as soon as it is; raises FeedLostError when the database goes away."""
        try:
            while self._connection is not None:
                async for each in self._look(self._connection):
                    yield each
                await self._ring(self._connection)
        except psycopg.Error as problem:
            raise FeedLostError from problem

    async def _ring(self, link: psycopg.AsyncConnection[Any]) -> None:
        """Wait for the bell; those that rang during the last look are heard, too."""
        async for _ in link.notifies(timeout=LOOK_SECONDS, stop_after=1):
            pass

    async def _look(self, link: psycopg.AsyncConnection[Any]) -> AsyncIterator[News]:
        """Read what the last snapshot did not see, page by page, and remember this look's."""
        known = {"xmax": self.snapshot.xmax, "running": list(self.snapshot.running), "page": PAGE}
        rows = await (await link.execute(_LOOK, known, prepare=True)).fetchall()
        text, people = rows[0][:2]
        page = [LoggedChange(*row[2:]) for row in rows if row[2] is not None]
        yield News(frozenset(people), _told(page))
        if len(page) == PAGE:
            # PostgreSQL keeps the ids of the rest, so that each page costs the same.
            await psycopg.AsyncClientCursor(link).execute(_REST, known | {"snapshot": text, "last": page[-1].id})
            while page := await self._more(link):
                yield News(frozenset(), _told(page))
            await link.execute("CLOSE rest")
        self.snapshot = Snapshot.read(text)

    async def _more(self, link: psycopg.AsyncConnection[Any]) -> list[LoggedChange]:
        ids = await (await link.execute(f"FETCH {PAGE} FROM rest")).fetchall()
        pairs = {"last": [last for last, _ in ids], "first": [first for _, first in ids]}
        return [LoggedChange(*row) for row in await (await link.execute(_PAIRS, pairs)).fetchall()]


_SESSION = """
SET statement_timeout = '60s'; SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off
"""
"""The index on the transactions and one row after the other is always right, whatever PostgreSQL believes of a log that
grows all the time; planned once, for planning takes longer than looking."""
UNSEEN = "(transaction >= %(xmax)s OR transaction = ANY(%(running)s::bigint[]))"
RECORDS = "operation IN ('insert', 'update', 'delete')"
"""A grant is told by what it does to the record's readers, which is an update of its row."""
_IDS = f"""
SELECT max(id) AS last, min(id) AS first FROM (
    SELECT * FROM records_change WHERE transaction >= %(xmax)s
    UNION ALL SELECT * FROM records_change WHERE transaction = ANY(%(running)s::bigint[])) unseen
WHERE {RECORDS} GROUP BY transaction, class_name, object_id
"""
"""The ids are found and sorted alone, without the rows that they name."""


def changes(pairs: str, old: str = "o.old::text", new: str = "n.new::text") -> str:
    """SQL for the changes whose first and last rows the SQL `pairs` finds; `old` and `new` are what is read of them."""
    return (
        f"SELECT n.id, n.class_name, n.object_id, COALESCE(n.actor, ''), n.transaction, {old}, {new} "
        f"FROM ({pairs}) p JOIN records_change o ON o.id = p.first JOIN records_change n ON n.id = p.last ORDER BY n.id"
    )


_LOOK = f"""
SELECT s.snapshot, s.people, c.* FROM (
    SELECT pg_current_snapshot()::text AS snapshot,
        ARRAY(SELECT DISTINCT user_id FROM accounts_rightschange WHERE {UNSEEN}) AS people) s
LEFT JOIN ({changes(f"SELECT * FROM ({_IDS}) i ORDER BY i.last LIMIT %(page)s")}) c ON true ORDER BY c.id
"""
_REST = f"""
DECLARE rest NO SCROLL CURSOR WITH HOLD FOR SELECT i.last, i.first FROM ({_IDS}) i
JOIN records_change n ON n.id = i.last
WHERE i.last > %(last)s AND pg_visible_in_snapshot(n.transaction::text::xid8, %(snapshot)s::pg_snapshot)
ORDER BY i.last
"""
_PAIRS = changes("SELECT * FROM unnest(%(last)s::bigint[], %(first)s::bigint[]) i (last, first)")


def _told(changes: Sequence[LoggedChange]) -> list[LoggedChange]:
    """Leave out what came and went within a transaction."""
    return [each for each in changes if each.old_text is not None or each.new_text is not None]


def _values(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return values


def _parameters() -> dict[str, Any]:
    """Return how Django connects, as far as PostgreSQL is concerned."""
    settings = connection.get_connection_params()
    ours = ("cursor_factory", "context", "prepare_threshold")
    return {key: value for key, value in settings.items() if key not in ours} | {
        "application_name": "crm live",
        "connect_timeout": _CONNECT_SECONDS,
    }
