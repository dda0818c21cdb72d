"""The rows of the change log between two moments, a stretch at a time, and who could see a record before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from records.live.sight import Sight
from records.moments import Moment

_LOOK = """
SELECT c.transaction, c.id, c.class_name, c.object_id,
    c.class_name = ANY(%(classes)s) AND c.operation IN ('insert', 'update', 'delete') AND (
    c.class_name = ANY(%(whole)s) OR jsonb_exists_any(c.new -> 'readers', %(keys)s)
    OR jsonb_exists_any(c.old -> 'readers', %(keys)s)) IS TRUE
FROM unnest(%(lows)s::bigint[], %(rows)s::bigint[], %(highs)s::bigint[]) stretch(low, row, high) CROSS JOIN LATERAL (
    SELECT transaction, id, class_name, object_id, operation, old, new FROM records_change
    WHERE (transaction, id) > (stretch.low, stretch.row) AND transaction <= stretch.high
    ORDER BY transaction, id LIMIT %(most)s
) c ORDER BY c.transaction, c.id LIMIT %(most)s
"""
"""With another lower bound on the transaction beside, PostgreSQL may begin at the lower one of the two.

What a grant does to its record is an update of this, in a row of its own.
"""
_COUNT = """
SELECT count(*) FROM (
    SELECT FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) stretch(low, high) CROSS JOIN LATERAL (
        SELECT FROM records_change WHERE transaction BETWEEN stretch.low AND stretch.high
        ORDER BY transaction, id LIMIT %(most)s
    ) c LIMIT %(most)s
) found
"""
_LOST = """
SELECT DISTINCT c.class_name, c.object_id FROM records_change c
WHERE c.id = ANY(%(rows)s) AND c.operation IN ('update', 'delete')
    AND (c.class_name = ANY(%(whole)s) OR jsonb_exists_any(c.old -> 'readers', %(keys)s))
    AND NOT EXISTS (SELECT FROM records_change b WHERE b.class_name = c.class_name AND b.object_id = c.object_id
        AND b.id < c.id AND b.transaction = c.transaction AND b.operation IN ('insert', 'update', 'delete'))
"""
_BEFORE = (-(2**63), 0)


class Seen(NamedTuple):
    """A row of the log; `is_his`: it is of a record that he who looks could see before or after it."""

    transaction: int
    row: int
    class_name: str
    object_id: str
    is_his: bool

    @property
    def record(self) -> tuple[str, str]:
        """Its class and objectId."""
        return self.class_name, self.object_id


@dataclass(frozen=True)
class Window:
    """The rows of the transactions in these stretches, each from its first to its last, after the place `at`."""

    stretches: tuple[tuple[int, int], ...]
    at: tuple[int, int] = _BEFORE

    @property
    def is_empty(self) -> bool:
        """Tell whether there can be no row."""
        return not self.stretches

    def look(self, sight: Sight, classes: Iterable[str], most: int) -> list[Seen]:
        """Return the next `most` rows in the order of their places; those of other classes are nobody's."""
        left = [(max(low, self.at[0]), high) for low, high in self.stretches if high >= self.at[0]]
        places: dict[str, Any] = {
            "lows": [low for low, _ in left],
            "rows": [self.at[1] if low == self.at[0] else 0 for low, _ in left],
            "highs": [high for _, high in left],
            "most": most,
        }
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, places | _params(sight, classes))
            return [Seen(*row) for row in cursor.fetchall()]

    def after(self, seen: Seen) -> Window:
        """Return what is left after a row."""
        return replace(self, at=(seen.transaction, seen.row))

    def has_more_than(self, rows: int) -> bool:
        """Tell whether the whole window has more rows."""
        places: dict[str, Any] = {
            "lows": [low for low, _ in self.stretches],
            "highs": [high for _, high in self.stretches],
            "most": rows + 1,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, places)
            found: int = cursor.fetchone()[0]
        return found > rows


def between(since: Moment, until: Moment, mine: tuple[int, ...] = ()) -> Window:
    """Return what is new at one moment to who stood at another; it may have rows that are new to him later, too.

    `mine` are transactions of the caller that are not done: they are shown again each time. Others that run are left
    out: PostgreSQL would look at each of their rows, only to see that nobody may see it yet.
    """
    apart = {*(each for each in since.running if each not in until.running), *mine}
    walls = [since.last, *(each for each in until.running if since.last < each <= until.last), until.last + 1]
    gaps = [(low + 1, high - 1) for low, high in pairwise(walls) if low + 1 < high]
    return Window(tuple(sorted([*((each, each) for each in apart), *gaps])))


def lost(rows: Iterable[int], sight: Sight) -> set[tuple[str, str]]:
    """Return class and objectId of the records that he who looks could see before one of these rows of the log.

    What a record was between two statements of one transaction nobody could see.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"rows": list(rows)} | _params(sight, ()))
        return set(cursor.fetchall())


def _params(sight: Sight, classes: Iterable[str]) -> dict[str, Any]:
    return {"whole": sorted(sight.sees_all), "keys": sorted(sight.keys), "classes": list(classes)}
