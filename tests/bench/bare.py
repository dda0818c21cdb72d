"""Tables without triggers, foreign keys and indexes while rows are poured in; put back afterwards as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

Restore = Callable[[str], None]

_INDEXES = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    WHERE i.indrelid = %s::regclass AND k.oid IS NULL
"""
_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC
"""


def execute(sql: str, parameters: list[str] | None = None) -> list[tuple[str, ...]]:
    """Run one statement; return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def bare(tables: list[str]) -> Iterator[Restore]:
    """Strip the tables for the length of the block; the yielded function gives one back its indexes before the end."""
    later: dict[str, list[str]] = {table: _strip(table) for table in tables}

    def restore(table: str) -> None:
        for statement in [statement for statement in later[table] if "FOREIGN KEY" not in statement]:
            execute(statement)
            later[table].remove(statement)
        execute(f"ANALYZE {table}")

    yield restore
    for table in tables:
        restore(table)
    for table in tables:
        for statement in later[table]:
            execute(statement)
        execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _strip(table: str) -> list[str]:
    """Take everything off; return the statements that put it back."""
    execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    constraints, indexes = execute(_CONSTRAINTS, [table]), execute(_INDEXES, [table])
    for name, _ in constraints:
        execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        execute(f'DROP INDEX "{name}"')
    added = [f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' for name, definition in constraints]
    return [definition for _, definition in indexes] + added
