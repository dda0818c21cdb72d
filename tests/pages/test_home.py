"""/: one's open deals by stage, what is due, what was won, what changed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from records.access import share
from records.log import acting
from tests.factories import make_activity, make_company, make_contact, make_deal, make_user, signed_in
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 13
"""session, person; activities that are due; stages, deals by stage; the
last changed of four classes, their changes, who made them; what is due in numbers; what was won."""


def bars(user: User) -> dict[str, tuple[int, Any]]:
    """Return count and sum of each bar that is not empty."""
    found = signed_in(user).get("/").context["bars"]
    return {str(bar["stage"] or bar["text"]): (bar["count"], bar["total"]) for bar in found if bar["count"]}


def test_adds_up_ones_own_open_deals_by_stage(alice: User, bob: User) -> None:
    for amount in (1, Decimal("2.5"), None):
        make_deal(alice, stage="lead", amount=amount)
    make_deal(alice, stage="odd", amount=7)
    make_deal(alice, stage=None)
    make_deal(alice, stage="won", amount=100)
    make_deal(alice, stage="lost", amount=100)
    share(make_deal(bob, stage="lead", amount=1000), alice, ("view",))
    assert bars(alice) == {"Lead": (3, Decimal("3.5")), "Other": (2, Decimal(7))}
    page = signed_in(alice).get("/")
    assert [str(bar["stage"]) for bar in page.context["bars"]][:4] == ["Lead", "Qualified", "Proposal", "Negotiation"]
    assert "$3.50" in text_of(page)


def test_is_empty_for_somebody_new(alice: User, mallory: User) -> None:
    make_deal(alice, title="Secret", amount=10**6)
    make_activity(alice, subject="Secret", due_date=timezone.now() - timedelta(days=1))
    page = text_of(signed_in(mallory).get("/"))
    assert bars(mallory) == {}
    assert "Secret" not in page
    assert "Nothing is due" in page
    assert "Nothing has changed yet" in page


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_lists_what_is_due_in_ones_own_day(zone: str, db: None) -> None:
    del db
    user = make_user(time_zone=zone)
    with timezone.override(zone):
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for subject, moment in {
        "long overdue": today - timedelta(days=400),
        "last night": today - timedelta(minutes=1),
        "tonight": today + timedelta(hours=22, minutes=59),
        "tomorrow": today + timedelta(hours=25),
    }.items():
        make_activity(user, subject=subject, due_date=moment)
    make_activity(user, subject="done", due_date=today, completed_at=today)
    page = signed_in(user).get("/")
    assert [activity.subject for activity in page.context["activities"]] == ["long overdue", "last night", "tonight"]
    assert page.context["due_count"] == 3
    assert page.context["overdue"] in (2, 3)


def test_names_nothing_that_one_may_not_see(alice: User, mallory: User) -> None:
    contact = make_contact(mallory, name="Secret")
    make_activity(alice, subject="Mine", related_contact=contact, due_date=timezone.now())
    page = text_of(signed_in(alice).get("/"))
    assert "Mine" in page
    assert "Secret" not in page


def test_counts_what_was_won_this_month(alice: User, bob: User) -> None:
    now = timezone.now()
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    make_deal(alice, stage="won", amount=5, closed_at=first)
    make_deal(alice, stage="won", amount=7, closed_at=first - timedelta(seconds=1))
    make_deal(alice, stage="lost", amount=11, closed_at=first)
    share(make_deal(bob, stage="won", amount=13, closed_at=first), alice, ("view",))
    page = signed_in(alice).get("/")
    assert (page.context["won_count"], page.context["won_total"]) == (1, Decimal(5))


def test_figures_link_to_what_they_count(alice: User) -> None:
    browser = signed_in(alice)
    page = text_of(browser.get("/"))
    links = set(re.findall(rf'href="(/(?:deals|activities)/\?[^"]*owner={alice.pk})"', page))
    assert len(links) >= 7
    for link in links:
        assert browser.get(link.replace("&amp;", "&")).status_code == 200


def test_tells_who_changed_what_lately(alice: User, bob: User) -> None:
    company = make_company(alice, name="Acme")
    with acting(bob):
        company.name = "Acme <Ltd>"
        company.save()
    hidden = make_company(bob, name="Hidden")
    page = " ".join(text_of(signed_in(alice).get("/")).split())
    assert f'Bob changed the company <a href="/companies/{company.pk}/">Acme &lt;Ltd&gt;</a>' in page
    assert hidden.pk not in page


def test_says_the_day_in_ones_own_zone(db: None) -> None:
    del db
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        page = text_of(signed_in(make_user(time_zone=zone)).get("/"))
        with timezone.override(zone):
            assert f"{timezone.localtime():%A, }{datetime.now(timezone.get_current_timezone()).day} " in page


def test_takes_as_many_queries_for_13_rows_as_for_3(alice: User) -> None:
    browser = signed_in(alice)
    for rows in (3, 10):
        for number in range(rows):
            with acting(alice):
                contact = make_contact(alice, company=make_company(alice))
                deal = make_deal(alice, contact=contact, stage=("lead", "proposal", "odd")[number % 3])
                make_activity(alice, related_deal=deal, due_date=timezone.now())
        assert count_queries(browser, "/") == QUERIES
