"""System checks: what the class table says is so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from parse_api.classes import ALL, CLASSES, FIXED, Field, Kind, ParseClass
from parse_api.codecs import CODECS

COLUMNS: dict[Kind, tuple[type[models.Field[Any, Any]], ...]] = {
    Kind.STRING: (models.TextField, models.CharField),
    Kind.NUMBER: (models.DecimalField,),
    Kind.DATE: (models.DateTimeField,),
    Kind.STAMP: (models.DateTimeField,),
    Kind.OBJECT: (models.JSONField,),
    Kind.ACL: (models.JSONField,),
    Kind.SELF_ACL: (models.JSONField,),
}


def check_classes(**_options: Any) -> list[checks.CheckMessage]:
    """Compare the class table with the models."""
    problems = [problem for parse_class in ALL.values() for problem in _problems(parse_class)]
    return [checks.Error(problem, id="parse_api.E001") for problem in problems]


def _problems(parse_class: ParseClass) -> Iterator[str]:
    for name in FIXED:
        if name not in parse_class.fields and (name != "ACL" or parse_class.name in CLASSES):
            yield f"{parse_class.name} has no {name}."
    for field in parse_class.fields.values():
        if field.kind not in CODECS:
            yield f"{parse_class.name}.{field.name} has no codec."
        yield from _column_problems(parse_class, field)


def _column_problems(parse_class: ParseClass, field: Field) -> Iterator[str]:
    where = f"{parse_class.name}.{field.name}"
    targets = field.targets if field.kind is Kind.POINTER else {}
    for target, column in targets.items():
        found = _column(parse_class, column)
        if not isinstance(found, models.ForeignKey) or found.related_model is not CLASSES[target].model:
            yield f"{where}: {column} is no foreign key to {target}."
    if field.kind in COLUMNS and not isinstance(_column(parse_class, field.column), COLUMNS[field.kind]):
        yield f"{where}: {field.column} does not hold a {field.kind.wire_type}."


def _column(parse_class: ParseClass, column: str) -> Any:
    """Return the field of the model whose column has that name."""
    for name in (column, column.removesuffix("_id")):
        with suppress(FieldDoesNotExist):
            found = parse_class.model._meta.get_field(name)
            if getattr(found, "attname", "") == column:
                return found
    return None
