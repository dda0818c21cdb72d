"""The map of the API: verb and path to the function that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parse_api.answers import Answer
from parse_api.errors import no_route
from parse_api.people import log_in, roles, sessions, users
from parse_api.queries import aggregate, reads
from parse_api.service import config, installations, schema, server, unavailable
from parse_api.sync import changes
from parse_api.writes import objects

Endpoint = Callable[..., Answer]
"""Takes the call, the caller, and what stands in the path for each {name}."""


@dataclass(frozen=True)
class Route:
    """`is_write`: runs as one transaction of the caller; `is_once`: not again with the same request id."""

    method: str
    path: str
    endpoint: Endpoint
    is_write: bool = False
    is_once: bool = False


ROUTES = (
    Route("POST", "/users", users.sign_up, is_write=True, is_once=True),
    Route("GET", "/users", reads.find_users),
    Route("GET", "/users/me", users.me),
    Route("GET", "/users/{id}", reads.get_user),
    Route("PUT", "/users/{id}", users.update, is_write=True, is_once=True),
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
    # a role that is made or changed twice is as after once: its request id is not spent, as on a Parse server
    Route("POST", "/classes/_Role", roles.create, is_write=True),
    Route("PUT", "/classes/_Role/{id}", roles.update, is_write=True),
    Route("DELETE", "/classes/_Role/{id}", roles.delete, is_write=True),
    Route("POST", "/installations", installations.create, is_write=True, is_once=True),
    Route("GET", "/installations", installations.find),
    Route("GET", "/installations/{id}", installations.get),
    Route("PUT", "/installations/{id}", installations.update, is_write=True, is_once=True),
    Route("DELETE", "/installations/{id}", installations.delete, is_write=True),
    Route("POST", "/classes/{class}", objects.create, is_write=True, is_once=True),
    Route("GET", "/classes/{class}", reads.find),
    Route("GET", "/classes/{class}/{id}", reads.get),
    Route("PUT", "/classes/{class}/{id}", objects.update, is_write=True, is_once=True),
    Route("DELETE", "/classes/{class}/{id}", objects.delete, is_write=True),
    Route("GET", "/changes", changes.changes),
    Route("GET", "/config", config.get),
    Route("PUT", "/config", config.update, is_write=True),
    Route("GET", "/serverInfo", server.info),
    Route("GET", "/aggregate/{class}", aggregate.aggregate),
    Route("GET", "/schemas", schema.find),
    Route("POST", "/schemas", schema.refuse),
    Route("GET", "/schemas/{class}", schema.get),
    Route("POST", "/schemas/{class}", schema.refuse),
    Route("PUT", "/schemas/{class}", schema.update, is_write=True),
    Route("DELETE", "/schemas/{class}", schema.refuse),
    Route("POST", "/events/{name}", unavailable.track_event),
    Route("POST", "/functions/{name}", unavailable.run_function),
    Route("GET", "/jobs", unavailable.run_job),
    Route("POST", "/jobs", unavailable.run_job),
    Route("POST", "/jobs/{name}", unavailable.run_job),
    Route("POST", "/push", unavailable.push),
    Route("GET", "/hooks/{kind}", unavailable.list_hooks),
    Route("GET", "/hooks/{kind}/{name}", unavailable.list_hooks),
    Route("GET", "/hooks/{kind}/{class}/{name}", unavailable.list_hooks),
    Route("POST", "/hooks/{kind}", unavailable.keep_hook),
    Route("PUT", "/hooks/{kind}/{name}", unavailable.keep_hook),
    Route("PUT", "/hooks/{kind}/{class}/{name}", unavailable.keep_hook),
    Route("POST", "/files", unavailable.keep_file),
    Route("POST", "/files/{name}", unavailable.keep_file),
    Route("DELETE", "/files/{name}", unavailable.delete_file),
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
