"""Examples for curl."""

from __future__ import annotations

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any

from developers.keys import App

LOG_IN = {"username": "NAME", "password": "PASSWORD"}


def command(
    app: App,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    is_signed_in: bool = True,
) -> str:
    """Return the command of a request; `path` is below the address of the API, `body` becomes JSON."""
    address = quote(app.url + path)
    lines = [f"curl -G {address}" if query else f"curl -X {method} {address}" if method != "GET" else f"curl {address}"]
    named = {"X-Parse-Application-Id": app.application_id, "X-Parse-Client-Key": app.client_key}
    lines += [f"-H {quote(f'{name}: {key}')}" for name, key in named.items()]
    if is_signed_in:
        lines.append('-H "X-Parse-Session-Token: $TOKEN"')
    lines += [f"--data-urlencode {quote(f'{name}={value}')}" for name, value in (query or {}).items()]
    if body is not None:
        lines += ["-H 'Content-Type: application/json'", f"-d {quote(json.dumps(body, ensure_ascii=False))}"]
    return " \\\n  ".join(lines)


def log_in(app: App) -> str:
    """Return how one gets a session token."""
    return "# The answer has a sessionToken: TOKEN=r:...\n" + command(
        app, "POST", "/login", body=LOG_IN, is_signed_in=False
    )
