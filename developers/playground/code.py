"""A request as code: in curl, and as an app has it that uses an SDK."""

from __future__ import annotations

from typing import Any

from developers import curl
from developers.examples import Example
from developers.keys import App, app_at
from developers.playground import in_javascript, in_swift
from developers.playground.trials import Trial


def codes(trial: Trial, server_url: str) -> list[Example]:
    """Return the request in each language; who signs in is to be filled in."""
    app = app_at(server_url)
    return [
        Example("curl", "", _curl(trial, app)),
        Example("JavaScript", "", in_javascript.code(trial, app, react_native=False)),
        Example("React Native", "", in_javascript.code(trial, app, react_native=True)),
        Example("Swift", "", in_swift.code(trial, app)),
    ]


def _curl(trial: Trial, app: App) -> str:
    body: Any = trial.body
    return f"{curl.log_in(app)}\n\n{curl.command(app, trial.method, trial.path, query=trial.query, body=body)}"
