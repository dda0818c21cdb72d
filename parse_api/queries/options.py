"""Reads what a request asks beside its where: order, limit, skip, count, keys and includes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeAlias

from parse_api.classes import CLASSES, FIXED, Field, Kind, ParseClass
from parse_api.errors import Code, ParseError
from parse_api.limits import DEFAULT_ROWS, INCLUDE_DEPTH, INCLUDES, ROWS
from parse_api.queries.where import check_name, check_open

_IGNORED = frozenset({"readPreference", "includeReadPreference", "subqueryReadPreference"})
OF_GET = _IGNORED | {"keys", "excludeKeys", "include"}
OF_FIND = OF_GET | {"where", "order", "limit", "skip", "count", "includeAll", "hint", "comment"}
FAR = 10**15
"""More rows than there are: skipping more is skipping this many."""
_REMEMBERED = 500
"""Characters of options that are worth remembering."""
Path = tuple[str, ...]
Order: TypeAlias = tuple[tuple[Field, bool], ...]
"""Fields, and whether each goes down."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The fields of a class that an answer shows, and for included pointers what of each class they may name.

    Those read from the same options are the same object, by which recipes know them, if they are remembered.
    """

    parse_class: ParseClass
    names: frozenset[str]
    included: Mapping[str, Mapping[str, Selection]] = field(default_factory=dict)
    is_remembered: bool = True


@dataclass(frozen=True, eq=False)
class Options:
    """How a list is cut and shown."""

    selection: Selection
    order: Order = ()
    limit: int = DEFAULT_ROWS
    skip: int = 0
    is_counted: bool = False
    is_remembered: bool = True


def read_options(parse_class: ParseClass, params: Mapping[str, Any], *, is_master: bool) -> Options:
    """Read the options of a list; raises ParseError 102, 105 for bad names and 119 for hidden fields."""
    text = json.dumps({name: value for name, value in params.items() if name != "where"})
    if len(text) <= _REMEMBERED:
        return _read_options(parse_class, text, is_master)
    return replace(_read_options.__wrapped__(parse_class, text, is_master), is_remembered=False)


def read_get_options(parse_class: ParseClass, params: Mapping[str, Any]) -> Selection:
    """Read the options of a single object; raises ParseError 102."""
    text = json.dumps(params)
    if len(text) <= _REMEMBERED:
        return _read_get_options(parse_class, text)
    return replace(_read_get_options.__wrapped__(parse_class, text), is_remembered=False)


@lru_cache(maxsize=1000)
def _read_options(parse_class: ParseClass, text: str, is_master: bool) -> Options:  # noqa: FBT001
    params = json.loads(text)
    refuse_unknown(params, OF_FIND)
    return Options(
        selection=read_selection(parse_class, params),
        order=read_order(parse_class, params.get("order"), is_master=is_master),
        limit=min(whole(params, "limit", DEFAULT_ROWS), ROWS),
        skip=min(whole(params, "skip", 0), FAR),
        is_counted=_is_true(params.get("count")),
    )


@lru_cache(maxsize=1000)
def _read_get_options(parse_class: ParseClass, text: str) -> Selection:
    params = json.loads(text)
    refuse_unknown(params, OF_GET)
    return read_selection(parse_class, params)


def read_selection(parse_class: ParseClass, params: Mapping[str, Any]) -> Selection:
    """Read keys, excludeKeys, include and includeAll; unknown names are ignored. Raises ParseError 102.

    A path in keys or excludeKeys includes the object in which the field is.
    """
    dropped = _paths(params, "excludeKeys")
    keys = None if params.get("keys") is None else [path for path in _paths(params, "keys") if path not in dropped]
    includes = [*_paths(params, "include"), *(path[:-1] for path in dropped if len(path) > 1)]
    if len(includes) > INCLUDES or any(len(path) > INCLUDE_DEPTH for path in includes):
        raise ParseError(Code.BAD_QUERY, f"At most {INCLUDES} includes, {INCLUDE_DEPTH} levels deep.")
    if _is_true(params.get("includeAll")) or ("*",) in includes:
        includes += [(name,) for name, each in parse_class.fields.items() if each.kind is Kind.POINTER]
    return _select(parse_class, includes, keys, dropped)


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
    relations = {name for name, each in parse_class.fields.items() if each.kind is Kind.RELATION}
    return Selection(parse_class, frozenset(names | relations | set(FIXED)), included)


def _below(name: str, paths: list[Path]) -> list[Path]:
    return [path[1:] for path in paths if path[0] == name and len(path) > 1]


def _paths(params: Mapping[str, Any], option: str) -> list[Path]:
    return [tuple(name.split(".")) for name in names_of(params.get(option), option)]


def names_of(value: object, option: str) -> list[str]:
    """Return the names of a comma-separated text or of a list, each once; raises ParseError 102.

    Swift sends a list as JSON text.
    """
    if isinstance(value, str) and value.startswith(("[", '"')):
        value = _loaded(value)
    parts = value if isinstance(value, list) else [value] if value is not None else []
    if not all(isinstance(part, str) for part in parts):
        raise ParseError(Code.BAD_QUERY, f"{option} needs names with commas between.")
    names = (name.strip() for part in parts for name in part.split(","))
    return list(dict.fromkeys(name for name in names if name))


def read_order(parse_class: ParseClass, value: object, *, is_master: bool) -> Order:
    """Read an order; unknown fields are ignored. Raises ParseError 102, 105 for bad names, 119 for hidden fields."""
    order: dict[str, tuple[Field, bool]] = {}
    if isinstance(value, str) and value and not all(part.strip() for part in value.split(",")):
        check_name("")  # as nothing between two commas is a name, which other options overlook
    for name in names_of(value, "order"):
        found = check_open(parse_class, name.removeprefix("-"), is_master=is_master)
        if found is not None and found.columns and found.kind.wire_type != "ACL":
            order[found.name] = found, name.startswith("-")  # its first place, and its last direction
    return tuple(order.values())


def whole(params: Mapping[str, Any], option: str, default: int) -> int:
    """Return the number from 0 that an option has; raises ParseError 102."""
    value = _loaded(params.get(option))
    if value in (None, ""):
        return default
    if isinstance(value, str) and re.fullmatch(r"[0-9]+", value):
        return int(value) if len(value) < len(str(FAR)) else FAR
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0 or value % 1:
        raise ParseError(Code.BAD_QUERY, f"{option} needs a whole number from 0.")
    return int(min(value, FAR))


def _is_true(value: object) -> bool:
    return _loaded(value) not in (None, False, 0, "", "0", "false")


def _loaded(value: object) -> object:
    """Return what a text says as JSON, or the bare text: in a query string a value may be either."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(value)
    return value


def refuse_unknown(params: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raise ParseError 102 for a parameter of another name."""
    if unknown := sorted(set(params) - known):
        raise ParseError(Code.BAD_QUERY, f"There is no parameter {unknown[0][:50]!r}.")
