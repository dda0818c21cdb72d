"""The SQL that writes records: one statement for any number of new ones, and one for an update behind the gate."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, connection
from psycopg.errors import CheckViolation

from parse_api.caller import Caller
from parse_api.classes import CLASSES, ParseClass
from parse_api.codecs import Pointer, is_object_id
from parse_api.errors import Code, ParseError, not_found
from parse_api.gates import ids_for
from parse_api.identity import look_again
from parse_api.prepared import all_rows, first_row
from parse_api.queries.objects_sql import Sql
from parse_api.writes.updates import Acl


class New(NamedTuple):
    """A record that was made: its id, when, and the ACL that its owner got."""

    object_id: str
    created_at: datetime
    acl: Acl


def insert(parse_class: ParseClass, new: Sequence[Mapping[str, Any]]) -> dict[str, New]:
    """Insert rows, each with values by column, and return by id what the database made of them."""
    columns = list(dict.fromkeys(column for row in new for column in row))
    values = ", ".join(f"({', '.join('%s' if column in row else 'DEFAULT' for column in columns)})" for row in new)
    query = f"INSERT INTO {table(parse_class)} ({_names(columns)}) VALUES {values} RETURNING id, created_at, acl"  # noqa: S608
    run = all_rows if len(new) == 1 else rows  # of many there are too many texts to keep
    made = run(query, [row[column] for row in new for column in columns if column in row])
    return {pk: New(pk, created_at, json.loads(acl)) for pk, created_at, acl in made}


def allowed(caller: Caller, pointers: Iterable[Pointer], action: str) -> set[Pointer]:
    """Return those of the pointers that name a record which the caller may "view", or "delete"; one query for all.

    Of people only those who may sign in, as in the pages, but with the master key.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for class_name, pk in pointers:
        if is_object_id(pk):
            named[class_name].add(pk)
    parts, params = [], list[Any]()
    for class_name in sorted(named):
        found = ids_for(CLASSES[class_name], caller, action)
        if found is not None:
            held = f"{table(CLASSES[class_name])} WHERE id = ANY(%s) AND id IN ({found[0]})"
            active = " AND is_active" if class_name == "_User" and not caller.is_master else ""
            parts.append(f"SELECT '{class_name}', id FROM {held}{active}")  # noqa: S608
            params += [sorted(named[class_name]), *found[1]]
    return {Pointer(*row) for row in all_rows(" UNION ALL ".join(parts), params)} if parts else set()


def lock(
    parse_class: ParseClass, caller: Caller, pk: str, columns: Sequence[str], action: str = "change"
) -> dict[str, Any]:
    """Hold a record that the caller may change, or delete, until the transaction ends; return these columns.

    Raises ParseError 101. After a wait for whoever holds it, what the caller may do is learnt anew.
    """
    text, params = _open_to(parse_class, caller, action)
    strength = "FOR UPDATE" if action == "delete" else "FOR NO KEY UPDATE"
    query = f"SELECT {_names(columns)} FROM {table(parse_class)} WHERE {text} {strength}"  # noqa: S608
    row = first_row(f"{query} SKIP LOCKED", [pk, *params], keeps_plan=True)
    if row is not None:
        return dict(zip(columns, row, strict=True))
    held = _one(columns, query, [pk, *params])
    look_again(caller)
    return held


def update(
    parse_class: ParseClass, caller: Caller, pk: str, values: Mapping[str, Sql], returning: Sequence[str]
) -> dict[str, Any]:
    """Write SQL to columns of a record that the caller holds; return some columns as they are now. ParseError 101.

    The gate is asked again: whoever held the record before may have taken the right away.
    """
    text, params = _open_to(parse_class, caller)
    parts = [f'"{column}" = {value}' for column, (value, _params) in values.items()] or ["updated_at = updated_at"]
    query = (
        f"UPDATE {table(parse_class)} SET {', '.join(parts)} WHERE {text} "  # noqa: S608
        f"RETURNING {_names(returning)}"
    )
    return _one(returning, query, [*(each for _value, more in values.values() for each in more), pk, *params])


def acl_of(parse_class: ParseClass, object_id: str) -> Acl:
    """Return the ACL of a record that was just written, which triggers have made what its grants are."""
    [(acl,)] = rows(f"SELECT acl FROM {table(parse_class)} WHERE id = %s", [object_id])  # noqa: S608
    found: Acl = json.loads(acl)
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """Answer 142 to what a constraint refuses, 111 to a value that the database cannot hold."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, CheckViolation):
            raise
        rule = (error.__cause__.diag.constraint_name or "").replace("_", " ")
        raise ParseError(Code.INVALID, f"A value breaks the rule: {rule}.") from error
    except DataError as error:
        raise ParseError(Code.BAD_TYPE, "A value cannot be stored.") from error


def _open_to(parse_class: ParseClass, caller: Caller, action: str = "change") -> Sql:
    """Return the condition that a record has some id and is the caller's to change, and its parameters but the id."""
    found = ids_for(parse_class, caller, action)
    if found is None:
        raise not_found()
    return f"id = %s AND id IN ({found[0]})", found[1]


def _one(columns: Sequence[str], text: str, params: Sequence[Any]) -> dict[str, Any]:
    row = first_row(text, params, keeps_plan=True)
    if row is None:
        raise not_found()
    return dict(zip(columns, row, strict=True))


def rows(text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return list(cursor.fetchall())


def table(parse_class: ParseClass) -> str:
    """Return the table of a class, quoted."""
    return connection.ops.quote_name(parse_class.model._meta.db_table)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
