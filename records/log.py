"""The acting user of a transaction, which the change log writes beside every change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.models import User


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Run a transaction whose changes are logged as made by `user` (None: by the system)."""
    with transaction.atomic():
        before = _set_actor(user.pk if user else "")
        yield
        _set_actor(before)


def _set_actor(actor: str) -> str:
    """Name the actor until the end of the transaction; return who it was before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('crm.actor', true), set_config('crm.actor', %s, true)", [actor])
        return cursor.fetchone()[0] or ""
