"""Runs a write once, however often an app sends it: the request id is kept for a while (CONTRACT.md, section 17).

The id is written first in the transaction of the write, so that of any number of requests with one id at the same
moment all but the first wait and are refused. A refused write is undone to a savepoint and its id stays spent; a write
that is lost, because the server or the database went away, leaves its id free, and can be sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.db import connection, transaction

from accounts.models import User
from parse_api.errors import Code, ParseError
from records.log import written_by

Result = TypeVar("Result")
SECONDS = 120
"""How long an id stays spent."""
_CLAIM = """
WITH pruned AS (
  DELETE FROM parse_api_spentrequest WHERE key IN (
    SELECT key FROM parse_api_spentrequest
    WHERE spent_at < clock_timestamp() - interval '1 second' * %(seconds)s AND key <> %(key)s
    ORDER BY spent_at LIMIT 5 FOR UPDATE SKIP LOCKED))
INSERT INTO parse_api_spentrequest AS r (key, spent_at) VALUES (%(key)s, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET spent_at = clock_timestamp()
WHERE r.spent_at < clock_timestamp() - interval '1 second' * %(seconds)s
RETURNING 1
"""


def written_once(user: User | None, sent_id: str, write: Callable[[], Result]) -> Result:
    """Return what `write` returns, run as one transaction of `user` that spends the id, also when it is refused.

    Raises ParseError 159 when the id is spent already. An empty id marks nothing.
    """
    if not sent_id:
        return written_by(user, write)

    def claimed() -> Result | ParseError:
        claim(sent_id)
        try:
            with transaction.atomic():
                return write()
        except ParseError as refusal:
            return refusal

    outcome = written_by(user, claimed)
    if isinstance(outcome, ParseError):
        raise outcome
    return outcome


def claim(sent_id: str) -> None:
    """Spend an id; raises ParseError 159 when it is spent. Each takes some away that are so no longer."""
    key = sha256(sent_id.encode(errors="surrogatepass")).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"key": key, "seconds": SECONDS})
        if cursor.fetchone() is None:
            raise ParseError(Code.DUPLICATE_REQUEST, "Duplicate request")
