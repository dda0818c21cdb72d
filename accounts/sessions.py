"""The list of a person's sessions, and how they end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.address import client_address
from accounts.api_session import PLAYGROUND
from accounts.models import ApiSession, User

# The first that a User-Agent contains names it; Chrome calls itself Safari too, Edge calls itself both.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class ListedSession:
    """One line of the list; posting to `end_url` ends the session."""

    end_url: str
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


def listed(request: HttpRequest, user: User) -> list[ListedSession]:
    """Return the sessions of browsers and apps that still work, this one first, then the last used."""
    lines = [*_browsers(request, user), *_apps(user)]
    return sorted(lines, key=lambda line: (line.is_current, line.last_seen_at), reverse=True)


def _browsers(request: HttpRequest, user: User) -> list[ListedSession]:
    current = request.session.session_key
    rows = UserSession.objects.filter(user=user, session_key__in=_working())
    return [
        ListedSession(
            end_url=reverse("accounts:session_end", args=[row.pk]),
            device=device(row.user_agent),
            address=row.ip,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=row.session_key == current,
        )
        for row in rows
    ]


def _apps(user: User) -> list[ListedSession]:
    return [
        ListedSession(
            end_url=reverse("accounts:app_session_end", args=[row.pk]),
            device=playground(row.user_agent) if row.created_with == PLAYGROUND else app(row.user_agent),
            address=row.ip,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=False,
        )
        for row in ApiSession.objects.of(user).working()
    ]


@transaction.atomic
def end(user: User, pk: int) -> bool:
    """End one session of `user` in a browser, with his playgrounds; tell whether there was such a one."""
    end_playgrounds(user)
    return _end(UserSession.objects.filter(user=user, pk=pk)) > 0


def end_playgrounds(user: User) -> None:
    """End the sessions of the developer pages, whichever browser they are in: a page that is open makes another."""
    hold(user)
    ApiSession.objects.of(user).of_playground().delete()


def end_app(user: User, pk: str) -> bool:
    """End one session that `user` has in an app; tell whether there was such a one."""
    return ApiSession.objects.of(user).filter(pk=pk).delete()[0] > 0


@transaction.atomic
def end_others(request: HttpRequest, user: User) -> int:
    """End all sessions of `user` but this one; return how many there were."""
    hold(user)
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    return _end(others) + ApiSession.objects.of(user).delete()[0]


@transaction.atomic
def end_all(user: User) -> int:
    """End all sessions of `user`; return how many there were."""
    hold(user)
    return _end(UserSession.objects.filter(user=user)) + ApiSession.objects.of(user).delete()[0]


def hold(user: User) -> None:
    """Wait for a session that is being made out of another one, which would outlive it, and let no more begin."""
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()


def note_use(request: HttpRequest) -> None:
    """Keep when and from where this session was last used."""
    UserSession.objects.filter(session_key=request.session.session_key).update(
        last_seen_at=timezone.now(),
        ip=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:200],
    )


def device(user_agent: str) -> str:
    """Return "Firefox on Linux", or as much of it as the header tells."""
    browser = _first(_BROWSERS, user_agent) or "Unknown browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def app(user_agent: str) -> str:
    """Return "App on Android", or as much of it as the header tells."""
    system = _first(_SYSTEMS | {"CFNetwork": "an Apple device", "okhttp": "Android"}, user_agent)
    return f"App on {system}" if system else "App"


def playground(user_agent: str) -> str:
    """Return "API playground, Firefox on Linux"."""
    return f"API playground, {device(user_agent)}"


def _working() -> object:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for sign, name in names.items() if sign in user_agent), "")


@transaction.atomic
def _end(rows: Iterable[UserSession]) -> int:
    keys = [row.session_key for row in rows]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
