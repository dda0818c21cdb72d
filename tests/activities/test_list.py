"""/activities/: its columns, its filters and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_contact, make_deal, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 5
"""session, person; owners to filter by; count, rows with owner and what they are about."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser over three activities."""
    now = timezone.now()
    make_activity(alice, subject="beta", due_date=now + timedelta(days=2), completed_at=now)
    make_activity(alice, subject="Alpha", due_date=now + timedelta(days=1), completed_at=now + timedelta(hours=1))
    make_activity(alice, subject="gamma", type="note")
    return signed_in(alice)


@pytest.mark.parametrize(
    ("sort", "subjects"),
    [
        ("", ["gamma", "Alpha", "beta"]),
        ("subject", ["Alpha", "beta", "gamma"]),
        ("-subject", ["gamma", "beta", "Alpha"]),
        ("due", ["Alpha", "beta", "gamma"]),  # blank last
        ("-due", ["gamma", "beta", "Alpha"]),
        ("done", ["gamma", "beta", "Alpha"]),
        ("-done", ["Alpha", "beta", "gamma"]),  # blank last, where the latest are first
        ("updated", ["beta", "Alpha", "gamma"]),
        ("-updated", ["gamma", "Alpha", "beta"]),
        ("type", ["gamma", "Alpha", "beta"]),  # not sortable
    ],
)
def test_sorts(browser: Client, sort: str, subjects: list[str]) -> None:
    assert rows_of(browser.get("/activities/", {"sort": sort})) == subjects


def test_filters_by_state_and_type(alice: User) -> None:
    now = timezone.now()
    make_activity(alice, subject="overdue", due_date=now - timedelta(days=2))
    make_activity(alice, subject="far", due_date=now + timedelta(days=30))
    make_activity(alice, subject="done", due_date=now - timedelta(days=2), completed_at=now)
    make_activity(alice, subject="note", type="note")
    make_activity(alice, subject="odd", type="fax")
    browser = signed_in(alice)
    found = {
        state: set(rows_of(browser.get("/activities/", {"state": state}))) for state in ("todo", "overdue", "done")
    }
    assert found == {"todo": {"overdue", "far"}, "overdue": {"overdue"}, "done": {"done"}}
    assert rows_of(browser.get("/activities/?type=note")) == ["note"]
    assert len(rows_of(browser.get("/activities/?type=fax"))) == 5  # no choice of the filter


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_today_is_ones_own(alice: User, zone: str) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone=zone)
    with timezone.override(zone):
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for subject, moment in {
        "yesterday": today - timedelta(minutes=1),
        "first": today,
        "last": today + timedelta(hours=22, minutes=59),
        "tomorrow": today + timedelta(hours=25),
    }.items():
        make_activity(alice, subject=subject, due_date=moment)
    assert set(rows_of(signed_in(alice).get("/activities/?state=today"))) == {"first", "last"}


def test_filters_by_what_it_is_about(alice: User) -> None:
    contact, deal = make_contact(alice), make_deal(alice)
    make_activity(alice, subject="of contact", related_contact=contact)
    make_activity(alice, subject="of deal", related_deal=deal)
    browser = signed_in(alice)
    assert rows_of(browser.get("/activities/", {"contact": contact.pk})) == ["of contact"]
    assert rows_of(browser.get("/activities/", {"deal": deal.pk})) == ["of deal"]


def test_names_nothing_that_one_may_not_see(alice: User, bob: User) -> None:
    contact, deal = make_contact(alice, name="Secret contact"), make_deal(alice, title="Secret deal")
    for about in ({"related_contact": contact}, {"related_deal": deal}):
        share(make_activity(alice, subject="Shared", **about), bob, ("view",))
    page = text_of(signed_in(bob).get("/activities/"))
    assert page.count(">private</span>") == 2
    assert "Secret" not in page
    assert contact.pk not in page
    assert deal.pk not in page
    assert "Secret contact" in text_of(signed_in(alice).get("/activities/"))


def test_activity_without_a_subject_is_called_by_its_type(alice: User) -> None:
    for kind in ("call", "fax", None):
        make_activity(alice, subject=None, type=kind)
    assert set(rows_of(signed_in(alice).get("/activities/"))) == {"Call", "fax", "Activity"}


def test_takes_as_many_queries_for_13_rows_as_for_3(browser: Client, alice: User) -> None:
    assert count_queries(browser, "/activities/") == QUERIES
    for _number in range(5):
        make_activity(alice, related_contact=make_contact(alice))
        make_activity(alice, related_deal=make_deal(alice))
    assert count_queries(browser, "/activities/") == QUERIES
