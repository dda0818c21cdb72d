"""The parameters of operations: what stands in paths, query strings and headers, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from developers.openapi.values import OBJECT_ID, ref
from parse_api.classes import ALL, CLASSES
from parse_api.limits import DEFAULT_ROWS, INCLUDE_DEPTH, ROWS
from parse_api.queries.pipeline import STAGES
from parse_api.sync.changes import PAGE

Parameter = dict[str, Any]
Table = Mapping[str, tuple[dict[str, Any], str]]
"""Parameters of a query string: schema and meaning by name."""
_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
_FLAG: dict[str, Any] = {"type": "boolean"}
_JSON: dict[str, Any] = {"content": {"application/json": {"schema": ref("Where")}}}
OF_QUERIES: Table = {
    "where": (_JSON, "The condition."),
    "order": (_TEXT, "Fields with commas between, `-` for descending."),
    "limit": (_WHOLE, f"How many, {DEFAULT_ROWS} unless told; more than {ROWS:,} counts as {ROWS:,}."),
    "skip": (_WHOLE, "From where."),
    "count": (_FLAG, "Whether `count` says how many there are without limit and skip."),
    "keys": (_TEXT, "Which fields come, with commas between."),
    "excludeKeys": (_TEXT, "Which fields do not come."),
    "include": (_TEXT, f"Pointers whose objects come in their place, {INCLUDE_DEPTH} levels deep at most."),
    "includeAll": (_FLAG, "The object of every pointer."),
    "readPreference": (_TEXT, "Taken and ignored."),
    "includeReadPreference": (_TEXT, "Taken and ignored."),
    "subqueryReadPreference": (_TEXT, "Taken and ignored."),
    "hint": (_TEXT, "Taken and ignored."),
    "comment": (_TEXT, "Taken and ignored."),
}
OF_CHANGES: Table = {
    "since": (_TEXT, "The cursor of the answer before; without it everything from the beginning."),
    "classes": (_TEXT, "Which classes, with commas between; all of them unless told."),
    "limit": ({"type": "integer", "minimum": 1}, f"Objects and ids in one answer, {PAGE:,} unless told."),
}
OF_LOG_IN: Table = {
    "username": (_TEXT, "The username, or the e-mail address."),
    "email": (_TEXT, "The e-mail address."),
    "password": (_TEXT, "The password."),
}
OF_AGGREGATE: Table = {
    "pipeline": ({"content": {"application/json": {"schema": {"type": "array"}}}}, "The stages, one object each."),
    "distinct": (_TEXT, "The field whose values are asked for."),
    "where": (_JSON, "Narrows first."),
    **{name: ({"content": {"application/json": {"schema": {}}}}, "A stage of the pipeline.") for name in STAGES},
}
_OF_PATHS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": OBJECT_ID},
    "name": {"type": "string", "minLength": 1},
    "kind": {"enum": ["functions", "triggers"]},
}
_KEYS = {
    "applicationId": ("X-Parse-Application-Id", "Which app asks: always needed."),
    "restKey": ("X-Parse-REST-API-Key", "One right key of three is needed; it protects nothing."),
    "javascriptKey": ("X-Parse-Javascript-Key", "The same, for the JavaScript SDKs."),
    "clientKey": ("X-Parse-Client-Key", "The same, for the SDKs of iOS, Swift and Android."),
    "masterKey": ("X-Parse-Master-Key", "Every right. It never belongs in an app."),
    "sessionToken": ("X-Parse-Session-Token", "Who asks: the answer to a sign-up or log-in has it."),
}


def in_query(table: Table) -> list[Parameter]:
    """Return the parameters of a query string."""
    return [
        {"name": name, "in": "query", "description": text, **(schema if "content" in schema else {"schema": schema})}
        for name, (schema, text) in table.items()
    ]


def in_path(path: str) -> list[Parameter]:
    """Return the parameters of a path: each {name} in it."""
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    classes = {"enum": [*(CLASSES if path.startswith("/aggregate") else ALL)]}
    schemas = {**_OF_PATHS, "class": _OF_PATHS["name"] if path.startswith("/hooks") else classes}
    return [{"name": name, "in": "path", "required": True, "schema": schemas[name]} for name in names]


def in_header(*, is_once: bool, is_of_device: bool) -> list[Parameter]:
    """Return the headers that matter beside the keys."""
    once = ("X-Parse-Request-Id", "The same for a repetition, which is refused (159): nothing is written twice.")
    device = ("X-Parse-Installation-Id", "Which device: a new session there ends its earlier one.")
    wanted = [*([once] if is_once else []), *([device] if is_of_device else [])]
    return [{"name": name, "in": "header", "description": text, "schema": _TEXT} for name, text in wanted]


def security_schemes() -> dict[str, dict[str, str]]:
    """Return the keys by the names that operations require them by."""
    return {
        name: {"type": "apiKey", "in": "header", "name": header, "description": text}
        for name, (header, text) in _KEYS.items()
    }


def required(names: Iterable[str]) -> dict[str, list[str]]:
    """Return one way to be let in: with the application id and these keys."""
    return {name: [] for name in ("applicationId", *names)}
