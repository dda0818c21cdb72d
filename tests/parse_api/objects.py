"""Short forms of what apps send about records."""

from __future__ import annotations

from typing import Any

from django.db import models

from tests.parse_api.app import App

ALL = {"read": True, "write": True}
NOBODY = "zzzzzzzzzz"
"""The id of nothing."""


def pointer(target: models.Model | str, class_name: str = "") -> dict[str, str]:
    """Return a pointer to a record or a user, or to an id of a class."""
    pk = target if isinstance(target, str) else target.pk
    name = class_name or type(target).__name__
    return {"__type": "Pointer", "className": "_User" if name == "User" else name, "objectId": pk}


def date(iso: str) -> dict[str, str]:
    """Return a Date."""
    return {"__type": "Date", "iso": iso}


def made(app: App, class_name: str, **body: Any) -> Any:
    """Make an object and return the answer."""
    answer = app.post(f"/classes/{class_name}", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def shown(app: App, class_name: str, pk: str) -> Any:
    """Return an object as the app gets it."""
    answer = app.get(f"/classes/{class_name}/{pk}")
    assert answer.status_code == 200, answer.content
    return answer.json()
