"""The Parse class _Installation: an app tells of its device, again and again, and is known by one of two ids.

Whoever has the objectId, which nobody can guess, reads and changes an installation, as with a Parse server; all of
them are listed and deleted with the master key only.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import INSTALLATION
from parse_api.codecs import format_date
from parse_api.errors import Code, ParseError, not_found
from parse_api.models import Installation
from parse_api.protocol import Call
from parse_api.queries.find import search, search_one
from parse_api.service.device_fields import Said, applied, read

_LOCK = 1_346_457_417
"""Of PostgreSQL's advisory locks; devices register one after the other, for two ids can mean up to two of them."""


def create(call: Call, caller: Caller) -> Answer:
    """Register a device; one that is known by its installationId or deviceToken is updated."""
    said = read(call.params, is_new=True)
    own = dict(said.own)
    if not caller.is_master and caller.installation_id:
        own.setdefault("installation_id", caller.installation_id.lower())
    if "installation_id" not in own and "device_token" not in own:
        raise ParseError(Code.NO_INSTALLATION, "An installation needs an installationId or a deviceToken.")
    _take_turns()
    known = _known(own)
    if known is None and "device_type" not in own:
        raise ParseError(Code.NO_INSTALLATION, "An installation needs a deviceType.")
    if known is not None:
        return _changed(known, Said(own, said.more))
    return _made(Said(own, said.more))


def find(call: Call, caller: Caller) -> Answer:
    """List devices, with the master key."""
    if not caller.is_master:
        raise ParseError(Code.FORBIDDEN, "Clients aren't allowed to perform the find operation on installations.")
    listed = json.loads(search(caller, INSTALLATION, Installation.objects.all(), call.params))
    return Answer({**listed, "results": [_shown(row) for row in listed["results"]]})


def get(call: Call, caller: Caller, pk: str) -> Answer:
    """Answer a device."""
    return Answer(_shown(search_one(caller, INSTALLATION, Installation.objects.filter(pk=pk), call.params)))


def update(call: Call, _caller: Caller, pk: str) -> Answer:
    """Change what is known of a device."""
    said = read(call.params, is_new=False)
    _take_turns()
    device = Installation.objects.filter(pk=pk).first()
    if device is None:
        raise not_found()
    _check_fixed(device, said)
    return _changed(device, said)


def delete(_call: Call, caller: Caller, pk: str) -> Answer:
    """Forget a device, with the master key."""
    if not caller.is_master:
        raise ParseError(Code.FORBIDDEN, "Clients aren't allowed to perform the delete operation on installations.")
    if not Installation.objects.filter(pk=pk).delete()[0]:
        raise not_found()
    return Answer({})


def _take_turns() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _known(own: dict[str, str]) -> Installation | None:
    """Return the device that these ids mean; an installation whose push token another one now has is gone."""
    rows, token = Installation.objects.all(), own.get("device_token")
    by_id = rows.filter(installation_id=own["installation_id"]).first() if "installation_id" in own else None
    by_token = rows.filter(device_token=token).first() if token else None
    if by_token is None or by_token == by_id:
        return by_id
    if by_token.installation_id is None or "installation_id" not in own:
        if by_id is not None:
            by_id.delete()
        return by_token
    by_token.delete()
    return by_id


def _check_fixed(device: Installation, said: Said) -> None:
    for column in ("installation_id", "device_type"):
        held = getattr(device, column)
        if held and said.own.get(column, held) != held:
            raise ParseError(Code.FIXED_ON_DEVICE, f"The {column.replace('_', ' ')} of an installation stays.")
    token = said.own.get("device_token")
    if token and device.device_token and not device.installation_id and token != device.device_token:
        raise ParseError(Code.FIXED_ON_DEVICE, "The device token of an installation without another id stays.")


def _made(said: Said) -> Answer:
    device = Installation(**said.own)
    told = applied(said, device)
    device.save(force_insert=True)
    device.refresh_from_db(fields=["created_at"])
    body = {"objectId": device.pk, "createdAt": format_date(device.created_at), **told}
    return Answer(body, status=201, location=f"/classes/_Installation/{device.pk}")


def _changed(device: Installation, said: Said) -> Answer:
    """Write what was said; others of the same id or push token are the same device, and go."""
    for column, value in said.own.items():
        setattr(device, column, value)
    for column in ("installation_id", "device_token"):
        if getattr(device, column) is not None:
            Installation.objects.filter(**{column: getattr(device, column)}).exclude(pk=device.pk).delete()
    told = applied(said, device)
    device.save(update_fields=[*said.own, "more"])
    device.refresh_from_db(fields=["updated_at"])
    return Answer({"updatedAt": format_date(device.updated_at), **told}, object_id=device.pk)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a device as apps know it, with the fields of their own beside ours."""
    more: dict[str, Any] = row.pop("more", {})
    return {**more, **row}
