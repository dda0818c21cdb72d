"""The session by which a page tries the API: its person's own, short, and no longer there than that of the browser."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from accounts import sessions
from accounts.api_session import PLAYGROUND
from accounts.models import ApiSession
from accounts.requests import PersonRequest
from parse_api.people.sessions import make

LASTS = timedelta(hours=1)
MOST = 5
"""Pages of one person that try at the same time; one more ends the oldest's session."""


def begin(request: PersonRequest) -> tuple[ApiSession, str] | None:
    """Make a session and return it with its token; None when that of the browser has ended meanwhile.

    Signing out waits for the lock on the person's row as well: so either it ends this session, or finds none.
    """
    sessions.hold(request.user)
    if not Session.objects.filter(session_key=request.session.session_key).exists():
        return None
    mine = ApiSession.objects.of(request.user).of_playground()
    mine.exclude(pk__in=mine.working().order_by("-created_at", "-pk").values("pk")[: MOST - 1]).delete()
    return make(request, request.user, PLAYGROUND, LASTS)
