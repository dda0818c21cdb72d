"""The connection to PostgreSQL, asked before each request whether it still works."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

_TRUSTED_SECONDS = 2.0
"""How long after it last worked a connection that has nothing to say is taken to work still."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at the socket where Django sends a query, which takes as long as fetching a record does.

    A server that stops or cuts the connection says so: the socket has something to read though nothing was asked. A
    network that was cut says nothing, so now and then Django's query is sent.
    """

    _worked_at = float("-inf")

    def is_usable(self) -> bool:
        """Tell whether the connection works."""
        if time.monotonic() - self._worked_at < _TRUSTED_SECONDS and self.connection is not None:
            is_failed = self.connection.info.transaction_status == TransactionStatus.INERROR
            return not self.connection.closed and not is_failed and not _has_news(self.connection.fileno())
        if not super().is_usable():
            return False
        self._worked_at = time.monotonic()
        return True


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
