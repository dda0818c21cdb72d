"""The statement that finds the session of a token, its person, and the roles and permissions he has."""

from __future__ import annotations

from functools import cache

from accounts.api_session import token_hash
from accounts.models import ApiSession
from accounts.person_sql import read_person, user_columns, with_rights
from parse_api.prepared import first_row

_SESSION = ("id", "created_at", "updated_at", "user_id", "token_hash", "installation_id", "expires_at", "last_seen_at")
"""What a request needs of a session; the rest is fetched when it is asked for."""


def session_with(token: str) -> ApiSession | None:
    """Return the working session of a token; its person's roles and permissions are known without another query."""
    row = first_row(_statement(), [token_hash(token)], keeps_plan=True)
    if row is None:
        return None
    session = ApiSession.from_db("default", _SESSION, row[: len(_SESSION)])
    session.user = read_person(row[len(_SESSION) :])
    return session


@cache
def _statement() -> str:
    session = ", ".join(f"s.{name} AS s_{name}" for name in _SESSION)
    user = ", ".join(f"u.{name} AS u_{name}" for name in user_columns())
    return with_rights(f"""
        SELECT {session}, {user} FROM accounts_apisession s JOIN accounts_user u ON u.id = s.user_id
        WHERE s.token_hash = %s AND s.expires_at > statement_timestamp() AND u.is_active""")  # noqa: S608
