"""Finds out who calls: checks the keys and looks the session token up (CONTRACT.md, section 2)."""

from __future__ import annotations

import hmac
import ipaddress
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.address import client_address, is_from_this_machine
from accounts.models import ApiSession
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError, unauthorized
from parse_api.protocol import Call, Credentials

_NOTED_EVERY = timedelta(minutes=5)


def identify(call: Call, *, takes_token: bool = True) -> Caller:
    """Return who calls; 403 for wrong keys, 209 for a token that no longer works."""
    sent = call.credentials
    if not _same(sent.application_id, settings.PARSE_APP_ID):
        raise unauthorized()
    is_master = _is_master(call.request, sent)
    if not is_master and not _has_client_key(sent):
        raise unauthorized()
    session = _session(call) if takes_token and sent.session_token else None
    return Caller(
        user=session.user if session else None,
        is_master=is_master,
        session=session,
        installation_id=sent.installation_id,
        token=sent.session_token if session else "",
    )


def bad_session() -> ParseError:
    """Return the error for a token that is missing where it is needed, unknown, expired or ended."""
    return ParseError(Code.BAD_SESSION, "Invalid session token")


def _is_master(request: HttpRequest, sent: Credentials) -> bool:
    """Tell whether the master key is right and may be used from where the request comes."""
    return _same(sent.master_key, settings.PARSE_MASTER_KEY) and _may_use_master_key(request)


def _may_use_master_key(request: HttpRequest) -> bool:
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


def _session(call: Call) -> ApiSession:
    found = ApiSession.objects.working().with_token(call.credentials.session_token).select_related("user").first()
    if found is None:
        raise bad_session()
    if found.last_seen_at < timezone.now() - _NOTED_EVERY:
        used = {"last_seen_at": timezone.now(), "ip": client_address(call.request)}
        ApiSession.objects.filter(pk=found.pk).update(**used)
    return found
