"""What is tried: a request, as read from the fields of a page, and a query that is followed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from developers.dictionary import path_of
from parse_api import json_text
from parse_api.classes import ALL, ParseClass
from parse_api.errors import ParseError

METHODS = ("GET", "POST", "PUT", "DELETE")
PLACEHOLDER = "OBJECT_ID"
"""Stands in a path for an objectId that one has to name."""
_PATH = re.compile(r"/[\w/.~-]{0,500}")
_WITH_BODY = ("POST", "PUT")
_IN_JSON = ("where",)


class UnreadableTrialError(Exception):
    """What was typed is no request; the text is for people."""


@dataclass(frozen=True)
class Trial:
    """One request: `path` below the address of the API, `query` by name, `body` as JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def of_class(self) -> tuple[ParseClass, str] | None:
        """Return the class that it asks for, and the objectId or ""; None when it asks for something else."""
        for parse_class in ALL.values():
            start, _, tail = self.path.partition(path_of(parse_class.name))
            if not start and re.fullmatch(r"(/\w+)?", tail) and tail != "/me":
                return parse_class, tail.removeprefix("/")
        return None


@dataclass(frozen=True)
class Following:
    """What is followed: a class, a condition, the fields that are shown, and those whose changes are told."""

    class_name: str
    where: dict[str, Any]
    keys: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()


def read(method: str, path: str, query: str, body: str) -> Trial:
    """Return the request of four fields, `query` a parameter to a line; raises UnreadableTrialError."""
    if method not in METHODS:
        raise UnreadableTrialError("The method is GET, POST, PUT or DELETE.")
    if not _PATH.fullmatch(path):
        raise UnreadableTrialError("The path begins with / and has letters, digits and - . _ ~ only.")
    if method in _WITH_BODY:
        return Trial(method, path, body=as_object("The body", body or "{}"))
    return Trial(method, path, dict(map(_parameter, filter(None, map(str.strip, query.splitlines())))))


def as_lines(query: Mapping[str, str]) -> str:
    """Return a query as `read` takes it."""
    return "\n".join(f"{name}={value}" for name, value in query.items())


def _parameter(line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    if not sign or not name.strip():
        raise UnreadableTrialError(f"Each line of the query is name=value: {line[:40]}")
    if name.strip() in _IN_JSON:
        as_object(name.strip(), value)
    return name.strip(), value.strip()


def as_object(what: str, text: str) -> dict[str, Any]:
    """Return a text as the JSON object that it is; raises UnreadableTrialError."""
    try:
        return json_text.parse_object(text)
    except ParseError as problem:
        raise UnreadableTrialError(f"{what} is no JSON object.") from problem
