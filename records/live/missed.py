"""What was committed between the making of a page and its socket.

A page names the snapshot that it was made of, signed: a person who could choose one would be told, by the rights of
today, of what was before his time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import connection

from accounts.models import User
from records.live.feed import RECORDS, UNSEEN, LoggedChange, News, Snapshot, changes

MOST = 50
"""Rows of the log: a page that missed more is better made anew."""
LONGEST = timedelta(minutes=10)
"""From the making of a page to its socket; changes of rights are known for longer."""
_SALT = "records.live.missed"
_COLUMNS = ("readers", "updated_at", "contact_id", "company_id", "related_contact_id", "related_deal_id")
"""What notices are made of; of all else only whether it is the same."""


def since(user: User) -> str:
    """Return what the page of somebody gives its socket, "" when it is not known what the page was made of."""
    return signing.dumps([user.pk, user.snapshot], salt=_SALT) if user.snapshot else ""


def missed(said: str, user: User) -> News | None:
    """Return what was committed since a page was made; None when that is too much, or not known."""
    try:
        pk, text = signing.loads(said, salt=_SALT, max_age=LONGEST)
    except signing.BadSignature:
        return None
    if pk != user.pk:
        return None
    snapshot = Snapshot.read(text)
    known: dict[str, Any] = {"xmax": snapshot.xmax, "running": list(snapshot.running), "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, known)
        if cursor.fetchone()[0] == MOST:
            return None
        cursor.execute(_PEOPLE, known)
        people = frozenset(person for (person,) in cursor.fetchall())
        cursor.execute(_CHANGES, known)
        return News(people, [LoggedChange(*row) for row in cursor.fetchall()])


def _side(column: str) -> str:
    kept = ", ".join(f"'{name}', {column} -> '{name}'" for name in _COLUMNS)
    rest = f"'rest', md5(({column} - 'readers' - 'acl')::text)"
    return f"CASE WHEN {column} IS NOT NULL THEN jsonb_build_object({kept}, {rest})::text END"


_ROWS = f"SELECT * FROM records_change WHERE {UNSEEN} AND {RECORDS} ORDER BY id LIMIT %(most)s"
_COUNT = f"SELECT count(*) FROM ({_ROWS}) unseen"
_PEOPLE = f"SELECT DISTINCT user_id FROM accounts_rightschange WHERE {UNSEEN}"
_PAIRS = f"""
SELECT max(id) AS last, min(id) AS first FROM ({_ROWS}) unseen GROUP BY transaction, class_name, object_id
"""
_CHANGES = changes(_PAIRS, _side("o.old"), _side("n.new"))
