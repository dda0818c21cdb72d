"""Reads the stages of an aggregation, and does in memory those that come after its $group."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from parse_api.errors import Code, ParseError
from parse_api.json_text import parse
from parse_api.limits import AGGREGATE_STAGES

STAGES = ("$match", "$group", "$sort", "$limit", "$skip", "$project")
IGNORED = frozenset({"hint", "comment", "explain", "readPreference", "rawValues", "rawFieldNames"})
Row = dict[str, Any]


class Stage(NamedTuple):
    """One step: its operator and what it is told."""

    name: str
    value: Any


def bad(message: str) -> ParseError:
    """Return the error of an aggregation that makes no sense here."""
    return ParseError(Code.BAD_QUERY, message)


def read_stages(params: Mapping[str, Any]) -> list[Stage]:
    """Return the stages of `pipeline`, or of parameters that are stages; each value may be JSON text."""
    given = {name: value for name, value in params.items() if name not in IGNORED}
    if "pipeline" in given:
        pipeline = loaded(given.pop("pipeline"))
        if given:
            raise bad(f"There is no parameter {min(given)[:50]!r} beside a pipeline.")
        parts = pipeline if isinstance(pipeline, list) else [pipeline]
    else:
        parts = [{name: loaded(value)} for name, value in given.items()]
    stages = [_stage(part) for part in parts]
    if len(stages) > AGGREGATE_STAGES:
        raise bad(f"An aggregation has {AGGREGATE_STAGES} stages at most.")
    return stages


def loaded(value: Any) -> Any:
    """Return a parameter, which in a query string is JSON text."""
    return parse(value) if isinstance(value, str) else value


def _stage(part: Any) -> Stage:
    if not isinstance(part, dict) or len(part) != 1:
        raise bad("A stage is an object with one key.")
    [(name, value)] = part.items()
    if name not in STAGES:
        raise bad(f"Invalid aggregate stage {name[:50]!r}.")
    if name in ("$limit", "$skip"):
        return Stage(name, _whole(name, value))
    if not isinstance(value, dict):
        raise bad(f"{name} needs an object.")
    return Stage(name, value)


def _whole(name: str, value: Any) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value % 1
        or not (name == "$limit") <= value < 2**31
    ):
        raise bad(f"{name} needs a whole number.")
    return int(value)


def sort_keys(value: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Return (field, is descending) of a $sort, "objectId" for _id."""
    if not value or any(isinstance(way, bool) or way not in (1, -1) for way in value.values()):
        raise bad("$sort needs fields with 1 or -1.")
    return [(plain(name), way == -1) for name, way in value.items()]


def plain(name: str) -> str:
    """Return what the protocol calls a field."""
    return "objectId" if name == "_id" else name


def project(rows: Iterable[Row], value: Mapping[str, Any]) -> list[Row]:
    """Keep, drop or rename fields of rows; the objectId stays unless it is dropped."""
    kept: dict[str, str] = {}
    dropped = set()
    for name, what in value.items():
        if isinstance(what, str) and what.startswith("$"):
            kept[plain(name)] = plain(what[1:])
        elif what in (1, True):
            kept[plain(name)] = plain(name)
        elif what in (0, False):
            dropped.add(plain(name))
        else:
            raise bad("$project needs fields with 1, 0 or $field.")
    if kept and dropped - {"objectId"}:
        raise bad("$project keeps fields or drops fields.")
    if not kept:
        return [{name: each for name, each in row.items() if name not in dropped} for row in rows]
    if "objectId" not in dropped:
        kept = {"objectId": "objectId", **kept}
    return [{name: row[source] for name, source in kept.items() if source in row} for row in rows]


def after_group(rows: list[Row], stage: Stage) -> list[Row]:
    """Apply a stage to the rows that a $group made."""
    if stage.name == "$limit":
        return rows[: stage.value]
    if stage.name == "$skip":
        return rows[stage.value :]
    if stage.name == "$project":
        return project(rows, stage.value)
    if stage.name == "$match":
        return [row for row in rows if _matches(row, stage.value)]
    if stage.name == "$sort":
        for name, is_descending in reversed(sort_keys(stage.value)):
            rows = sorted(rows, key=lambda row, name=name: _rank(row.get(name)), reverse=is_descending)  # type: ignore[misc]
        return rows
    raise bad("There is one $group.")


def _rank(value: Any) -> tuple[int, Any]:
    """Return a key by which values of different types have an order: nothing, numbers, texts, the rest as JSON."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, json.dumps(value, sort_keys=True))


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, operand: bool(value == operand),
    "$ne": lambda value, operand: bool(value != operand),
    "$gt": lambda value, operand: _rank(value)[0] == _rank(operand)[0] and _rank(value) > _rank(operand),
    "$gte": lambda value, operand: _rank(value)[0] == _rank(operand)[0] and _rank(value) >= _rank(operand),
    "$lt": lambda value, operand: _rank(value)[0] == _rank(operand)[0] and _rank(value) < _rank(operand),
    "$lte": lambda value, operand: _rank(value)[0] == _rank(operand)[0] and _rank(value) <= _rank(operand),
    "$in": lambda value, operand: isinstance(operand, list) and value in operand,
    "$nin": lambda value, operand: isinstance(operand, list) and value not in operand,
    "$exists": lambda value, operand: (value is not None) is operand,
}


def _matches(row: Row, where: Mapping[str, Any]) -> bool:
    for name, wanted in where.items():
        is_test = isinstance(wanted, dict) and any(key.startswith("$") for key in wanted)
        for operator, operand in (wanted if is_test else {"$eq": wanted}).items():
            if operator not in _TESTS:
                raise bad(f"{operator[:50]!r} is no operator after a $group.")
            if not _TESTS[operator](row.get(plain(name)), operand):
                return False
    return True
