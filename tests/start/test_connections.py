"""A connection that was lost is noticed before a request uses it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from crm_site.database import base

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Iterator[BaseDatabaseWrapper]:
    """A connection beside that of the test, that has just worked."""
    other = connections.create_connection("default")
    other.ensure_connection()
    assert other.is_usable()
    yield other
    other.close()


def test_a_quiet_connection_is_trusted_without_a_query(other: BaseDatabaseWrapper) -> None:
    worked_at = other._worked_at  # type: ignore[attr-defined]
    assert other.is_usable()
    assert other._worked_at == worked_at  # type: ignore[attr-defined]


def test_a_connection_that_the_server_ended_is_not_usable(other: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [other.connection.info.backend_pid])
        assert cursor.fetchone() == (True,)
    assert not other.is_usable()


def test_a_connection_that_was_closed_is_not_usable(other: BaseDatabaseWrapper) -> None:
    other.connection.close()
    assert not other.is_usable()


def test_a_failed_transaction_is_not_usable(other: BaseDatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(psycopg.Error):
            other.connection.execute("nonsense")
    assert not other.is_usable()


def test_after_a_while_the_server_is_asked(other: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_TRUSTED_SECONDS", 0.0)
    worked_at = other._worked_at  # type: ignore[attr-defined]
    assert other.is_usable()
    assert other._worked_at > worked_at  # type: ignore[attr-defined]
