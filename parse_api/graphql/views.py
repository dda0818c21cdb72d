"""Answers a request for GraphQL: one operation, in JSON, with the keys and sessions of the REST API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from graphql import OperationType

from parse_api import json_text, protocol
from parse_api.answers import Answer, as_response, error_response, preflight
from parse_api.errors import ParseError, no_route
from parse_api.graphql import execution
from parse_api.graphql.documents import read_document
from parse_api.graphql.errors import BAD_REQUEST, Refused, refused
from parse_api.identity import identify
from parse_api.protocol import Call

_METHODS = ("GET", "POST")


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer one operation, always in JSON."""
    if request.method == "OPTIONS":
        return preflight()
    try:
        answer = Answer(_answer(request).encode())
    except ParseError as error:
        return error_response(error)
    except Refused as refusal:
        answer = Answer({"errors": refusal.errors}, status=refusal.status)
    response = as_response(answer, "")
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = "POST" if request.method == "GET" else "GET, POST"
    return response


def _answer(request: HttpRequest) -> str:
    if request.path_info.rstrip("/") != protocol.GRAPHQL:
        raise no_route()
    call = protocol.read(request)
    caller = identify(call)
    if call.method not in _METHODS:
        raise refused(BAD_REQUEST, "Send a POST, or a query as a GET.", status=HTTPStatus.METHOD_NOT_ALLOWED)
    text, name = _text(call, "query"), _text(call, "operationName")
    variables = _variables(call)
    if not text:
        raise refused(BAD_REQUEST, "There is no query.")
    document = read_document(text)
    operation = document.operation(name)
    if call.method == "GET" and operation.operation is not OperationType.QUERY:
        raise refused(BAD_REQUEST, "A mutation is a POST.", status=HTTPStatus.METHOD_NOT_ALLOWED)
    return execution.run(call, caller, document, operation, variables)


def _text(call: Call, key: str) -> str | None:
    value = call.params.get(key)
    if value is not None and not isinstance(value, str):
        raise refused(BAD_REQUEST, f"{key} is a text.")
    return value or None


def _variables(call: Call) -> dict[str, Any]:
    """Return the variables; in an address they are JSON text."""
    value = call.params.get("variables")
    if isinstance(value, str) and call.method == "GET":
        value = json_text.parse(value) if value else None
    if not isinstance(value, dict | None):
        raise refused(BAD_REQUEST, "variables is an object.")
    return value or {}
