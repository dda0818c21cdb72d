"""A form sent twice makes one record, and its objectId is never used again (SECURITY_CASES.md, 34 and 96)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from activities.models import Activity
from deals.models import Deal
from tests.factories import make_contact, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def key_of(browser: Client, address: str) -> str:
    """Return the one-time key of the form at `address`."""
    found = re.search(r'name="key" value="([^"]+)"', browser.get(address).content.decode())
    assert found
    return found[1]


def test_deal_for_a_colleague_sent_twice(alice: User, bob: User) -> None:
    browser = signed_in(alice)
    sent = {"title": "Big", "stage": "lead", "assigned_to": bob.pk, "key": key_of(browser, "/deals/new/")}
    for _ in range(2):
        answer = browser.post("/deals/new/", sent)
        assert (answer.status_code, answer["Location"]) == (302, "/deals/")
    assert Deal.objects.count() == 1


@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_form_sent_five_times_at_once(owner: str, alice: User, bob: User) -> None:
    browsers = [signed_in(alice) for _ in range(5)]
    person = {"alice": alice, "bob": bob}[owner]
    sent = {"title": "Big", "stage": "lead", "assigned_to": person.pk, "key": key_of(browsers[0], "/deals/new/")}
    sent |= {"company-new": "Acme"}

    def send(browser: Client) -> int:
        try:
            return browser.post("/deals/new/", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(send, browsers)) == [302] * 5
    assert Deal.objects.count() == 1
    assert alice.companies.count() == 1


def test_quick_log_sent_at_once(alice: User) -> None:
    contact = make_contact(alice)
    browsers = [signed_in(alice) for _ in range(4)]
    key = key_of(browsers[0], contact.get_absolute_url())
    sent = {"type": "call", "subject": "Hello", "when": "now", "related_contact": contact.pk, "key": key}

    def send(browser: Client) -> int:
        try:
            return browser.post("/activities/log/", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, browsers)) == [302] * 4
    assert Activity.objects.count() == 1
    Activity.objects.all().delete()
    assert browsers[0].post("/activities/log/", sent)["Location"] == "/activities/"
    assert not Activity.objects.exists()


def test_history_of_what_became_somebody_elses_stays_his(alice: User, bob: User) -> None:
    mine, his = signed_in(alice), signed_in(bob)
    sent = {"title": "Big", "stage": "lead", "assigned_to": bob.pk, "key": key_of(mine, "/deals/new/")}
    mine.post("/deals/new/", sent)
    deal = Deal.objects.get()
    url = deal.get_absolute_url()
    edited = {"title": "Big", "stage": "lead", "notes": "a secret of Bob's", "version": deal.updated_at.isoformat()}
    assert his.post(f"{url}edit/", edited).status_code == 302
    assert his.post(f"{url}delete/").status_code == 302
    answer = mine.post("/deals/new/", sent | {"assigned_to": alice.pk})
    assert (answer.status_code, answer["Location"]) == (302, "/deals/")
    assert not Deal.objects.exists()
    for page in ("", "history/", "restore/", "undo/"):
        method = mine.post if page == "undo/" else mine.get
        assert method(f"{url}{page}").status_code == 404
    assert his.post(f"{url}restore/").status_code == 302
    assert mine.get(f"{url}history/").status_code == 404


def test_key_of_somebody_else_counts_for_nothing(alice: User, bob: User) -> None:
    mine, his = signed_in(alice), signed_in(bob)
    sent = {"title": "Big", "stage": "lead", "key": key_of(mine, "/deals/new/")}
    assert his.post("/deals/new/", sent).status_code == 302
    assert mine.post("/deals/new/", sent).status_code == 302
    assert sorted(deal.owner.username for deal in Deal.objects.all() if deal.owner) == ["alice", "bob"]


def test_name_of_a_new_company_alone_is_a_change(alice: User) -> None:
    contact = make_contact(alice, name="Ann")
    sent = {"name": "Ann", "company": "", "company-new": "Acme", "version": contact.updated_at.isoformat()}
    assert signed_in(alice).post(f"{contact.get_absolute_url()}edit/", sent).status_code == 302
    contact.refresh_from_db()
    assert str(contact.company) == "Acme"
