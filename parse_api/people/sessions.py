"""The Parse class _Session: one row per device and log-in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.address import client_address
from accounts.api_session import token_hash
from accounts.models import ApiSession, User
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import SESSION
from parse_api.codecs import format_date
from parse_api.errors import Code, ParseError, not_found
from parse_api.identity import bad_session, confirm, hold_session
from parse_api.protocol import Call, checked_installation_id
from parse_api.queries.find import search, search_one
from parse_api.queries.options import names_of
from parse_api.writes.keys import written

LASTS = timedelta(days=365)
SIGN_UP = {"action": "signup", "authProvider": "password"}
LOG_IN = {"action": "login", "authProvider": "password"}
LOG_IN_AS = {"action": "login", "authProvider": "masterkey"}
_CREATED = {"action": "create"}
_TYPES = {"user": dict, "sessionToken": str, "expiresAt": dict, "installationId": str, "createdWith": dict}
"""Of the fields that an app may name in a create: all but installationId are the server's."""
_KEPT = (*_TYPES, "ACL")
_MOST = 100
"""How many sessions one person can have: the oldest end first."""


def begin(call: Call, user: User, created_with: Mapping[str, str]) -> tuple[ApiSession, str]:
    """Begin a session of the device that asks and return it with its token, which nobody can read again.

    The caller holds the lock on the person's row.
    """
    return _replace(call, user, created_with, call.credentials.installation_id)


def _replace(call: Call, user: User, created_with: Mapping[str, str], installation_id: str) -> tuple[ApiSession, str]:
    """Begin a session in place of the person's earlier one from the same installation."""
    if installation_id:
        ApiSession.objects.of(user).filter(installation_id=installation_id).delete()
    return make(call.request, user, created_with, LASTS, installation_id)


def make(
    request: HttpRequest, user: User, created_with: Mapping[str, str], lasts: timedelta, installation_id: str = ""
) -> tuple[ApiSession, str]:
    """Make a session and return it with its token; the oldest ends where a person has too many."""
    mine = ApiSession.objects.of(user)
    mine.exclude(pk__in=mine.working().order_by("-created_at", "-pk").values("pk")[: _MOST - 1]).delete()
    token = f"r:{secrets.token_hex(16)}"
    session = ApiSession.objects.create(
        user=user,
        token_hash=token_hash(token),
        installation_id=installation_id,
        created_with=created_with,
        expires_at=timezone.now() + lasts,
        ip=client_address(request),
        user_agent=request.headers.get("User-Agent", "")[:200],
    )
    return session, token


def create(call: Call, caller: Caller) -> Answer:
    """Make another session of the caller, for the device that the body names, which has no other then."""
    if caller.user is None:
        raise bad_session()
    confirm(caller)
    installation_id = _device(call.params)
    User.objects.select_for_update(no_key=True).filter(pk=caller.user.pk).first()
    hold_session(caller)
    session, token = _replace(call, caller.user, _CREATED, installation_id)
    body = search_one(caller, SESSION, ApiSession.objects.filter(pk=session.pk), {})
    made = {key: value for key, value in body.items() if key not in ("createdAt", "updatedAt")}
    return Answer({**made, "sessionToken": token}, status=201, location=f"/classes/_Session/{session.pk}")


def me(_call: Call, caller: Caller) -> Answer:
    """Describe the session of the request."""
    if caller.session is None:
        raise bad_session()
    confirm(caller)
    return Answer(_one(caller, caller.session.pk, {}))


def find(call: Call, caller: Caller) -> Answer:
    """List the caller's own sessions, with all options of queries; with the master key everybody's."""
    listed = json.loads(search(caller, SESSION, visible(caller), call.params))
    return Answer({**listed, "results": [_with_token(row, caller, call.params) for row in listed["results"]]})


def get(call: Call, caller: Caller, pk: str) -> Answer:
    """Describe one of the caller's sessions."""
    return Answer(_one(caller, pk, call.params))


def update(call: Call, caller: Caller, pk: str) -> Answer:
    """Move updatedAt: no field of a session can be set."""
    confirm(caller)
    rows = visible(caller)
    _refuse_fields(call.params, is_new=False)
    session = rows.filter(pk=pk).first()
    if session is None or not ApiSession.objects.select_for_update(no_key=True).filter(pk=session.pk).exists():
        raise not_found()
    session.updated_at = timezone.now()
    session.save(update_fields=["updated_at"])
    session.refresh_from_db(fields=["updated_at"])
    return Answer({"updatedAt": format_date(session.updated_at)})


def delete(_call: Call, caller: Caller, pk: str) -> Answer:
    """End one of the caller's sessions."""
    confirm(caller)
    session = visible(caller).filter(pk=pk).first()
    if session is None or not ApiSession.objects.filter(pk=session.pk).delete()[0]:
        raise not_found()
    return Answer({})


def log_out(_call: Call, caller: Caller) -> Answer:
    """End the session of the request, if it has one."""
    confirm(caller)
    if caller.session and not ApiSession.objects.filter(pk=caller.session.pk).delete()[0]:
        raise bad_session()
    return Answer({})


def visible(caller: Caller) -> QuerySet[ApiSession]:
    """Return the working sessions that the caller may see: his own; raises ParseError 209 without a session."""
    if caller.is_master:
        return ApiSession.objects.working()
    if caller.user is None:
        raise bad_session()
    return ApiSession.objects.working().of(caller.user)


def _one(caller: Caller, pk: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return _with_token(search_one(caller, SESSION, visible(caller).filter(pk=pk), params), caller, params)


def _with_token(row: dict[str, Any], caller: Caller, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a session with its token, if that is asked for and the one that was sent: no other is known."""
    is_current = caller.session is not None and caller.session.pk == row["objectId"]
    return {**row, "sessionToken": caller.token} if is_current and _is_asked("sessionToken", params) else row


def _is_asked(name: str, params: Mapping[str, Any]) -> bool:
    """Tell whether keys and excludeKeys, which were found to be right, let a field through."""
    is_kept = params.get("keys") is None or name in names_of(params["keys"], "keys")
    return is_kept and name not in names_of(params.get("excludeKeys"), "excludeKeys")


def _device(params: Mapping[str, Any]) -> str:
    """Return the installation that a create names; raises ParseError 105 for an ACL, 119 and 111 for other mistakes."""
    _refuse_fields({key: value for key, value in params.items() if key not in _TYPES}, is_new=True)
    for name, wanted in _TYPES.items():
        if params.get(name) is not None and not isinstance(params[name], wanted):
            raise ParseError(Code.BAD_TYPE, f"{name} of a session is not of this type.")
    return checked_installation_id(params.get("installationId") or "")


def _refuse_fields(body: Mapping[str, Any], *, is_new: bool) -> None:
    """Refuse every field: 105 for those that a session has, 119 for others."""
    for name in written(body, "_Session", _KEPT, is_new=is_new):
        raise ParseError(Code.BAD_KEY, f"{name} of a session cannot be set.")
