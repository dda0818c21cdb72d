"""The SQL that writes rows as the JSON that a shape asks for: the columns that are selected and no others."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import INSTALLATION, SESSION, Kind, ParseClass
from parse_api.codecs import CODECS
from parse_api.graphql.plans import Connection, Part, Shape
from parse_api.models import Installation
from parse_api.people import sessions
from parse_api.queries.conditions import Node
from parse_api.queries.find import list_sql
from parse_api.queries.objects_sql import Sql, guarded, named_row, rows_sql
from parse_api.queries.options import Order, Selection

ROW, NODE, LATE = "\x1e", "\x1f", "\x1d"
"""What stands between rows, between the parts of a row, and around what Python makes; JSON text has none of them."""
_NULL: Sql = ("NULL", ())
_GROUP = 50
"""Fields that are joined at once: a function of PostgreSQL has 100 arguments at most, and `||` copies all that is left
of it again and again."""


@dataclass(frozen=True)
class Page:
    """Rows of a list: those of one page of it, and how many there are without it."""

    connection: Connection
    order: Order = ()
    limit: int = 0
    skip: int = 0
    is_counted: bool = False
    is_remembered: bool = True


@dataclass(frozen=True)
class One:
    """One object, by its id; `is_new`: the caller has just made it, and knows what is in it, whoever may read it."""

    shape: Shape
    is_new: bool = False
    is_remembered: bool = True


def readable(parse_class: ParseClass, caller: Caller) -> QuerySet[Any]:
    """Return the rows of any class that the caller may read; raises ParseError 209 for sessions without a session.

    Whoever knows the id of a device may read it: who may list devices, `connections` knows.
    """
    if parse_class is SESSION:
        return sessions.visible(caller)
    if parse_class is INSTALLATION:
        return Installation.objects.all()
    return rows_for(parse_class, caller, "view")


def page_sql(page: Page, condition: Node, caller: Caller) -> Sql:
    """Return the statement of two values: rows with ROW between, each its id and nodes with NODE between; a count."""
    connection = page.connection
    rows = readable(connection.parse_class, caller).filter(condition.sql(caller))
    names = frozenset[str]().union(*(shape.selection.names for shape in connection.shapes))
    selection = Selection(connection.parse_class, names)
    return list_sql(rows, page, selection, partial(_row_sql, connection, caller), f"chr({ord(ROW)})")


def one_sql(one: One, condition: Node, caller: Caller) -> Sql:
    """Return the statement of an object."""
    reader = Caller(is_master=True) if one.is_new else caller
    rows = readable(one.shape.parse_class, reader).filter(condition.sql(caller))
    text, params = rows_sql(rows, one.shape.selection)
    made, more = shape_sql(one.shape, caller, "t0")
    return f"SELECT {made} FROM ({text}) t0", (*more, *params)  # noqa: S608


def _row_sql(connection: Connection, caller: Caller) -> Sql:
    made = [f't0."{connection.parse_class.id_column}"']
    params: list[Any] = []
    for shape in connection.shapes:
        text, more = shape_sql(shape, caller, "t0")
        made.append(text)
        params += more
    return f"concat_ws(chr({ord(NODE)}), {', '.join(made)})", tuple(params)


def shape_sql(shape: Shape, caller: Caller, row: str) -> Sql:
    """Return an expression for the JSON text of the row called `row`; fields without a value are null."""
    parts: list[str] = []
    params: list[Any] = []
    for part in shape.parts:
        value, more = _part_sql(shape, part, caller, row)
        parts.append(f"""'"{part.key}":' || COALESCE({value}, 'null')""")
        params += more
    groups = [f"concat_ws(',', {', '.join(parts[n : n + _GROUP])})" for n in range(0, len(parts), _GROUP)]
    return (f"concat('{{', concat_ws(',', {', '.join(groups)}), '}}')" if parts else "'{}'"), tuple(params)


def _part_sql(shape: Shape, part: Part, caller: Caller, row: str) -> Sql:
    if part.name == "__typename":
        return f"""'"{shape.type_name}"'""", ()
    id_sql = f'{row}."{shape.parse_class.id_column}"'
    if part.name == "id":
        return f"""'"' || {_global_id_sql(shape.parse_class, id_sql)} || '"'""", ()
    if part.stored is None:
        return _unstored_sql(shape.parse_class, part.name, caller, row)
    if part.stored.kind is Kind.RELATION:
        return _late_sql(part, id_sql), ()
    if part.shapes:
        value = _pointer_sql(part, caller, row)
    else:
        kind = Kind.STAMP if part.stored.kind is Kind.DATE else part.stored.kind  # a Date is plain text here
        value = CODECS[kind].sql(part.stored, row), ()
    if part.late is not None:
        value = _late_sql(part, value[0]), value[1]
    return guarded(shape.parse_class, part.stored, caller, row, value)


def _global_id_sql(parse_class: ParseClass, id_sql: str) -> str:
    """Return the expression of a global id; the beginning is the same for all of a class as far as base64 goes."""
    name = f"{parse_class.name}:"
    fixed = len(name) // 3 * 3
    known = b64encode(name[:fixed].encode()).decode()
    return f"'{known}' || encode(convert_to('{name[fixed:]}' || {id_sql}, 'UTF8'), 'base64')"


def _late_sql(part: Part, value: str) -> str:
    """Return the expression of what `late` finds: the place of the part, and what it is made of."""
    mark = f"chr({ord(LATE)})"
    return f"{mark} || '{part.late}' || chr({ord(NODE)}) || {value} || {mark}"


def _pointer_sql(part: Part, caller: Caller, row: str) -> Sql:
    """Return the object that a pointer names, NULL when the caller may not read it: fetched by its primary key."""
    found, params = [], []
    targets = part.stored.targets if part.stored is not None else {}
    for target, shape in part.shapes.items():
        try:
            text, more = named_row(shape.selection, caller, f'{row}."{targets[target]}"')
        except EmptyResultSet:
            continue
        made, most = shape_sql(shape, caller, f"{row}x")
        found.append(f"(SELECT {made} FROM ({text}) {row}x)")  # noqa: S608
        params += [*most, *more]
    return (f"COALESCE({', '.join(found)})", tuple(params)) if found else _NULL


def _unstored_sql(parse_class: ParseClass, name: str, caller: Caller, row: str) -> Sql:
    """Return the expression of a field without a column: the token of the session that asks, or an app's own field."""
    if parse_class is INSTALLATION:
        return f"""({row}."more"->'{name}')::text""", ()
    if parse_class is SESSION and name == "sessionToken" and caller.session is not None:
        return f'CASE WHEN {row}."id" = %s THEN to_json(%s::text)::text END', (caller.session.pk, caller.token)
    return _NULL
