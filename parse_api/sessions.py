"""The Parse class _Session: one row per device and log-in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.address import client_address
from accounts.api_session import token_hash
from accounts.models import ApiSession, User
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.codecs import format_date
from parse_api.errors import Code, ParseError, not_found
from parse_api.identity import bad_session
from parse_api.protocol import Call

LASTS = timedelta(days=365)
SIGN_UP = {"action": "signup", "authProvider": "password"}
LOG_IN = {"action": "login", "authProvider": "password"}
LOG_IN_AS = {"action": "login", "authProvider": "masterkey"}
_CREATED = {"action": "create"}
_KEPT = ("user", "sessionToken", "expiresAt", "installationId", "createdWith", "ACL")
_IGNORED = ("objectId", "createdAt", "updatedAt")
_MOST = 100
"""How many sessions are listed, if not told, and how many one person can have: the oldest end first."""


def begin(call: Call, user: User, created_with: Mapping[str, str]) -> tuple[ApiSession, str]:
    """Begin a session and return it with its token, which nobody can read again.

    It replaces the person's earlier one from the same installation, unless it was made as such. The caller holds the
    lock on the person's row.
    """
    mine, installation_id = ApiSession.objects.of(user), call.credentials.installation_id
    if installation_id and created_with != _CREATED:
        mine.filter(installation_id=installation_id).delete()
    mine.exclude(pk__in=mine.working().order_by("-created_at", "-pk").values("pk")[: _MOST - 1]).delete()
    token = f"r:{secrets.token_hex(16)}"
    session = ApiSession.objects.create(
        user=user,
        token_hash=token_hash(token),
        installation_id=installation_id,
        created_with=created_with,
        expires_at=timezone.now() + LASTS,
        ip=client_address(call.request),
        user_agent=call.request.headers.get("User-Agent", "")[:200],
    )
    return session, token


def create(call: Call, caller: Caller) -> Answer:
    """Make another session of the caller, for another device."""
    if caller.user is None:
        raise bad_session()
    _refuse_fields({key: value for key, value in call.params.items() if key not in _KEPT})
    User.objects.select_for_update(no_key=True).get(pk=caller.user.pk)
    session, token = begin(call, caller.user, _CREATED)
    session.refresh_from_db()
    shown = _shown(session, token)
    return Answer(
        {key: shown[key] for key in ("sessionToken", "user", "createdWith", "expiresAt", "objectId")},
        status=201,
        location=f"/classes/_Session/{session.pk}",
    )


def me(_call: Call, caller: Caller) -> Answer:
    """Describe the session of the request."""
    if caller.session is None:
        raise bad_session()
    return Answer(_shown(caller.session, caller.token))


def find(call: Call, caller: Caller) -> Answer:
    """List the caller's own sessions, oldest first or last; with the master key everybody's."""
    if unknown := set(call.params) - {"order", "limit", "skip", "count"}:
        raise ParseError(Code.BAD_QUERY, f"Sessions are not searched by {', '.join(sorted(unknown))}.")
    orders = {"createdAt": ("created_at", "pk"), "-createdAt": ("-created_at", "-pk")}
    order = orders.get(str(call.params.get("order") or "createdAt"))
    if order is None:
        raise ParseError(Code.BAD_QUERY, "Sessions are ordered by createdAt.")
    limit, skip = (_whole(call, name, most) for name, most in (("limit", _MOST), ("skip", 0)))
    rows = _visible(caller)
    answer: dict[str, Any] = {"results": [_told(row, caller) for row in rows.order_by(*order)[skip : skip + limit]]}
    if str(call.params.get("count", "0")) not in ("0", "false", "False"):
        answer["count"] = rows.count()
    return Answer(answer)


def get(_call: Call, caller: Caller, pk: str) -> Answer:
    """Describe one of the caller's sessions."""
    return Answer(_told(_found(caller, pk), caller))


def update(call: Call, caller: Caller, pk: str) -> Answer:
    """Move updatedAt: no field of a session can be set."""
    session = _found(caller, pk)
    _refuse_fields(call.params)
    ApiSession.objects.filter(pk=session.pk).update(updated_at=timezone.now())
    session.refresh_from_db(fields=["updated_at"])
    return Answer({"updatedAt": format_date(session.updated_at)})


def delete(_call: Call, caller: Caller, pk: str) -> Answer:
    """End one of the caller's sessions."""
    _found(caller, pk).delete()
    return Answer({})


def log_out(_call: Call, caller: Caller) -> Answer:
    """End the session of the request, if it has one."""
    if caller.session:
        caller.session.delete()
    return Answer({})


def _visible(caller: Caller) -> QuerySet[ApiSession]:
    if caller.is_master:
        return ApiSession.objects.working()
    if caller.user is None:
        raise bad_session()
    return ApiSession.objects.working().of(caller.user)


def _found(caller: Caller, pk: str) -> ApiSession:
    session = _visible(caller).filter(pk=pk).first()
    if session is None:
        raise not_found()
    return session


def _told(session: ApiSession, caller: Caller) -> dict[str, Any]:
    """Describe a session; of all tokens only the one that was sent is known."""
    is_current = caller.session is not None and caller.session.pk == session.pk
    return _shown(session, caller.token if is_current else "")


def _shown(session: ApiSession, token: str) -> dict[str, Any]:
    shown = {
        "objectId": session.pk,
        "createdAt": format_date(session.created_at),
        "updatedAt": format_date(session.updated_at),
        "user": {"__type": "Pointer", "className": "_User", "objectId": session.user_id},
        "sessionToken": token,
        "installationId": session.installation_id,
        "expiresAt": {"__type": "Date", "iso": format_date(session.expires_at)},
        "createdWith": session.created_with,
    }
    return {key: value for key, value in shown.items() if value != ""}


def _refuse_fields(params: Mapping[str, Any]) -> None:
    for key in params:
        if key in _KEPT:
            raise ParseError(Code.BAD_KEY, f"{key} of a session cannot be set.")
        if key not in _IGNORED:
            raise ParseError(Code.FORBIDDEN, f"A session has no field {key}.")


def _whole(call: Call, name: str, default: int) -> int:
    try:
        value = int(call.params.get(name, default))
    except (TypeError, ValueError) as error:
        raise ParseError(Code.BAD_QUERY, f"{name} is no whole number.") from error
    if not 0 <= value < 2**31:
        raise ParseError(Code.BAD_QUERY, f"{name} is out of range.")
    return min(value, 10_000) if name == "limit" else value
