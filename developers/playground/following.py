"""A live query that is tried: read from the fields of a page, and as code."""

from __future__ import annotations

import re

from developers.examples import Example
from developers.keys import app_at
from developers.playground import in_javascript, in_swift
from developers.playground.trials import Following, UnreadableTrialError, as_object
from parse_api.livequery.changes import LIVE

_NAMES = re.compile(r"[A-Za-z]\w{0,100}")


def read_following(class_name: str, where: str, keys: str, watch: str) -> Following:
    """Return what four fields ask for, names with commas between; raises UnreadableTrialError."""
    if class_name not in LIVE:
        raise UnreadableTrialError("There is no such class to follow.")
    return Following(class_name, as_object("where", where or "{}"), _names("keys", keys), _names("watch", watch))


def codes_to_follow(following: Following, server_url: str) -> list[Example]:
    """Return how an app follows it, in each language that has an SDK for that."""
    app = app_at(server_url)
    return [
        Example("JavaScript", "", in_javascript.to_follow(following, app, react_native=False)),
        Example("React Native", "", in_javascript.to_follow(following, app, react_native=True)),
        Example("Swift", "", in_swift.to_follow(following, app)),
    ]


def _names(what: str, text: str) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    if not all(map(_NAMES.fullmatch, names)):
        raise UnreadableTrialError(f"{what} are names of fields with commas between.")
    return names
