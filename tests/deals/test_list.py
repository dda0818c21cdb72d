"""/deals/: its columns, its filters and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deals.models import Stage
from tests.factories import make_company, make_contact, make_deal, make_user, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 8
"""session, person, permissions, roles; stages; owners to filter by; count, rows with company and owner."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser over three deals."""
    make_deal(alice, title="beta", amount=200, expected_close_date=datetime(2030, 1, 1, tzinfo=UTC))
    make_deal(alice, title="Alpha", amount=Decimal("1e3"), expected_close_date=datetime(2029, 1, 1, tzinfo=UTC))
    make_deal(alice, title="gamma", amount=None)
    return signed_in(alice)


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("", ["gamma", "Alpha", "beta"]),
        ("title", ["Alpha", "beta", "gamma"]),
        ("-title", ["gamma", "beta", "Alpha"]),
        ("amount", ["gamma", "beta", "Alpha"]),
        ("-amount", ["Alpha", "beta", "gamma"]),  # blank last, where the big ones are first
        ("close", ["Alpha", "beta", "gamma"]),  # blank last
        ("-close", ["gamma", "beta", "Alpha"]),
        ("updated", ["beta", "Alpha", "gamma"]),
        ("-updated", ["gamma", "Alpha", "beta"]),
        ("stage", ["gamma", "Alpha", "beta"]),  # not sortable
    ],
)
def test_sorts(browser: Client, sort: str, titles: list[str]) -> None:
    assert rows_of(browser.get("/deals/", {"sort": sort})) == titles


def test_filters_by_stage(alice: User) -> None:
    for stage in ("lead", "proposal", "won", "lost", "odd stage", None):
        make_deal(alice, title=str(stage), stage=stage)
    browser = signed_in(alice)
    found = {
        stage: set(rows_of(browser.get("/deals/", {"stage": stage}))) for stage in ("lead", "won", "open", "other")
    }
    assert found == {
        "lead": {"lead"},
        "won": {"won"},
        "open": {"lead", "proposal", "odd stage", "None"},
        "other": {"odd stage", "None"},
    }
    assert "Remove filter Stage: Open" in text_of(browser.get("/deals/?stage=open"))
    assert len(rows_of(browser.get("/deals/?stage=odd+stage"))) == 6  # no choice of the filter


def test_filters_by_close_date_in_ones_own_zone(db: None) -> None:
    del db
    alice = make_user("kiwi", time_zone="Pacific/Auckland")
    with timezone.override("Pacific/Auckland"):
        today = timezone.localtime().replace(hour=12)
    for days in (-400, -1, 0, 6, 7):
        make_deal(alice, title=f"in {days}", expected_close_date=today + timedelta(days=days))
    make_deal(alice, title="closed", stage="won", expected_close_date=today - timedelta(days=2))
    make_deal(alice, title="never", expected_close_date=None)
    browser = signed_in(alice)
    assert set(rows_of(browser.get("/deals/?close=overdue"))) == {"in -400", "in -1"}
    assert set(rows_of(browser.get("/deals/?close=week"))) == {"in 0", "in 6"}
    assert {"in -400", "closed", "never"}.isdisjoint(rows_of(browser.get("/deals/?close=month")))


def test_filters_by_company_and_contact(alice: User, mallory: User) -> None:
    company, contact = make_company(alice, name="Acme"), make_contact(alice, name="Ada")
    make_deal(alice, title="of company", company=company)
    make_deal(alice, title="of contact", contact=contact)
    hidden = make_contact(mallory)
    browser = signed_in(alice)
    assert rows_of(browser.get("/deals/", {"company": company.pk})) == ["of company"]
    assert rows_of(browser.get("/deals/", {"contact": contact.pk})) == ["of contact"]
    assert len(rows_of(browser.get("/deals/", {"contact": hidden.pk}))) == 2


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("1234.5", "$1,234.50"),
        ("-12", "\N{MINUS SIGN}$12"),
        ("1e-7", "$0.00"),
        ("1e30", "$1,000,000,000,000,000,000,000,000,000,000"),
    ],
)
def test_shows_any_amount(alice: User, amount: str, shown: str) -> None:
    make_deal(alice, amount=Decimal(amount))
    assert f'data-label="Amount">{shown}</td>' in text_of(signed_in(alice).get("/deals/"))


def test_takes_as_many_queries_for_13_rows_as_for_3(browser: Client, alice: User) -> None:
    assert count_queries(browser, "/deals/") == QUERIES
    for _number in range(10):
        make_deal(alice, company=make_company(alice), contact=make_contact(alice))
    assert count_queries(browser, "/deals/") == QUERIES


@pytest.mark.django_db
def test_no_stage_takes_the_key_of_a_filter() -> None:
    for key in ("open", "other"):
        with pytest.raises(ValidationError, match="choose another key"):
            Stage(key=key, label=f"My {key}").full_clean()
