"""The map of the API: verb and path to the function that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parse_api import log_in, reads, server, sessions, users
from parse_api.answers import Answer
from parse_api.errors import no_route

Endpoint = Callable[..., Answer]
"""Takes the call, the caller, and what stands in the path for each {name}."""


@dataclass(frozen=True)
class Route:
    """`is_write`: runs as one transaction of the caller."""

    method: str
    path: str
    endpoint: Endpoint
    is_write: bool = False


ROUTES = (
    Route("POST", "/users", users.sign_up, is_write=True),
    Route("GET", "/users", reads.find_users),
    Route("GET", "/users/me", users.me),
    Route("GET", "/users/{id}", reads.get_user),
    Route("PUT", "/users/{id}", users.update, is_write=True),
    Route("DELETE", "/users/{id}", users.delete, is_write=True),
    Route("POST", "/login", log_in.log_in),
    Route("GET", "/login", log_in.log_in),
    Route("POST", "/logout", sessions.log_out, is_write=True),
    Route("POST", "/verifyPassword", log_in.verify_password),
    Route("GET", "/verifyPassword", log_in.verify_password),
    Route("POST", "/loginAs", log_in.log_in_as),
    Route("POST", "/requestPasswordReset", log_in.request_password_reset),
    Route("POST", "/sessions", sessions.create, is_write=True),
    Route("GET", "/sessions", sessions.find),
    Route("GET", "/sessions/me", sessions.me),
    Route("GET", "/sessions/{id}", sessions.get),
    Route("PUT", "/sessions/{id}", sessions.update, is_write=True),
    Route("DELETE", "/sessions/{id}", sessions.delete, is_write=True),
    Route("GET", "/classes/{class}", reads.find),
    Route("GET", "/classes/{class}/{id}", reads.get),
    Route("GET", "/serverInfo", server.info),
)
_BY_SHAPE: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
for _route in ROUTES:
    _parts = _route.path.split("/")
    _BY_SHAPE.setdefault((_route.method, len(_parts)), []).append((_parts, _route))


def find_route(method: str, path: str) -> tuple[Route, list[str]]:
    """Return the route of a path and what stands in it for each {name}; 404 when there is none."""
    asked = path.split("/")
    for parts, route in _BY_SHAPE.get((method, len(asked)), ()):
        if all(part == given or (part.startswith("{") and given) for part, given in zip(parts, asked, strict=True)):
            return route, [given for part, given in zip(parts, asked, strict=True) if part.startswith("{")]
    raise no_route()
