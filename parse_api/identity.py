"""Finds out who calls: checks the keys and looks the session token up (CONTRACT.md, section 2)."""

from __future__ import annotations

import hmac
import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from accounts.address import client_address, is_from_this_machine
from accounts.models import ApiSession
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError, unauthorized
from parse_api.people.session_sql import session_with
from parse_api.protocol import Call, Credentials

_NOTED_EVERY = timedelta(minutes=5)
_HOLD = """
SELECT 1 FROM accounts_apisession s JOIN accounts_user u ON u.id = s.user_id
WHERE s.id = %s AND s.expires_at > statement_timestamp() AND u.is_active FOR KEY SHARE OF s
"""


def identify(call: Call, *, takes_token: bool = True) -> Caller:
    """Return who calls; 403 for wrong keys, 209 for a token that no longer works, which the master key makes up for."""
    sent = call.credentials
    is_master = check_keys(sent, may_be_master=bool(sent.master_key) and may_be_master(call.request))
    session = _session(call, is_needed=not is_master) if takes_token and sent.session_token else None
    return Caller(
        user=session.user if session else None,
        is_master=is_master,
        session=session,
        installation_id=sent.installation_id,
        token=sent.session_token if session else "",
    )


def check_keys(sent: Credentials, *, may_be_master: bool) -> bool:
    """Tell whether the master key was sent and may be used; ParseError 403 when neither it nor another key is right."""
    if not _same(sent.application_id, settings.PARSE_APP_ID):
        raise unauthorized()
    is_master = _same(sent.master_key, settings.PARSE_MASTER_KEY) and may_be_master
    if not is_master and not _has_client_key(sent):
        raise unauthorized()
    return is_master


def confirm(caller: Caller) -> None:
    """Look the session up again before anything but the first thing that is done with it; raises ParseError 209.

    An earlier step of a batch, or what made a write lose a race, may have ended it.
    """
    if next(caller.uses):
        look_again(caller)


def look_again(caller: Caller) -> None:
    """Learn what the person may do now, after a wait for somebody else; raises ParseError 209 if the session ended."""
    if caller.session is None or caller.user is None:
        return
    found = session_with(caller.token)
    if found is None:
        raise bad_session()
    known = vars(caller.user)
    known.clear()  # with what he was found to be allowed
    known.update(vars(found.user))


def hold_session(caller: Caller) -> None:
    """Keep the session from being ended until the transaction is; raises ParseError 209 if it ended before.

    For what outlives the session: another one, a new password. The master key needs none. It ends under the lock on
    its person's row, which the caller holds.
    """
    if caller.session is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [caller.session.pk])
        if cursor.fetchone() is None:
            raise bad_session()


def bad_session() -> ParseError:
    """Return the error for a token that is missing where it is needed, unknown, expired or ended."""
    return ParseError(Code.BAD_SESSION, "Invalid session token")


def may_be_master(request: HttpRequest) -> bool:
    """Tell whether the master key may be used from where the request comes."""
    if is_from_this_machine(request):
        return True
    address = ipaddress.ip_address(client_address(request))
    return any(address in allowed for allowed in settings.PARSE_MASTER_KEY_IPS)


def _has_client_key(sent: Credentials) -> bool:
    """Compare every key, so that the time tells nothing about which one was nearly right."""
    matches = [_same(key, getattr(settings, name)) for name, key in sent.client_keys.items()]
    return any(matches)


def _same(sent: str, key: str) -> bool:
    """Compare in constant time; an empty key is never right."""
    return bool(key) & hmac.compare_digest(sent.encode(errors="replace"), key.encode())


def _session(call: Call, *, is_needed: bool) -> ApiSession | None:
    """Return the working session of the token; without one raise ParseError 209 if a session is needed."""
    found = session_with(call.credentials.session_token)
    if found is None:
        if is_needed:
            raise bad_session()
        return None
    if found.last_seen_at < timezone.now() - _NOTED_EVERY:
        used = {"last_seen_at": timezone.now(), "ip": client_address(call.request)}
        ApiSession.objects.filter(pk=found.pk).update(**used)
    return found
