"""An app on a phone: what it sends and what it gets."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

KEYS = {
    "PARSE_APP_ID": "crm",
    "PARSE_REST_API_KEY": "rest",
    "PARSE_JAVASCRIPT_KEY": "js",
    "PARSE_CLIENT_KEY": "client",
    "PARSE_MASTER_KEY": "master",
}
REST = {"X-Parse-Application-Id": "crm", "X-Parse-REST-API-Key": "rest"}
MASTER = {"X-Parse-Application-Id": "crm", "X-Parse-Master-Key": "master"}
NO_TOKEN = "r:" + "0" * 32


class App:
    """Sends requests with one set of headers; `token` is whose session it has."""

    def __init__(self, headers: dict[str, str] = REST, **environ: Any) -> None:
        self.headers = dict(headers)
        self.client = Client(**environ)

    @property
    def token(self) -> str:
        return self.headers.get("X-Parse-Session-Token", "")

    @token.setter
    def token(self, token: str) -> None:
        self.headers["X-Parse-Session-Token"] = token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the response; `body` is text as it is, or what becomes JSON; a header's name has _ for -."""
        text = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = named.pop("Content-Type", "application/json")
        return self.client.generic(
            method, f"/parse{path}", text, content_type=content_type, headers={**self.headers, **named}
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, {} if body is None else body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.send("DELETE", path, **headers)

    def log_in(self, user: User, password: str = PASSWORD, **headers: str) -> Any:
        """Log in and use the session from now on."""
        answer = self.post("/login", {"username": user.username, "password": password}, **headers)
        self.token = answer.json().get("sessionToken", "")
        return answer


def refusal(response: HttpResponse) -> tuple[int, int | None]:
    """Return status and code of an error, which is always JSON with a text for people and nothing else."""
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    body = json.loads(response.content)
    assert isinstance(body.pop("error"), str)
    code = body.pop("code", None)
    assert body == {}
    return response.status_code, code


def signed_in_app(user: User, **headers: str) -> App:
    """Return an app in which `user` has logged in."""
    app = App()
    assert app.log_in(user, **headers).status_code == 200
    return app
