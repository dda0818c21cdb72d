"""The board's totals over an imported pipeline equal plain SQL that knows nothing of access columns."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from deals.models import Deal
from tests.deals.maven import import_maven
from tests.deals.reading import columns_of
from tests.factories import make_role, signed_in

Figures = dict[str, tuple[int, Decimal, Decimal]]
SQL = """
    SELECT coalesce(s.key, 'other'), count(*), coalesce(sum(d.amount), 0),
        coalesce(sum(d.amount * coalesce(d.probability, s.probability, 0)), 0) / 100
    FROM deals_deal d LEFT JOIN deals_stage s ON s.key = d.stage
    WHERE (s.kind IS NULL OR s.kind = 'open' OR d.closed_at BETWEEN %(month)s AND %(month)s + interval '1 month') AND {}
    GROUP BY 1"""
STALE = """d.touched_at <= now() - interval '1 day' * (
    SELECT z.rotting_days FROM deals_stage z WHERE z.key = d.stage AND z.kind = 'open')"""
IS_OPEN = "coalesce(d.stage, '') NOT IN ('won', 'lost')"
UNPLANNED = """NOT EXISTS (SELECT FROM activities_activity a
    WHERE a.related_deal_id = d.id AND a.completed_at IS NULL AND a.due_date IS NOT NULL)"""
IN_TEAM = """d.assigned_to_id IN (SELECT m.user_id FROM accounts_user_groups m JOIN auth_group g ON g.id = m.group_id
    WHERE g.name = 'Team')"""
FILTERS: dict[str, str] = {
    "": "true",
    "q=gtx": "d.title ~* '\\mgtx'",
    "amount_min=60": "d.amount >= 60",
    "amount_min=1&amount_max=1%2C054": "d.amount BETWEEN 1 AND 1054",
    "owner={agent}": "d.assigned_to_id = '{agent}'",
    "owner={other}": "d.assigned_to_id = '{other}'",
    "owner=role:{role}": IN_TEAM,
    "company={company}": "d.company_id = '{company}'",
    "stale=1": STALE,
    "no_next_step=1": f"{UNPLANNED} AND {IS_OPEN}",
    "close=overdue": f"d.expected_close_date < date_trunc('day', now()) AND {IS_OPEN}",
    "stale=1&no_next_step=1&amount_min=0&q=mg&owner={agent}": (
        f"{STALE} AND {UNPLANNED} AND d.amount >= 0 AND d.title ~* '\\mmg' AND d.assigned_to_id = '{{agent}}'"
    ),
}


def by_plain_sql(person: User, where: str) -> Figures:
    """Return count, sum and weighted sum by column of what `person` owns, or for a manager of everything."""
    mine = "true" if person.is_manager else "d.assigned_to_id = %(person)s"
    month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(f"({where}) AND {mine}"), {"person": person.pk, "month": month})
        return {key: (count, total, weighted) for key, count, total, weighted in cursor.fetchall()}


def by_the_board(person: User, query: str) -> Figures:
    """Return the same as the heads of the board say it."""
    columns = columns_of(signed_in(person), query)
    return {key: (column.count, column.total, column.weighted) for key, column in columns.items() if column.count}


@pytest.fixture
def names(tmp_path: Path, mira: User) -> dict[str, Any]:
    """Import a pipeline, change some of it, and return what the filters name."""
    import_maven(tmp_path)
    agents = list(User.objects.exclude(pk=mira.pk).order_by("username"))
    deals = list(Deal.objects.for_user(mira, "view").order_by("created_at", "id"))
    for number, deal in enumerate(deals[::7]):
        deal.probability = (None, 0, 5, 100)[number % 4]
        deal.stage = ("negotiation", "proposal", "Contract sent", None, "won", deal.stage)[number % 6]
        deal.amount = Decimal("0.1") * number
        deal.save()
    for number, deal in enumerate(deals[::5]):
        due = timezone.now() + timedelta(days=number % 9 - 4)
        done = due if number % 3 == 0 else None
        Activity.objects.create(subject="Call", related_deal=deal, due_date=due, completed_at=done)
    return {
        "agent": agents[0].pk,
        "other": agents[1].pk,
        "role": make_role("Team", *agents[:2]).pk,
        "company": Company.objects.for_user(agents[0], "view").order_by("name").first().pk,
    }


def test_totals_equal_plain_sql(names: dict[str, Any], mira: User) -> None:
    agent = User.objects.get(pk=names["agent"])
    assert set(by_the_board(mira, "")) >= {"lead", "qualified", "proposal", "negotiation", "won", "other"}
    for person in (agent, mira):
        for query, where in FILTERS.items():
            found = by_the_board(person, query.format(**names))
            assert found == by_plain_sql(person, where.format(**names)), (person, query)
    whole, narrowed = (by_the_board(agent, query) for query in ("", "amount_min=60"))
    assert 0 < narrowed["qualified"][0] < whole["qualified"][0] < by_the_board(mira, "")["qualified"][0]
    assert not by_the_board(agent, f"owner={names['other']}")
