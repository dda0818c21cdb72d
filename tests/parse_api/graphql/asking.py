"""An app that speaks GraphQL."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import User
from tests.parse_api.app import MASTER, App, signed_in_app

Variables = dict[str, Any]


def post(app: App, query: str, variables: Variables | None = None, **headers: str) -> Any:
    """Return the response to an operation; a header's name has _ for -."""
    return post_body(app, {"query": query, "variables": variables or {}}, **headers)


def post_body(app: App, body: Any, **headers: str) -> Any:
    """Return the response to a body, which is text as it is or becomes JSON."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    sent = {**app.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    content_type = sent.pop("Content-Type", "application/json")
    return app.client.generic("POST", "/graphql", text, content_type=content_type, headers=sent)


def answer(app: App, query: str, variables: Variables | None = None) -> Any:
    """Return the data of an operation that succeeds."""
    response = post(app, query, variables)
    body = response.json()
    assert (response.status_code, body.get("errors")) == (200, None), body
    return body["data"]


def codes(response: Any, status: int = 200) -> list[Any]:
    """Return the codes of the errors of an answer with this status, each with words for people."""
    body = response.json()
    assert response.status_code == status, body
    assert all(isinstance(each["message"], str) and each["message"] for each in body["errors"]), body
    assert set(body) <= {"errors", "data"}
    assert ("data" in body) is (status == 200)
    return [each["extensions"]["code"] for each in body["errors"]]


def code(app: App, query: str, variables: Variables | None = None, status: int = 200) -> Any:
    """Return the code of the one error of an operation."""
    (found,) = codes(post(app, query, variables), status)
    return found


def person(user: User) -> App:
    """Return the app of somebody who has logged in."""
    return signed_in_app(user)


def master() -> App:
    """Return an app with the master key."""
    return App(MASTER)


def nodes(connection: Any, *keys: str) -> list[Any]:
    """Return the nodes of a list, or of each the value of the one key."""
    found = [edge["node"] for edge in connection["edges"]]
    return [each[keys[0]] for each in found] if keys else found
