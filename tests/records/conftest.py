"""Transactions of a test's own: the history tells changes apart by them, and a test is one for PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture
def own_transactions(db: None) -> None:
    """Let the changes between two calls of `tick` count as one transaction."""
    del db
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE SEQUENCE pg_temp.moments; "
            "CREATE FUNCTION pg_temp.split() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.transaction := current_setting('crm.moment')::bigint; RETURN NEW; END $$; "
            "CREATE TRIGGER split BEFORE INSERT ON records_change FOR EACH ROW EXECUTE FUNCTION pg_temp.split(); "
            "SELECT set_config('crm.moment', '0', true)"
        )


def tick() -> None:
    """Begin the next of the transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('crm.moment', nextval('pg_temp.moments')::text, true)")
