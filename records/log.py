"""The acting user of a transaction, which the change log writes beside every change."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, FeatureNotSupported, ForeignKeyViolation, SerializationFailure

from accounts.models import User

Answer = TypeVar("Answer")
LOST = (DeadlockDetected, SerializationFailure, ForeignKeyViolation, FeatureNotSupported)
"""What says that somebody else's write came first; the last but one, that he deleted what this one points at.

The last, that he gave a column another type, which a statement that was prepared before cannot answer.
"""
TRIES = 4
"""How often a write runs that lost against another, before that is an error."""
_PAUSE = 0.1
"""The longest that the second try waits, in seconds; each further one may wait twice as long as the one before."""


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Run a transaction whose changes are logged as made by `user` (None: by the system)."""
    is_within = connection.in_atomic_block
    with transaction.atomic():
        before = _set_actor(user.pk if user else "")
        yield
        if is_within:  # else the end of the transaction forgets him
            _set_actor(before)


def written_by(
    user: User | None, write: Callable[[], Answer], before_again: Callable[[], None] | None = None
) -> Answer:
    """Return what `write` returns, run as one transaction of `user`; again, from the start, when it lost a race."""
    for left in reversed(range(TRIES)):
        try:
            with acting(user):
                return write()
        except (OperationalError, IntegrityError) as error:
            if not left or not isinstance(error.__cause__, LOST):
                raise
            if before_again:
                before_again()
            time.sleep(random.uniform(0, _PAUSE * 2 ** (TRIES - 1 - left)))  # noqa: S311 - so that not all begin at once
    raise AssertionError("unreachable")


def _set_actor(actor: str) -> str:
    """Name the actor until the end of the transaction; return who it was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('crm.actor', true), set_config('crm.actor', %s, true)", [actor])
        return cursor.fetchone()[0] or ""
