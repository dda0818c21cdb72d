"""The statement that finds the session of a token, its person, and the roles and permissions he has.

It takes three times as long as to see that nothing of it has changed since, so each database connection remembers what
it found: a session and a person are the same rows as long as the transaction that wrote them is the same (xmin), and
what else decides about rights is written to a log (accounts.rights), of which the snapshot then tells what is new.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

from accounts.api_session import token_hash
from accounts.models import ApiSession
from accounts.person_sql import read_person, user_columns, with_rights
from parse_api.prepared import first_row, link

_SESSION = ("id", "created_at", "updated_at", "user_id", "token_hash", "installation_id", "expires_at", "last_seen_at")
"""What a request needs of a session; the rest is fetched when it is asked for."""
_VERSION = ("pg_current_snapshot()::text", "s.xmin::text", "u.xmin::text")
_STILL = """
SELECT 1 FROM accounts_apisession s JOIN accounts_user u ON u.id = s.user_id
WHERE s.token_hash = %s AND s.xmin = %s::xid AND u.xmin = %s::xid
    AND s.expires_at > statement_timestamp() AND u.is_active
    AND (SELECT 1 FROM accounts_rightschange WHERE transaction >= %s AND (user_id IS NULL OR user_id = %s)
        AND NOT pg_visible_in_snapshot(transaction::text::xid8, %s::pg_snapshot) ORDER BY transaction LIMIT 1) IS NULL
"""
_REMEMBERED_SECONDS = 600
"""Much less than the log of rights is kept for."""
_MOST = 200
"""Sessions of a connection."""
_Row = tuple[Any, ...]
_Known = OrderedDict[str, tuple[float, _Row]]

_known: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()
"""By connection: one that is lost takes along what it found, as a database that lost its last moments must not know."""


def session_with(token: str) -> ApiSession | None:
    """Return the working session of a token; its person's roles and permissions are known without another query."""
    row = _row(token_hash(token))
    if row is None:
        return None
    _, _, _, *values = row
    session = ApiSession.from_db("default", _SESSION, values[: len(_SESSION)])
    session.user = read_person(values[len(_SESSION) :])
    return session


def _row(key: str) -> _Row | None:
    if connection.in_atomic_block:  # which sees what nobody else does, and may write a row twice
        return _look(key)
    known = _known.setdefault(link(), OrderedDict())
    until, row = known.pop(key, (0.0, ()))
    if until < time.monotonic() or not _is_still(key, row):
        until, found = time.monotonic() + _REMEMBERED_SECONDS, _look(key)
        if found is None:
            return None
        row = found
    known[key] = until, row
    if len(known) > _MOST:
        known.popitem(last=False)
    return row


def _look(key: str) -> _Row | None:
    return first_row(_statement(), [key], keeps_plan=True)


def _is_still(key: str, row: _Row) -> bool:
    """Tell whether the session works and all that was found with it is as it was."""
    snapshot, session, person = row[: len(_VERSION)]
    user_id = row[len(_VERSION) + _SESSION.index("user_id")]
    oldest = int(snapshot.partition(":")[0])
    return first_row(_STILL, [key, session, person, oldest, user_id, snapshot], keeps_plan=True) is not None


@cache
def _statement() -> str:
    version = ", ".join(f"{each} AS v_{number}" for number, each in enumerate(_VERSION))
    session = ", ".join(f"s.{name} AS s_{name}" for name in _SESSION)
    user = ", ".join(f"u.{name} AS u_{name}" for name in user_columns())
    return with_rights(f"""
        SELECT {version}, {session}, {user} FROM accounts_apisession s JOIN accounts_user u ON u.id = s.user_id
        WHERE s.token_hash = %s AND s.expires_at > statement_timestamp() AND u.is_active""")  # noqa: S608
