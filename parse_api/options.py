"""Reads what a request asks beside its where: order, limit, skip, count, keys and includes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parse_api.classes import CLASSES, FIXED, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.limits import DEFAULT_ROWS, INCLUDE_DEPTH, INCLUDES, ROWS
from parse_api.where import check_open

IGNORED = frozenset({"readPreference", "includeReadPreference", "subqueryReadPreference", "hint", "comment"})
OF_GET = IGNORED | {"keys", "excludeKeys", "include", "includeAll"}
OF_FIND = OF_GET | {"where", "order", "limit", "skip", "count"}
FAR = 10**15
"""More rows than there are: skipping more is skipping this many."""
Path = tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """The fields of a class that an answer shows, and for included pointers what of each class they may name."""

    parse_class: ParseClass
    names: frozenset[str]
    included: Mapping[str, Mapping[str, Selection]] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """How a list is cut and shown; `order` has (field, is descending)."""

    selection: Selection
    order: tuple[tuple[Field, bool], ...] = ()
    limit: int = DEFAULT_ROWS
    skip: int = 0
    is_counted: bool = False


def read_options(parse_class: ParseClass, params: Mapping[str, Any], *, is_master: bool) -> Options:
    """Read the options of a list; raises ParseError 102, 105 for bad names and 119 for hidden fields."""
    _refuse_unknown(params, OF_FIND)
    return Options(
        selection=read_selection(parse_class, params),
        order=_order(parse_class, params.get("order"), is_master=is_master),
        limit=min(_whole(params, "limit", DEFAULT_ROWS), ROWS),
        skip=min(_whole(params, "skip", 0), FAR),
        is_counted=_is_true(params.get("count")),
    )


def read_get_options(parse_class: ParseClass, params: Mapping[str, Any]) -> Selection:
    """Read the options of a single object; raises ParseError 102."""
    _refuse_unknown(params, OF_GET)
    return read_selection(parse_class, params)


def read_selection(parse_class: ParseClass, params: Mapping[str, Any]) -> Selection:
    """Read keys, excludeKeys, include and includeAll; unknown names are ignored. Raises ParseError 102."""
    keys = None if params.get("keys") is None else _paths(params, "keys")
    includes = _paths(params, "include")
    if len(includes) > INCLUDES or any(len(path) > INCLUDE_DEPTH for path in includes):
        raise ParseError(Code.BAD_QUERY, f"At most {INCLUDES} includes, {INCLUDE_DEPTH} levels deep.")
    if _is_true(params.get("includeAll")) or ("*",) in includes:
        includes += [(name,) for name, each in parse_class.fields.items() if each.kind is Kind.POINTER]
    return _select(parse_class, includes, keys, _paths(params, "excludeKeys"))


def _select(parse_class: ParseClass, includes: list[Path], keys: list[Path] | None, dropped: list[Path]) -> Selection:
    names = set(parse_class.fields)
    if keys is not None:
        names &= {path[0] for path in keys}
    names -= {path[0] for path in dropped if len(path) == 1}
    included = {}
    for name in names:
        targets = parse_class.fields[name].targets if parse_class.fields[name].kind is Kind.POINTER else {}
        below = _below(name, keys or [])
        if targets and (below or any(path[0] == name for path in includes)):
            inner = (_below(name, includes), below or None, _below(name, dropped))
            included[name] = {target: _select(CLASSES[target], *inner) for target in targets}
    return Selection(parse_class, frozenset(names | set(FIXED)), included)


def _below(name: str, paths: list[Path]) -> list[Path]:
    return [path[1:] for path in paths if path[0] == name and len(path) > 1]


def _paths(params: Mapping[str, Any], option: str) -> list[Path]:
    return [tuple(name.split(".")) for name in _names(params.get(option), option)]


def _names(value: object, option: str) -> list[str]:
    """Return the names of a comma-separated text or of a list, each once."""
    parts = value if isinstance(value, list) else [value] if value is not None else []
    if not all(isinstance(part, str) for part in parts):
        raise ParseError(Code.BAD_QUERY, f"{option} needs names with commas between.")
    names = (name.strip() for part in parts for name in part.split(","))
    return list(dict.fromkeys(name for name in names if name))


def _order(parse_class: ParseClass, value: object, *, is_master: bool) -> tuple[tuple[Field, bool], ...]:
    order: dict[str, tuple[Field, bool]] = {}
    for name in _names(value, "order"):
        found = check_open(parse_class, name.removeprefix("-"), is_master=is_master)
        if found is not None and found.columns and found.kind.wire_type != "ACL":
            order.setdefault(found.name, (found, name.startswith("-")))
    return tuple(order.values())


def _whole(params: Mapping[str, Any], option: str, default: int) -> int:
    value = params.get(option)
    if value is None:
        return default
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value):
        return int(value) if len(value) < len(str(FAR)) else FAR
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0 or value % 1:
        raise ParseError(Code.BAD_QUERY, f"{option} needs a whole number from 0.")
    return int(min(value, FAR))


def _is_true(value: object) -> bool:
    return value not in (None, False, 0, "", "0", "false")


def _refuse_unknown(params: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(set(params) - known):
        raise ParseError(Code.BAD_QUERY, f"There is no parameter {unknown[0][:50]!r}.")
