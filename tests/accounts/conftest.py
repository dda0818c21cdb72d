"""Attempts are counted on a connection of their own, outside of a test's transaction: every test begins without any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections


@pytest.fixture(autouse=True)
def no_attempts(db: None) -> Iterator[None]:
    """Forget the attempts of this test when it ends."""
    del db
    yield
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_attemptcount")
    finally:
        connection.close()
