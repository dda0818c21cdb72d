"""How much a request may ask for, in depth, number and time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, DataError, InternalError, OperationalError, connection, transaction

from parse_api.errors import Code, ParseError

INCLUDE_DEPTH = 10
INCLUDES = 100
SUB_QUERY_DEPTH = 10
CONDITION_DEPTH = 10
"""$or, $and, $nor and $not within each other, those of sub-queries and around them counted together."""
CONDITIONS = 1_000
ROWS = 10_000
"""A larger limit counts as this."""
DEFAULT_ROWS = 100
ACL_ENTRIES = 100
"""More than any object needs; each costs two grants."""
AGGREGATE_STAGES = 20
BATCH = 100
"""Requests in one."""
MAX_PATTERN = 5_000
"""Characters of a regular expression."""
PATTERN_SIZE = 2 * MAX_PATTERN
"""Characters of one whose repetitions are written out. PostgreSQL needs the square of that in bytes."""
PATTERN_SECONDS = 0.8
"""How long PostgreSQL may work on a query with a regular expression."""
GRAPHQL_DEPTH = 20
GRAPHQL_FIELDS = 200
"""Fields of one operation, each as often as fragments bring it."""
GRAPHQL_SELECTIONS = 400
"""Fields and fragments as they are written in a document: what checking it costs."""
GRAPHQL_REPEATS = 20
"""How often one field may be shown of an object with all that it points at, under whatever names: text may be long."""
GRAPHQL_TOKENS = 5_000
GRAPHQL_CHARACTERS = 100_000
"""Of a document; its values may be in variables."""


@contextmanager
def within_time(seconds: float = PATTERN_SECONDS) -> Iterator[None]:
    """Let PostgreSQL work on each statement inside for so long at most.

    Within another transaction the limit from before holds again afterwards. Raises ParseError 102 when one took
    longer, or has a value or regular expression that PostgreSQL does not take.
    """
    is_nested = connection.in_atomic_block
    try:
        with transaction.atomic():
            before = _set_limit(f"{int(seconds * 1000)}ms")
            yield
            if is_nested:
                _set_limit(before)
    except (DataError, InternalError, OperationalError) as problem:
        message = _complaint(problem)
        if message is None:
            raise
        raise ParseError(Code.BAD_QUERY, message) from problem


def _complaint(problem: DatabaseError) -> str | None:
    """Return what is wrong with a query, None when it is not the query."""
    state = getattr(problem.__cause__, "sqlstate", "")
    if isinstance(problem, DataError) or state == INTERNAL_ERROR:
        return "The database does not take a value of this query."
    return "The query takes too long." if state == QUERY_CANCELED else None


def _set_limit(limit: str) -> str:
    """Limit the statements until the end of the transaction; return the limit from before."""
    setting = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(setting, [limit])
        before: str = cursor.fetchone()[0]
    return before


QUERY_CANCELED = "57014"
INTERNAL_ERROR = "XX000"
"""Among others, that a regular expression asks for more memory than PostgreSQL gives out at once."""
