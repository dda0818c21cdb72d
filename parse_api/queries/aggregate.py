"""Answers /aggregate with the master key: distinct values, and pipelines of the stages that flat classes need."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from django.db.models import Avg, Count, F, Max, Min, QuerySet, Sum
from django.db.models.functions import Collate

from parse_api.access import rows_for
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, Kind, ParseClass
from parse_api.codecs import CODECS, Pointer, number
from parse_api.limits import ROWS
from parse_api.protocol import Call
from parse_api.queries import where
from parse_api.queries.find import search
from parse_api.queries.patterns import patience
from parse_api.queries.pipeline import IGNORED, Row, Stage, after_group, bad, plain, project, read_stages, sort_keys

_GROUPED = (Kind.STRING, Kind.NUMBER, Kind.DATE, Kind.STAMP, Kind.POINTER)
_SUMMARIES = {"$sum": Sum, "$avg": Avg, "$min": Min, "$max": Max}


def aggregate(call: Call, caller: Caller, class_name: str) -> Answer:
    """Answer distinct values or the rows that a pipeline makes, 10,000 at most."""
    caller.need_master()
    if class_name not in CLASSES:
        return Answer({"results": []})
    parse_class, params = CLASSES[class_name], dict(call.params)
    rows = rows_for(parse_class, caller, "view")
    condition = where.load(params.pop("where", {}))
    first = [Stage("$match", condition)] if condition else []
    if "distinct" in params:
        field = params.pop("distinct")
        if unknown := params.keys() - IGNORED:
            raise bad(f"There is no parameter {min(unknown)[:50]!r}.")
        return _Run(caller, parse_class, rows).distinct(first, field)
    return _Run(caller, parse_class, rows).pipeline([*first, *read_stages(params)])


class _Run:
    """One aggregation over rows of a class, which stages narrow until a $group makes other rows of them."""

    def __init__(self, caller: Caller, parse_class: ParseClass, rows: QuerySet[Any]) -> None:
        self.caller, self.parse_class, self.rows, self.every = caller, parse_class, rows, rows
        self.reader = where.Reader(is_master=True)
        self.order: list[str] = []
        self.options: dict[str, Any] = {}

    def distinct(self, first: list[Stage], name: Any) -> Answer:
        """Answer the values of a field, each once."""
        self._narrow(first)
        found = self.parse_class.fields.get(plain(name)) if isinstance(name, str) else None
        if found is None:
            return Answer({"results": []})
        _refuse_ungroupable(found)
        with patience(self.reader.slow):
            rows = self.rows.order_by(*found.columns).values_list(*found.columns).distinct()[:ROWS]
            values = [_key(found, row) for row in rows]
        return Answer({"results": [value for value in values if value is not None]})

    def pipeline(self, stages: list[Stage]) -> Answer:
        """Answer the rows that the stages make."""
        places = [n for n, stage in enumerate(stages) if stage.name in ("$group", "$project")]
        place = places[0] if places else len(stages)
        self._narrow(stages[:place])
        with patience(self.reader.slow):
            rows = self._group(stages[place].value) if _is_group(stages, place) else self._listed()
        if not _is_group(stages, place) and any(stage.name != "$project" for stage in stages[place:]):
            raise bad("After a $project without a $group comes nothing.")
        for stage in stages[place + 1 :] if _is_group(stages, place) else stages[place:]:
            rows = project(rows, stage.value) if stage.name == "$project" else after_group(rows, stage)
        return Answer({"results": rows})

    def _narrow(self, stages: list[Stage]) -> None:
        for name, value in stages:
            if name == "$match":
                self._match(value)
            elif name == "$sort":
                self._unsliced()
                self.rows = self.rows.order_by(*self._columns(value))
            else:
                rows = self.rows if self.rows.query.is_sliced else self._ordered()
                self.rows = rows[:value] if name == "$limit" else rows[value:]

    def _match(self, value: Mapping[str, Any]) -> None:
        self._unsliced()
        document = {plain(name): each for name, each in value.items()}
        self.rows = self.rows.filter(self.reader.where(self.parse_class, document).sql(self.caller))

    def _unsliced(self) -> None:
        """Make rows that were cut to a number into rows that can be narrowed further."""
        if self.rows.query.is_sliced:
            with patience(self.reader.slow):
                ids = list(self.rows.values_list("pk", flat=True)[: ROWS + 1])
            self.rows = self.every.filter(pk__in=ids).order_by(*self.rows.query.order_by)

    def _ordered(self) -> QuerySet[Any]:
        """Return the rows in their order, which without a $sort is that of creation."""
        return self.rows if self.rows.query.order_by else self.rows.order_by("created_at", "pk")

    def _columns(self, value: Mapping[str, Any]) -> list[Any]:
        found = []
        for name, is_descending in sort_keys(value):
            field = self._field(name)
            for column in field.columns:
                key = Collate(F(column), "C") if field.kind is Kind.STRING else F(column)
                found.append(key.desc(nulls_last=True) if is_descending else key.asc(nulls_first=True))
        return [*found, "pk"]

    def _field(self, name: str) -> Field:
        found = self.parse_class.fields.get(plain(name))
        if found is None:
            raise bad(f"{self.parse_class.name} has no field {name[:50]!r}.")
        _refuse_ungroupable(found)
        return found

    def _listed(self) -> list[Row]:
        """Return the rows as objects without an ACL, in their order."""
        ids = list(self._ordered().values_list(self.parse_class.id_column, flat=True)[:ROWS])
        rows = self.every.filter(**{f"{self.parse_class.id_column}__in": ids})
        listed = json.loads(search(self.caller, self.parse_class, rows, {"limit": ROWS}))["results"]
        for row in listed:
            row.pop("ACL", None)
        places = {pk: n for n, pk in enumerate(ids)}
        return sorted(listed, key=lambda row: places[row["objectId"]])

    def _group(self, value: Mapping[str, Any]) -> list[Row]:
        if "_id" not in value:
            raise bad("$group needs an _id.")
        self._unsliced()
        fields = [self._named(each) for each in _key_parts(value["_id"])]
        columns = list(dict.fromkeys(column for field in fields for column in field.columns))
        summaries = {f"s{n}": self._summary(each) for n, (name, each) in enumerate(value.items()) if name != "_id"}
        rows = self.rows.order_by()
        if columns:
            found = rows.values(*columns).annotate(**summaries).order_by(*columns)[:ROWS]
        else:
            found = [rows.aggregate(**summaries)] if rows.exists() else []
        return [self._shown(value, fields, row) for row in found]

    def _shown(self, value: Mapping[str, Any], fields: list[Field], row: Mapping[str, Any]) -> Row:
        keys = [_key(field, tuple(row[column] for column in field.columns)) for field in fields]
        key = value["_id"]
        shown: Row = {
            "objectId": dict(zip(key, keys, strict=True)) if isinstance(key, dict) else keys[0] if keys else None
        }
        for n, (name, each) in enumerate(value.items()):
            if name != "_id":
                shown[name] = self._result(each, row[f"s{n}"])
        return shown

    def _named(self, reference: Any) -> Field:
        if not isinstance(reference, str) or not reference.startswith("$"):
            raise bad("The _id of a $group is null, $field, or an object of these.")
        return self._field(reference[1:])

    def _summary(self, value: Any) -> Any:
        operator, operand = _accumulator(value)
        if operator == "$count" or not isinstance(operand, str):
            return Count("*")
        field = self._named(operand)
        if field.kind not in ((Kind.NUMBER,) if operator in ("$sum", "$avg") else _GROUPED[:4]):
            raise bad(f"{operator} is not for {field.name}.")
        column = Collate(F(field.column), "C") if field.kind is Kind.STRING else F(field.column)
        return _SUMMARIES[operator](column)

    def _result(self, value: Any, found: Any) -> Any:
        operator, operand = _accumulator(value)
        if operator == "$count":
            return found
        if not isinstance(operand, str):
            return _times(found, operand)
        if found is None:
            return 0 if operator == "$sum" else None
        field = self._named(operand)
        return number(found) if field.kind is Kind.NUMBER else _key(field, (found,))


def _is_group(stages: list[Stage], place: int) -> bool:
    return place < len(stages) and stages[place].name == "$group"


def _key_parts(key: Any) -> list[Any]:
    if key is None:
        return []
    return list(key.values()) if isinstance(key, dict) else [key]


def _accumulator(value: Any) -> tuple[str, Any]:
    """Return operator and operand of a summary: {"$sum": "$amount"}, {"$sum": 1}, {"$count": {}}."""
    if not isinstance(value, dict) or len(value) != 1:
        raise bad("A summary is an object with one of $sum, $avg, $min, $max and $count.")
    [(operator, operand)] = value.items()
    is_number = isinstance(operand, int | float) and not isinstance(operand, bool)
    if operator == "$count" and operand == {}:
        return operator, operand
    if operator in _SUMMARIES and (isinstance(operand, str) or (operator == "$sum" and is_number)):
        return operator, operand
    raise bad(f"{str(operator)[:50]!r} is told what it cannot do.")


def _times(count: int, each: float) -> float:
    """Return a sum of the same number; ParseError 102 when JSON has none so large."""
    try:
        total = count * each
        is_number = math.isfinite(total)
    except OverflowError:
        is_number = False
    if not is_number:
        raise bad("A sum is too large.")
    return total


def _refuse_ungroupable(field: Field) -> None:
    if field.kind not in _GROUPED:
        raise bad(f"{field.name} has no values to group by.")


def _key(field: Field, values: tuple[Any, ...]) -> Any:
    """Return a value of a field as JSON."""
    if field.kind is Kind.POINTER:
        found = (Pointer(target, pk) for target, pk in zip(field.targets, values, strict=True) if pk is not None)
        pointer = next(found, None)
        return None if pointer is None else CODECS[field.kind].encode(pointer)
    if values[0] is None:
        return None
    kind = Kind.DATE if field.kind is Kind.STAMP else field.kind
    return CODECS[kind].encode(values[0])
