"""Answers as JSON text: what the database wrote goes in as it is, around it goes what Python knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from parse_api.graphql.plans import Projection


class Json(str):
    """Text that is JSON already."""

    __slots__ = ()


def text_of(plan: Any, value: Any) -> str:
    """Return the JSON of a value as a plan wants it; the fields of an object are the entries of a mapping."""
    if isinstance(value, Json):
        return value
    if value is None or plan is None:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{','.join(text_of(plan, each) for each in value)}]"
    return object_text(
        plan if isinstance(plan, Projection) else plan[value["__typename"]], lambda name, _below: value.get(name)
    )


def object_text(plan: Projection, value_of: Callable[[str, Any], Any]) -> Json:
    """Return the JSON of an object; `value_of` gives the value of a field by its name and what is asked of it."""
    parts = (
        (key, f'"{plan.type_name}"' if name == "__typename" else text_of(below, value_of(name, below)))
        for key, name, below in plan.parts
    )
    return joined(parts)


def joined(parts: Iterable[tuple[str, str]]) -> Json:
    """Return the JSON of an object of keys, which are names of GraphQL, and the JSON of their values."""
    return Json("{" + ",".join([f'"{key}":{text}' for key, text in parts]) + "}")
