"""Two people write at the same moment: nothing is lost, nobody gets a 500, no right outlives its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

from accounts.models import Role, User
from companies.models import Company
from contacts.models import Contact
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from tests.clock import somebody_waits
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 20.0


@contextmanager
def meanwhile(request: Callable[[], int]) -> Iterator[list[int]]:
    """Do the body in a transaction that is committed when the request, sent after the body, waits for it or is done."""
    statuses: list[int] = []

    def run() -> None:
        try:
            statuses.append(request())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        yield statuses
        thread.start()
        deadline = time.monotonic() + PATIENCE
        while thread.is_alive() and not somebody_waits() and time.monotonic() < deadline:
            time.sleep(0.01)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def readers_of(deal: Deal) -> list[str]:
    """Return who may read the deal, as stored."""
    readers: list[str] = Deal.objects.values_list("readers", flat=True).get(pk=deal.pk)
    return readers


def test_admin_does_not_save_over_an_edit_under_way(mira: User, alice: User) -> None:
    company = make_company(alice, name="Acme", notes="old")
    url = f"/admin/companies/company/{company.pk}/change/"
    browser = signed_in(mira, raise_request_exception=False)
    sent = {"name": "Acme AG", "notes": "old", "created_by": alice.pk, "version": company.updated_at.isoformat()}
    with meanwhile(lambda: browser.post(url, sent).status_code) as statuses:
        Company.objects.filter(pk=company.pk).update(notes="new")
    company.refresh_from_db()
    assert (statuses, company.name, company.notes) == ([200], "Acme", "new")
    sent["version"] = company.updated_at.isoformat()
    assert browser.post(url, sent).status_code == 302


def test_pointing_at_what_is_deleted_at_the_same_moment(alice: User) -> None:
    company, browser = make_company(alice), signed_in(alice, raise_request_exception=False)
    sent = {"name": "Ann", "company": company.pk}
    with meanwhile(lambda: browser.post("/contacts/new/", sent).status_code) as statuses:
        company.delete()
    assert statuses == [422]
    assert not Contact.objects.exists()
    assert b"was created" not in browser.get("/contacts/").content


def test_deleting_what_is_pointed_at_at_the_same_moment(alice: User) -> None:
    deal, browser = make_deal(alice), signed_in(alice, raise_request_exception=False)
    with meanwhile(lambda: browser.post(f"{deal.get_absolute_url()}delete/").status_code) as statuses:
        make_activity(alice, related_deal=deal)
    assert statuses == [302]
    assert not Deal.objects.exists()
    assert browser.get("/deals/").content.count(b"was deleted") == 1
    assert browser.post(f"{deal.get_absolute_url()}restore/").status_code == 302
    assert deal.activities.count() == 1
    assert findings() == []


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("edit/", {"title": "Taken", "stage": "lead"}),
        ("sharing/", {"holder": "*", "level": "edit"}),
        ("delete/", {}),
        ("hand-over/", {"holder": "*"}),
        ("undo/", {"change": "1"}),
    ],
)
def test_handed_over_at_the_same_moment(page: str, sent: dict[str, str], alice: User, bob: User) -> None:
    deal, browser = make_deal(alice, title="Big"), signed_in(alice, raise_request_exception=False)
    sent = sent | {"version": deal.updated_at.isoformat()}
    with meanwhile(lambda: browser.post(f"{deal.get_absolute_url()}{page}", sent).status_code) as statuses:
        Deal.objects.filter(pk=deal.pk).update(assigned_to=bob)
    deal.refresh_from_db()
    assert (statuses, deal.title, readers_of(deal)) == ([404], "Big", [bob.pk])


def test_sharing_with_a_role_that_is_deleted_at_the_same_moment(alice: User, bob: User) -> None:
    role, deal = make_role("Sales", bob), make_deal(alice)
    browser = signed_in(alice, raise_request_exception=False)
    sent = {"holder": f"role:{role.pk}", "level": "view"}
    with meanwhile(lambda: browser.post(f"{deal.get_absolute_url()}sharing/", sent).status_code) as statuses:
        Role.objects.get(pk=role.pk).delete()
    assert statuses == [422]
    deal.refresh_from_db()
    assert readers_of(deal) == [alice.pk]
    assert findings() == []


def test_role_deleted_while_shared_and_owner_deleted(alice: User, bob: User) -> None:
    role, deal = make_role("Sales", bob), make_deal(alice)
    contact = make_contact(alice)
    Deal.objects.filter(pk=deal.pk).update(contact=contact)
    share(deal, role, ("view", "change"))
    assert signed_in(bob).get(contact.get_absolute_url()).status_code == 200
    Role.objects.get(pk=role.pk).delete()
    for record in (deal, contact):
        assert signed_in(bob).get(record.get_absolute_url()).status_code == 404
    alice.delete()
    deal.refresh_from_db()
    assert (readers_of(deal), deal.assigned_to) == ([], None)
    assert findings() == []


@pytest.mark.parametrize("page", ["/profile/", "/accounts/password/change/"])
def test_profile_does_not_take_a_deactivation_back(page: str, alice: User) -> None:
    browser = signed_in(alice, raise_request_exception=False)
    sent = {"display_name": "A", "email": alice.email, "time_zone": "UTC"}
    sent |= {"oldpassword": "correct horse battery", "password1": "battery staple horse"}
    with meanwhile(lambda: browser.post(page, sent).status_code):
        User.objects.filter(pk=alice.pk).update(is_active=False)
    alice.refresh_from_db()
    assert not alice.is_active
    assert browser.get("/").status_code == 302
