"""/deals/: its columns, its filters and what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.names import EVERYBODY, MANAGERS
from deals.filters import outside
from deals.models import Deal, Stage
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 6
"""session, person; stages; owners, company and contact to filter by; count, rows."""


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


def test_filters_by_owner(alice: User, bob: User, mira: User) -> None:
    role = make_role("Team North", alice)
    make_role("Empty")
    for person in (alice, bob, None):
        make_deal(person, title=f"of {person}")
    browser = signed_in(mira)

    def found(owner: str) -> set[str]:
        return set(rows_of(browser.get("/deals/", {"owner": owner})))

    assert found(alice.pk) == {"of Alice"}
    assert found(f"role:{role.pk}") == {"of Alice"}
    everything = {"of Alice", "of Bob", "of None"}
    managers, everybody = (Group.objects.get(name=name).pk for name in (MANAGERS, EVERYBODY))
    for owner in ("", "me", "AAAAAAAAAA", "role:", "role:0", f"role:{managers}", f"role:{everybody}", "role:x", "*"):
        assert found(owner) == everything, owner
    page = text_of(browser.get("/deals/", {"owner": f"role:{role.pk}"}))
    assert "Remove filter Owner: Team North" in page
    assert f'<option value="{mira.pk}">Me (Mira)</option>' in page
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert f'value="{bob.pk}"' not in text_of(browser.get("/deals/"))
    assert found(bob.pk) == {"of Bob"}  # an old link


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("amount_min=200", {"200", "1000"}),
        ("amount_max=200", {"-5", "200"}),
        ("amount_min=-5&amount_max=1%2C000", {"-5", "200", "1000"}),
        ("amount_min=1001", set()),
        ("amount_min=abc&amount_max=1e3", {"-5", "200", "1000"}),
        ("amount_min=NaN", {"-5", "200", "1000", "None"}),
        ("amount_max=1e999999999", {"-5", "200", "1000", "None"}),
        ("amount_min=%D9%A1", {"-5", "200", "1000", "None"}),
    ],
)
def test_filters_by_amount(alice: User, query: str, titles: set[str]) -> None:
    for amount in (-5, 200, 1000, None):
        make_deal(alice, title=str(amount), amount=amount)
    assert set(rows_of(signed_in(alice).get(f"/deals/?{query}"))) == titles


def test_filters_by_last_touch_and_next_step(alice: User) -> None:
    """A stage says after how many days a deal is stale; closed deals and those outside of the pipeline never are."""
    now = timezone.now()
    for stage in ("lead", "negotiation", "won", "odd"):
        for days in (6, 7, 14):
            make_deal(alice, title=f"{stage} {days}", stage=stage, touched_at=now - timedelta(days=days))
    planned = make_deal(alice, title="planned")
    make_activity(alice, related_deal=planned, due_date=now)
    browser = signed_in(alice)
    stale = {"lead 14", "negotiation 7", "negotiation 14"}
    assert set(rows_of(browser.get("/deals/?stale=1"))) == stale
    unplanned = set(rows_of(browser.get("/deals/?no_next_step=1")))
    assert unplanned == {f"{stage} {days}" for stage in ("lead", "negotiation", "odd") for days in (6, 7, 14)}
    assert len(rows_of(browser.get("/deals/?stale=yes&no_next_step=0"))) == 13  # no choices of the filter
    Stage.objects.update(rotting_days=None)
    assert rows_of(browser.get("/deals/?stale=1")) == []


def test_tells_of_every_stage_whether_it_is_the_pipelines(alice: User) -> None:
    """The ranges between the keys hold every other text, whatever the order of texts is."""
    known = set(Stage.objects.values_list("key", flat=True))
    near = {
        odd for key in known for odd in (key[:-1], f"{key} ", f"{key}-a", key.upper(), f"{key}\x01", f"-{key}", "~")
    }
    for stage in [*known, *near, "", None]:
        make_deal(alice, stage=stage)
    rows = Deal.objects.for_user(alice, "view").filter(outside(Stage.objects.in_order()))
    assert set(rows.values_list("stage", flat=True)) == {*near, "", None}
    assert Deal.objects.for_user(alice, "view").filter(outside([])).count() == len(known | near) + 2


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
    company = make_company(alice).pk
    assert count_queries(browser, f"/deals/?owner={alice.pk}&company={company}&stale=1&close=week") == QUERIES - 1


@pytest.mark.django_db
def test_no_stage_takes_the_key_of_a_filter() -> None:
    for key in ("open", "other"):
        with pytest.raises(ValidationError, match="choose another key"):
            Stage(key=key, label=f"My {key}").full_clean()
