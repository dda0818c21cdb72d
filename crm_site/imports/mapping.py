"""Reads a mapping file, which says what the columns of a source mean. docs/import.md describes it."""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_site.imports.classes import CLASSES, Target
from crm_site.imports.errors import MappingError
from crm_site.imports.expression import Expression, Owner, Pointer, read_expression
from crm_site.imports.source import ENCODINGS
from crm_site.imports.tables import Table
from crm_site.imports.values import Notation

MAX_BYTES = 1_000_000
_TOP = ("source", "class", "key", "file", "replace", "fields", "related", "owner", "history")
_FILE = ("encoding", "delimiter", "date", "decimal", "thousands", "time_zone", "empty")


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says."""

    source: str
    target: Target
    key: tuple[str, ...]
    encoding: str
    delimiter: str
    notation: Notation
    empty: tuple[str, ...]
    replace: dict[str, dict[str, str]]
    fields: dict[str, Expression]
    pointers: tuple[Pointer, ...]
    owner: Owner
    history: dict[str, Expression]

    def check_columns(self, header: list[str]) -> None:
        """Refuse to go on when the file lacks a column that the mapping names."""
        for place, column in self._columns():
            if column not in header:
                raise MappingError(f"{place}: the file has no column {column!r}. It has {', '.join(header)}.")

    def _columns(self) -> Iterator[tuple[str, str]]:
        yield from (("key", column) for column in self.key)
        yield from (("replace", column) for column in self.replace)
        expressions = [*self.fields.values(), *self.history.values(), self.owner.expression]
        for pointer in self.pointers:
            expressions += [pointer.expression, *pointer.fields.values()]
        for expression in expressions:
            yield from ((expression.place, column) for column in expression.used_columns())


def read_mapping(path: Path) -> Mapping:
    """Read the file; MappingError says where it is wrong."""
    if path.stat().st_size > MAX_BYTES:
        raise MappingError(f"{path}: larger than {MAX_BYTES:,} bytes.")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: {error}") from error
    top = Table(raw, "mapping", _TOP)
    target = CLASSES[top.text("class", choices=tuple(CLASSES))]
    key, source = top.texts("key"), top.text("source")
    if not key or not source:
        raise MappingError(
            "mapping: `source` (a name for where the data comes from) and `key` (the column or columns that tell its "
            "rows apart) are needed: they make it safe to repeat the import."
        )
    file = Table(top.table("file"), "file", _FILE)
    return Mapping(
        source=source,
        target=target,
        key=key,
        encoding=file.text("encoding", "utf-8", ENCODINGS),
        delimiter=_delimiter(file),
        notation=_notation(file),
        empty=file.texts("empty"),
        replace=_replace(top),
        fields=_fields(top.table("fields"), target, "fields"),
        pointers=tuple(_pointers(top.table("related"), target)),
        owner=_owner(top.table("owner")),
        history=_history(top.table("history"), target),
    )


def _delimiter(file: Table) -> str:
    delimiter = file.text("delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n\0 ':
        raise MappingError("file.delimiter: this must be one character, as ',' or ';' or '\\t'.")
    return delimiter


def _notation(file: Table) -> Notation:
    notation = Notation(
        date=file.text("date", "iso"),
        decimal=file.text("decimal", ".", (".", ",")),
        thousands=file.text(
            "thousands", "", ("", ".", ",", " ", "'", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")
        ),
        time_zone=file.text("time_zone", "UTC"),
    )
    if notation.decimal == notation.thousands:
        raise MappingError("file.thousands: this cannot be the decimal sign.")
    if notation.time_zone not in zoneinfo.available_timezones():
        raise MappingError(f"file.time_zone: {notation.time_zone!r} is no time zone.")
    return notation


def _replace(top: Table) -> dict[str, dict[str, str]]:
    columns = top.table("replace")
    table = Table(columns, "replace", tuple(columns))
    return {column: table.map(column) for column in columns}


def _fields(raw: dict[str, Any], target: Target, place: str, pointed: bool = False) -> dict[str, Expression]:  # noqa: FBT001, FBT002
    table = Table(raw, place, tuple(target.fields))
    if missing := [] if pointed else [name for name in target.required if name not in table.raw]:
        raise MappingError(f"{place}: a {target.name} needs {' and '.join(missing)}.")
    return {name: read_expression(value, f"{place}.{name}") for name, value in table.raw.items()}


def _pointers(raw: dict[str, Any], target: Target) -> Iterator[Pointer]:
    table = Table(raw, "related", target.pointers)
    for name in table.raw:
        pointed, place = target.pointed_at(name), f"related.{name}"
        extra = ("match", "missing", "source", "fields")
        rules = Table(table.table(name), place, ("column", "template", "value", "map", "otherwise", "date", *extra))
        match = rules.text("match", "name", _matches(pointed))
        yield Pointer(
            name,
            read_expression(rules.raw, place, extra),
            match=match,
            missing=rules.text("missing", "error", ("error", "empty", *(("make",) if match != "key" else ()))),
            source=rules.text("source"),
            fields=_fields(rules.table("fields"), pointed, f"{place}.fields", pointed=True),
        )
        if (match == "key") != bool(rules.text("source")):
            raise MappingError(f"{place}: `source` belongs to match = 'key': the source of the import that made them.")


def _matches(pointed: Target) -> tuple[str, ...]:
    return (*(name for name in ("name", "email", "title") if name in pointed.fields), "key")


def _owner(raw: dict[str, Any]) -> Owner:
    if "column" not in raw:
        return Owner(Expression("owner"), default=Table(raw, "owner", ("default",)).text("default"))
    table = Table(raw, "owner", ("column", "missing", "default"))
    return Owner(
        Expression("owner", columns=table.texts("column")),
        missing=table.text("missing", "error", ("error", "make", "default")),
        default=table.text("default"),
    )


def _history(raw: dict[str, Any], target: Target) -> dict[str, Expression]:
    if raw and target.name != "Deal":
        raise MappingError("history: only deals have stages.")
    return {stage: read_expression(value, f"history.{stage}") for stage, value in raw.items()}
