"""The longest that one SQL statement of a web request may run and wait, so that no request holds a worker."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

LONGEST_SECONDS = 10
LONGEST_WAIT_SECONDS = 8
"""For one lock: less than for the statement, so that the error says which of the two it was."""


def limit_statements() -> None:
    """Limit every connection that this process opens from now on; commands such as migrate stay without."""
    connection_created.connect(_limit, dispatch_uid="crm_site.statement_limit")


def _limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false)",
            [f"{LONGEST_SECONDS}s", f"{LONGEST_WAIT_SECONDS}s"],
        )
