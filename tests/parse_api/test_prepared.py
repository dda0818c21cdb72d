"""Statements that PostgreSQL keeps: they go on working when a column changes its type under a running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import NotSupportedError, connection

from accounts.models import User
from deals.models import Deal
from parse_api.prepared import first_row
from tests.factories import make_deal
from tests.parse_api.app import signed_in_app

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = {"accounts_apisession": ("installation_id", "varchar(500)"), "deals_deal": ("amount", "numeric(30,5)")}
"""By table: a column that is in an answer of kept statements, and another type for it."""
TYPE = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s"


def alter(table: str, wanted: str) -> str:
    """Give the column another type in a session of its own, as a migration does; return the one it had."""
    column, _ = COLUMNS[table]
    with connection.get_new_connection(connection.get_connection_params()) as other:
        before: str = other.execute(TYPE, [table, column]).fetchone()[0]
        other.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {wanted}")
    assert before != wanted
    return before


@pytest.fixture
def types() -> Iterator[dict[str, str]]:
    """Return a place for the types that columns had, which they get again."""
    before: dict[str, str] = {}
    yield before
    for table, kind in before.items():
        alter(table, kind)


@pytest.mark.parametrize("table", COLUMNS)
@pytest.mark.parametrize("is_batch", [False, True])
def test_requests_are_answered_after_a_column_changed_its_type(
    alice: User, types: dict[str, str], table: str, *, is_batch: bool
) -> None:
    deal, app = make_deal(alice, amount=0), signed_in_app(alice)
    path, more = f"/classes/Deal/{deal.pk}", {"amount": {"__op": "Increment", "amount": 1}}
    step = {"method": "PUT", "path": f"/parse{path}", "body": more}

    def send() -> Any:
        return app.post("/batch", {"transaction": True, "requests": [step]}) if is_batch else app.put(path, more)

    assert send().status_code == 200
    types[table] = alter(table, COLUMNS[table][1])
    for _ in range(2):
        answer = send()
        assert answer.status_code == 200, answer.content
    assert Deal.objects.get().amount == 3
    assert app.get(path).json()["amount"] == 3


def test_what_is_not_supported_is_an_error_at_once() -> None:
    for _ in range(2):
        with pytest.raises(NotSupportedError):
            first_row("SELECT count(*) FROM accounts_user FOR UPDATE", [], keeps_plan=True)
    assert first_row("SELECT 1", [], keeps_plan=True) == (1,)
