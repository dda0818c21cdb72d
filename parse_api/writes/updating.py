"""Changes one record: holds it, checks what the body says against it, and writes it with its ACL."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from deals.models import Deal
from parse_api.access import rows_for
from parse_api.caller import Caller
from parse_api.classes import ParseClass
from parse_api.codecs import format_date, is_object_id, number
from parse_api.errors import Code, ParseError, not_found
from parse_api.queries.objects_sql import Sql
from parse_api.writes import stage_rules, writes_sql
from parse_api.writes.acl import grant, handed_over
from parse_api.writes.ownership import next_owner, owner_column
from parse_api.writes.pointers import visible
from parse_api.writes.updates import Acl, How, Write, columns_of, read_update
from parse_api.writes.writes_sql import refusals


def update(caller: Caller, parse_class: ParseClass, pk: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Write what a body says to a record; return the answer: updatedAt and what differs from what was sent.

    Raises ParseError: 105 and 121 for a key that can be none, then 101 for a record that is not there or not the
    caller's to change, then what else is wrong with the body.
    """
    try:
        write = read_update(parse_class, body)
    except ParseError as error:
        if error.code in (Code.BAD_KEY, Code.NESTED_KEY) or _may_change(caller, parse_class, pk):
            raise
        raise not_found() from error
    if not is_object_id(pk):
        raise not_found()
    values = write.columns()
    owner_at = owner_column(parse_class)
    before = writes_sql.lock(parse_class, caller, pk, _looked_at(write, values))
    owner, next_one = before[owner_at], next_owner(caller, write, before[owner_at])
    _check_pointers(caller, write, pk, before)
    if stage_rules.applies(parse_class, values):
        stage_rules.check(stage_rules.kinds(), before, before | values)
    added = _added(write)
    with refusals():
        after = writes_sql.update(parse_class, caller, pk, _assigned(write, values), ["updated_at", *added.values()])
    answer = {"updatedAt": format_date(after["updated_at"]), **write.rewritten()}
    sums = {name: _sum(name, after[column]) for name, column in added.items()}
    answer |= {name: told for name, told in sums.items() if after[added[name]] != before[added[name]]}
    return answer | _acl(write, pk, owner, next_one)


def _may_change(caller: Caller, parse_class: ParseClass, pk: str) -> bool:
    return is_object_id(pk) and rows_for(parse_class, caller, "change").filter(pk=pk).exists()


def _looked_at(write: Write, values: Mapping[str, Any]) -> list[str]:
    """Return the columns whose present values the checks need."""
    pointers = [column for name in write.pointers for column in write.parse_class.fields[name].columns]
    ruled = stage_rules.COLUMNS if stage_rules.applies(write.parse_class, values) else ()
    return list(dict.fromkeys([owner_column(write.parse_class), *pointers, *ruled, *_added(write).values()]))


def _check_pointers(caller: Caller, write: Write, pk: str, before: Mapping[str, Any]) -> None:
    """Refuse to point at what the caller does not see, unless the record that he sees does so already: 101."""
    seen = visible(caller, write.pointers.values())
    for name, pointer in write.pointers.items():
        if pointer not in seen:
            held = columns_of(write.parse_class.fields[name], pointer)
            if any(before[column] != value for column, value in held.items()):
                raise not_found()
            if not rows_for(write.parse_class, caller, "view").filter(pk=pk).exists():
                raise not_found()


def _added(write: Write) -> dict[str, str]:
    """Return the column of each number that is added to, by field."""
    fields = write.parse_class.fields
    return {name: fields[name].column for name, change in write.changes.items() if change.how is How.ADD}


def _assigned(write: Write, values: Mapping[str, Any]) -> dict[str, Sql]:
    """Return what becomes of each column, computed by the database where that goes by what is there."""
    found: dict[str, Sql] = {column: ("%s", (value,)) for column, value in values.items()}
    for name, column in _added(write).items():
        found[column] = f'COALESCE("{column}", 0) + %s', (write.changes[name].value,)
    if write.parse_class.model is Deal and "stage" in values:
        found["probability"] = (stage_rules.NEW_PROBABILITY, (values["stage"],))
    return found


def _sum(name: str, value: Decimal) -> Any:
    if not isfinite(float(value)):
        raise ParseError(Code.BAD_TYPE, f"{name} becomes more than a 64-bit float holds.")
    return number(value)


def _acl(write: Write, pk: str, owner: str | None, next_one: str | None) -> dict[str, Acl]:
    """Bring the grants in line with the ACL that was sent; return the ACL if it is not what the app thinks it is.

    When the owner changes, triggers have moved his rights, and the same is done to an ACL that was sent.
    """
    is_handed = owner != next_one
    if write.acl is None:
        return {"ACL": writes_sql.acl_of(write.parse_class, pk)} if is_handed else {}
    wanted = handed_over(write.acl, owner, next_one) if is_handed else write.acl
    kept = grant(write.parse_class, {pk: wanted})[pk]
    return {"ACL": kept} if kept != write.acl else {}
