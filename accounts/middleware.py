"""Keeps when and from where each session was last used."""

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts import sessions

_KEY = "seen_at"
_EVERY_SECONDS = 300


class LastSeenMiddleware:
    """Notes a session's use, at most every five minutes, so that a page costs no write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Note it, and pass on; a session that was not begun by signing in here is in no list."""
        seen_at = request.session.get(_KEY)
        if seen_at is not None and seen_at < time.time() - _EVERY_SECONDS and request.user.is_authenticated:
            sessions.note_use(request)
            request.session[_KEY] = int(time.time())
        return self.get_response(request)


def start_noting(request: HttpRequest) -> None:
    """Begin with a new session."""
    request.session[_KEY] = int(time.time())
