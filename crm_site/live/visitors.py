"""Who opens a socket from a page: looked up by the cookie of his session, and only from our own pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, parse_cookie
from django.utils.http import is_same_domain

from accounts.models import User
from records.live.sight import Sight, sight_of
from records.live.talk import Handshake, Refusal


@dataclass(frozen=True)
class Visitor:
    """A person in a browser: the session ends at `expires_at`, if nothing ends it before."""

    session_key: str
    user: User
    sight: Sight
    expires_at: datetime


def request_of(handshake: Handshake) -> HttpRequest:
    """Return a handshake as Django sees requests, without a body."""
    request = HttpRequest()
    request.method, request.path = "GET", handshake.path
    request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in handshake.headers.items()}
    request.META |= {"REMOTE_ADDR": handshake.address, "QUERY_STRING": handshake.query}
    request.COOKIES = parse_cookie(handshake.headers.get("Cookie", ""))
    return request


def session_key_of(handshake: Handshake) -> str:
    """Return the key of the browser's session; raises Refusal without one, and for a page that is not ours.

    A browser sends cookies with sockets that any page opens, and says truly which page it was.
    """
    request = request_of(handshake)
    try:
        host = request.get_host()
    except DisallowedHost as problem:
        raise Refusal(400, "This is no host of ours.") from problem
    if not _is_ours(request.META.get("HTTP_ORIGIN", ""), f"{request.scheme}://{host}"):
        raise Refusal(403, "Only our own pages open this socket.")
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or "\x00" in key:
        raise Refusal(403, "Sign in first.")
    return key


def _is_ours(origin: str, own: str) -> bool:
    if origin == own or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        sent = urlsplit(origin)
    except ValueError:
        return False
    patterns = (urlsplit(each) for each in settings.CSRF_TRUSTED_ORIGINS if "*" in each)
    return any(sent.scheme == each.scheme and is_same_domain(sent.netloc, each.netloc.lstrip("*")) for each in patterns)


def visitor_with(session_key: str) -> Visitor | None:
    """Return who has this session now, None when it lets nobody in (any more)."""
    # The store's own get_expiry_date tells when a session that is saved now would end.
    kept = Session.objects.filter(pk=session_key).first()
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if kept is None or not isinstance(user, User) or not user.is_active:
        return None
    return Visitor(session_key, user, sight_of(user), kept.expire_date)
