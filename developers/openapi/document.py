"""Puts the OpenAPI 3.1 document together from the map of the API, its classes, errors and limits."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from developers.openapi import parameters, values
from developers.openapi.operations import OPERATIONS, Details, Who
from parse_api import batch
from parse_api.classes import CLASSES
from parse_api.errors import Code, ParseError
from parse_api.routes import ROUTES
from parse_api.service import server

_WITHOUT_CODE = {
    HTTPStatus.FORBIDDEN: "Wrong keys, or the master key is needed; no code.",
    HTTPStatus.NOT_FOUND: "Or an address that there is not; no code.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away, or somebody else is writing the same: try again.",
}
_ABOUT = """The Parse protocol, as the official SDKs speak it, over the records of this CRM. The SDKs send everything as
a POST whose body has the verb in `_method` and the keys beside the data; this document describes the plain form, with
verbs and headers. `/classes/_User`, `/classes/_Session`, `/classes/_Installation` and `/roles` are other names of
`/users`, `/sessions`, `/installations` and `/classes/_Role`."""


@dataclass(frozen=True)
class Operation:
    """One verb at one path, and the function that answers it."""

    method: str
    path: str
    endpoint: Callable[..., Any]
    is_once: bool = False


def document(server_url: str) -> dict[str, Any]:
    """Return the document as JSON-able data; `server_url` is where the API is, such as https://crm.example.com/parse."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations():
        paths.setdefault(each.path, {})[each.method.lower()] = _described(each, OPERATIONS[each.method, each.path])
    return {
        "openapi": "3.1.0",
        "info": {"title": "CRM: the Parse API", "version": "1", "description": " ".join(_ABOUT.split())},
        "servers": [{"url": server_url}],
        "security": Who.SIGNED_IN.security,
        "paths": paths,
        "components": {
            "schemas": values.components(),
            "responses": {str(int(status)): _refusals(status) for status in _statuses()},
            "securitySchemes": parameters.security_schemes(),
        },
    }


def operations() -> Iterator[Operation]:
    """Yield every operation: the routes, those of `/classes/{class}` for each class, and the two that are no routes."""
    told = {(route.method, route.path) for route in ROUTES}
    for route in ROUTES:
        for path in _paths(route.path):
            if path == route.path or (route.method, path) not in told:
                yield Operation(route.method, path, route.endpoint, route.is_once)
    yield Operation("POST", "/batch", batch.run, is_once=True)
    yield Operation("GET", "/health", server.health)


def _paths(path: str) -> list[str]:
    if not path.startswith("/classes/{class}"):
        return [path]
    return [path.replace("{class}", name) for name in CLASSES if name != "_User"]


def _described(operation: Operation, details: Details) -> dict[str, Any]:
    parts = [part.strip("{}") for part in operation.path.split("/") if part]
    body = {"required": True, "content": {"application/json": {"schema": details.body}}}
    headers = parameters.in_header(is_once=operation.is_once, is_of_device=details.is_of_device)
    return {
        "operationId": "_".join([operation.method.lower(), *parts]),
        "tags": [parts[1] if parts[0] == "classes" else parts[0]],
        "summary": _summary(operation, details),
        "parameters": [*parameters.in_path(operation.path), *parameters.in_query(details.query), *headers],
        **({"requestBody": body} if details.body is not None else {}),
        "responses": dict(_responses(operation, details)),
        "security": details.who.security,
    }


def _summary(operation: Operation, details: Details) -> str:
    """Return what the function says of itself, and the code of what is always refused."""
    first = (inspect.getdoc(operation.endpoint) or "").partition("\n\n")[0].partition(";")[0]
    always = f" Always {int(details.refusal)}: {details.refusal.meaning}." if details.refusal else ""
    return " ".join(first.split()).removesuffix(".") + "." + always


def _responses(operation: Operation, details: Details) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, schema in details.answers.items():
        answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": _json(schema)}
        if status == HTTPStatus.CREATED:
            answer["headers"] = {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}
        yield str(status), answer
    for status in _statuses():
        if _may_be(status, operation, details):
            yield str(int(status)), {"$ref": f"#/components/responses/{int(status)}"}


def _may_be(status: int, operation: Operation, details: Details) -> bool:
    if status == HTTPStatus.GONE:
        return operation.path == "/changes"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return details.is_throttled
    return details.who is not Who.NO_KEYS or status == HTTPStatus.SERVICE_UNAVAILABLE


def _statuses() -> list[int]:
    """Return every status of a refusal; a fault of the server's own is none that an app may count on."""
    of_codes = {ParseError(code, "").status for code in Code} - {int(HTTPStatus.INTERNAL_SERVER_ERROR)}
    return sorted(of_codes | {int(status) for status in _WITHOUT_CODE})


def _refusals(status: int) -> dict[str, Any]:
    """Return the response of a status, with the codes that go with it."""
    codes = [f"- {int(code)}: {code.meaning}" for code in Code if ParseError(code, "").status == status]
    text = [*codes, *(text for known, text in _WITHOUT_CODE.items() if known == status)]
    retry = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    waits = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    answer = {"description": "\n".join(text), "content": _json(values.ref("Error"))}
    return answer | ({"headers": retry} if waits else {})


def _json(schema: values.Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
