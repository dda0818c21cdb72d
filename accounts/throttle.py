"""Slows down those who try too often: passwords, sign-ups, reset mails; one counter for every door.

An attempt is counted before it is made, in one statement that locks the counter, so that of any number of
attempts at the same moment no more than the free ones get through. It is written on a connection of its own
and stays, whatever becomes of the request's transaction. Whoever is refused waits, twice as long each time, up
to a longest wait: nobody is locked out for good.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import salted_hmac

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Limit:
    """How many attempts are free and how long the next ones wait, in seconds."""

    scope: str
    free: int
    first_wait: int
    longest_wait: int
    forgotten_after: int = 3600

    def key(self, who: str) -> str:
        """Return what the counter of `who` is stored under; a mistyped password must not be readable there."""
        return salted_hmac(f"accounts.throttle.{self.scope}", who, algorithm="sha256").hexdigest()


PASSWORDS_OF_ACCOUNT = Limit("account", free=5, first_wait=15, longest_wait=900)
PASSWORDS_FROM_ADDRESS = Limit("address", free=50, first_wait=5, longest_wait=300)
SIGN_UPS_FROM_ADDRESS = Limit("sign-up", free=60, first_wait=30, longest_wait=900)
RESETS_FROM_ADDRESS = Limit("reset", free=20, first_wait=30, longest_wait=900)
RESET_MAILS_TO_ACCOUNT = Limit("reset mail", free=3, first_wait=600, longest_wait=3600, forgotten_after=7200)


class TooManyAttempts(Exception):  # noqa: N818 - it names what happened; every door answers 429 to it
    """The attempt was refused; `seconds` from now the next may be made."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def charge(*attempts: tuple[Limit, str]) -> None:
    """Count an attempt against each (limit, who) in turn; raise TooManyAttempts at the first that has none left."""
    with _own_cursor() as cursor:
        for limit, who in attempts:
            _charge(cursor, limit, who)


def forget(*attempts: tuple[Limit, str]) -> None:
    """Forget all attempts of each (limit, who)."""
    with _own_cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_attemptcount WHERE key = ANY(%s)", [[limit.key(who) for limit, who in attempts]]
        )


def give_back(limit: Limit, who: str) -> None:
    """Take one attempt off the count, because it was rightful; waits that others have earned stay."""
    with _own_cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_attemptcount SET count = count - 1, "
            "blocked_until = CASE WHEN count <= %s THEN clock_timestamp() ELSE blocked_until END "
            "WHERE key = %s AND count > 0",
            [limit.free, limit.key(who)],
        )


def slowed(view: View) -> View:
    """Make a view answer 429 with the time to wait when it raises TooManyAttempts."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **options)
        except TooManyAttempts as refusal:
            context = {"seconds": refusal.seconds, "minutes": math.ceil(refusal.seconds / 60)}
            page = render(request, "429.html", context, status=429)
            page.headers["Retry-After"] = str(refusal.seconds)
            return page

    return answer


@contextmanager
def _own_cursor() -> Iterator[CursorWrapper]:
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


_COUNT = """
INSERT INTO accounts_attemptcount AS a (key, count, last_at, blocked_until)
VALUES (%(key)s, 1, clock_timestamp(), clock_timestamp())
ON CONFLICT (key) DO UPDATE SET (count, last_at, blocked_until) = (
  SELECT n.count, n.at, n.at + interval '1 second' * CASE WHEN n.count < %(free)s THEN 0
    ELSE LEAST(%(longest)s, %(first)s * power(2, LEAST(n.count - %(free)s, 30))) END
  FROM (SELECT clock_timestamp() AS at, CASE WHEN a.last_at < clock_timestamp() - interval '1 second' * %(forgotten)s
        THEN 1 ELSE a.count + 1 END AS count) n)
WHERE a.blocked_until <= clock_timestamp()
RETURNING count
"""
_PRUNE = """
DELETE FROM accounts_attemptcount WHERE key IN (
  SELECT key FROM accounts_attemptcount WHERE last_at < clock_timestamp() - interval '1 day'
  LIMIT 1000 FOR UPDATE SKIP LOCKED)
"""


def _charge(cursor: CursorWrapper, limit: Limit, who: str) -> None:
    key = limit.key(who)
    values = {"free": limit.free, "first": limit.first_wait, "longest": limit.longest_wait}
    cursor.execute(_COUNT, {"key": key, "forgotten": limit.forgotten_after, **values})
    counted = cursor.fetchone()
    if counted is None:
        raise TooManyAttempts(_seconds_left(cursor, key))
    if counted == (1,):
        cursor.execute(_PRUNE)


def _seconds_left(cursor: CursorWrapper, key: str) -> int:
    cursor.execute(
        "SELECT ceil(extract(epoch FROM blocked_until - clock_timestamp()))::int FROM accounts_attemptcount "
        "WHERE key = %s",
        [key],
    )
    found = cursor.fetchone()
    return max(1, found[0] if found else 1)
