"""The SQL that writes rows as the JSON of the wire, included objects within, each behind the gate."""

from __future__ import annotations

from typing import Any, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import Field, ParseClass
from parse_api.codecs import CODECS
from parse_api.queries.options import Selection

Sql: TypeAlias = tuple[str, tuple[Any, ...]]
"""A statement with its parameters."""


def rows_sql(rows: QuerySet[Any], selection: Selection) -> Sql:
    """Return the query of the columns that the selection needs; raises EmptyResultSet when there can be no row."""
    columns = selection.parse_class.columns_of(selection.names)
    text, params = rows.values_list(*columns).query.sql_with_params()
    return text, tuple(params)


def object_sql(selection: Selection, caller: Caller, row: str, *extra: str) -> Sql:
    """Return an expression for the JSON text of the row called `row`; fields without a value are left out.

    `concat_ws` leaves NULL out, and so needs no second pass as json_strip_nulls does.
    """
    parts = [f"'{each}'" for each in extra]
    params: list[Any] = []
    for name, field in selection.parse_class.fields.items():
        if name not in selection.names:
            continue
        if name in selection.included:
            value, more = _included(selection, name, caller, row)
        else:
            value, more = CODECS[field.kind].sql(field, row), ()
        value, more = guarded(selection.parse_class, field, caller, row, (value, more))
        parts.append(f"""'"{name}":' || {value}""")
        params += more
    return f"'{{' || concat_ws(',', {', '.join(parts)}) || '}}'", tuple(params)


def guarded(parse_class: ParseClass, field: Field, caller: Caller, row: str, value: Sql) -> Sql:
    """Return the expression of a field of the row called `row`, NULL where the caller may not see the field."""
    if not field.is_private or caller.is_master:
        return value
    who = caller.user.pk if caller.user is not None else ""
    return f'CASE WHEN {row}."{parse_class.id_column}" = %s THEN {value[0]} END', (who, *value[1])


def _included(selection: Selection, name: str, caller: Caller, row: str) -> Sql:
    """Return the object that a pointer names, NULL when the caller may not read it: fetched by its primary key.

    PostgreSQL may not look it up in another way: a subquery for one value is asked row by row.
    """
    found, params = [], []
    for target, inner in selection.included[name].items():
        column = selection.parse_class.fields[name].targets[target]
        try:
            text, more = named_row(inner, caller, f'{row}."{column}"')
        except EmptyResultSet:
            continue
        deeper = f"{row}x"
        tags = ('"__type":"Object"', f'"className":"{target}"')
        made, most = object_sql(inner, caller, deeper, *tags)
        found.append(f"(SELECT {made} FROM ({text}) {deeper})")  # noqa: S608
        params += [*most, *more]
    return f"COALESCE({', '.join(found)})" if found else "NULL", tuple(params)


def named_row(selection: Selection, caller: Caller, pointer: str) -> Sql:
    """Return the query of the row whose id the expression `pointer` gives, if the caller may read it."""
    rows = rows_for(selection.parse_class, caller, "view").filter(pk=RawSQL(pointer, ()))  # noqa: S611
    return rows_sql(rows, selection)
