"""What goes back: JSON that every browser may read, whatever became of the request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from parse_api.errors import ParseError

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET,PUT,POST,DELETE,OPTIONS",
    "Access-Control-Allow-Headers": (
        "X-Parse-Master-Key, X-Parse-REST-API-Key, X-Parse-Javascript-Key, X-Parse-Client-Key, "
        "X-Parse-Application-Id, X-Parse-Client-Version, X-Parse-Session-Token, X-Parse-Installation-Id, "
        "X-Parse-Revocable-Session, X-Parse-Request-Id, X-Parse-Cloud-Context, X-Requested-With, "
        "Content-Type, Pragma, Cache-Control"
    ),
    "Access-Control-Expose-Headers": "X-Parse-Job-Status-Id, X-Parse-Push-Status-Id",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
}


@dataclass(frozen=True)
class Answer:
    """A success: `body` is what becomes JSON, or is JSON already; `location` the path of what was created.

    `object_id` is what it is about, where the body of a create does not say so.
    """

    body: Any
    status: int = 200
    location: str = ""
    object_id: str = ""


def as_response(answer: Answer, mount: str) -> HttpResponse:
    """Return the HTTP response; `mount` is the absolute address of the API as the client sees it."""
    response = _response(answer.body, answer.status)
    if answer.location:
        response.headers["Location"] = mount + answer.location
    return response


def error_response(error: ParseError, *, retry_after: int = 0) -> HttpResponse:
    """Return the HTTP response to a request that was refused."""
    response = _response(error.body(), error.status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def preflight() -> HttpResponse:
    """Return the answer to OPTIONS."""
    return _response({}, 200)


def as_json(body: Any) -> bytes:
    """Return a body as it goes out; bytes are JSON already."""
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _response(body: Any, status: int) -> HttpResponse:
    content = as_json(body)
    headers = {**_HEADERS, "Content-Length": str(len(content))}
    return HttpResponse(content, status=status, content_type="application/json; charset=utf-8", headers=headers)
