"""How much a request may ask for, in depth, number and time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DataError, OperationalError, connection, transaction

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
MAX_PATTERN = 5_000
"""Characters of a regular expression."""
PATTERN_SECONDS = 0.8
"""How long PostgreSQL may work on a query with a regular expression."""


@contextmanager
def within_time(seconds: float = PATTERN_SECONDS) -> Iterator[None]:
    """Let PostgreSQL work on each statement inside for so long at most.

    Raises ParseError 102 when one took longer, or has a value or regular expression that PostgreSQL does not take.
    """
    is_nested = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            yield
            if is_nested:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except DataError as problem:
        raise ParseError(Code.BAD_QUERY, "The database does not take a value of this query.") from problem
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != QUERY_CANCELED:
            raise
        raise ParseError(Code.BAD_QUERY, "The query takes too long.") from problem


QUERY_CANCELED = "57014"
