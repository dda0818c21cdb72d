"""Where a value comes from: a column, the first filled one of several, a template, a constant; and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm_site.imports.errors import BadValueError, MappingError, quoted
from crm_site.imports.tables import Table

_HOLE = re.compile(r"\{([^{}]+)\}")
_SOURCES = ("column", "template", "value")


@dataclass(frozen=True)
class Expression:
    """One field of a mapping file. `columns` and `templates` are tried in order until one has a value."""

    place: str
    columns: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    value: str = ""
    meanings: dict[str, str] | None = None
    otherwise: str | None = None
    date: str = ""

    def evaluate(self, cells: dict[str, str]) -> str:
        """Return the text for a row, "" for none; BadValueError when `map` does not know it."""
        found = next(filter(None, self._candidates(cells)), self.value)
        if self.meanings is None or not found:
            return found
        if found in self.meanings:
            return self.meanings[found]
        if self.otherwise is None:
            known = ", ".join(map(repr, self.meanings))
            raise BadValueError(f"{quoted(found)} is not in its map, which has {known}")
        return self.otherwise

    def _candidates(self, cells: dict[str, str]) -> Iterator[str]:
        for column in self.columns:
            yield cells[column]
        for template in self.templates:
            holes = _HOLE.findall(template)
            if all(cells[hole] for hole in holes):
                yield _HOLE.sub(lambda hole: cells[hole[1]], template)

    def used_columns(self) -> Iterator[str]:
        """Yield the columns it reads."""
        yield from self.columns
        for template in self.templates:
            yield from _HOLE.findall(template)


def read_expression(raw: Any, place: str, extra: tuple[str, ...] = ()) -> Expression:
    """Read `"column"` or a table with `column`, `template` or `value`, and perhaps `map`, `otherwise`, `date`."""
    if isinstance(raw, str):
        return Expression(place, columns=(raw,))
    table = Table(raw, place, (*_SOURCES, "map", "otherwise", "date", *extra))
    if sum(name in table.raw for name in _SOURCES) != 1:
        raise MappingError(f"{place}: say one of column, template, value.")
    return Expression(
        place,
        columns=table.texts("column"),
        templates=table.texts("template"),
        value=table.text("value"),
        meanings=table.map("map") if "map" in table.raw else None,
        otherwise=table.text("otherwise") if "otherwise" in table.raw else None,
        date=table.text("date"),
    )


@dataclass(frozen=True)
class Pointer:
    """How the record that a row points at is found, or made of the row: by `match`, which is a field or "key"."""

    name: str
    expression: Expression
    match: str
    missing: str = "error"
    source: str = ""
    fields: dict[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True)
class Owner:
    """How the owner of a row is found by name, and who it is when there is none."""

    expression: Expression
    missing: str = "error"
    default: str = ""
