"""The keys of this installation: what a manager sees of them, and those that an app has."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

_FOR = {
    "PARSE_APP_ID": ("Application id", "Every app, with every request."),
    "PARSE_JAVASCRIPT_KEY": ("JavaScript key", "Apps in JavaScript and React Native."),
    "PARSE_CLIENT_KEY": ("Client key", "Apps for iOS and Android."),
    "PARSE_REST_API_KEY": ("REST API key", "Programs that speak plain HTTP."),
    "PARSE_MASTER_KEY": ("Master key", "Nobody but programs of your own on a server: it may do everything."),
}
_SECRET = frozenset({"PARSE_MASTER_KEY"})


@dataclass(frozen=True)
class Key:
    """`value` is None for a key that is never shown; `place` says where it comes from."""

    variable: str
    title: str
    used_by: str
    value: str | None
    place: str


@dataclass(frozen=True)
class App:
    """What an app must know: the address of the API, and its keys."""

    url: str
    application_id: str
    javascript_key: str
    client_key: str


def app_at(server_url: str) -> App:
    """Return what an app must know; `server_url` is where the API is."""
    return App(server_url, settings.PARSE_APP_ID, settings.PARSE_JAVASCRIPT_KEY, settings.PARSE_CLIENT_KEY)


def keys() -> list[Key]:
    """Return every key."""
    return [
        Key(name, title, used_by, None if name in _SECRET else getattr(settings, name), settings.PARSE_KEY_PLACES[name])
        for name, (title, used_by) in _FOR.items()
    ]
