"""Handing a record over: whose it may be, and what the former owner keeps."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from records.access import may, share
from records.derived import all_wrong_rows
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user

pytestmark = pytest.mark.django_db


def test_deal_goes_over_and_its_former_owner_no_longer_sees_it(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice, title="Big one")
    client.force_login(alice)
    for tab in ("", "sharing/", "history/"):
        assert f'href="/deals/{deal.pk}/hand-over/"'.encode() in client.get(f"/deals/{deal.pk}/{tab}").content
    page = client.get(f"/deals/{deal.pk}/hand-over/")
    assert b"Keep view access for me" in page.content
    answer = client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk}, follow=True)
    assert answer.redirect_chain == [("/deals/", 302)]
    assert "handed over to Bob. You no longer see it" in answer.content.decode()
    assert client.get(f"/deals/{deal.pk}/").status_code == 404
    deal.refresh_from_db()
    assert deal.assigned_to == bob
    assert may(bob, "change", deal)
    assert all_wrong_rows() == []


def test_former_owner_may_keep_view_access(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    client.force_login(alice)
    answer = client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk, "keep": "on"})
    assert answer.headers["Location"] == f"/deals/{deal.pk}/"
    assert may(alice, "view", deal)
    assert not may(alice, "change", deal)
    assert client.get(f"/deals/{deal.pk}/hand-over/").status_code == 403


def test_only_the_owner_and_managers_hand_a_deal_over(
    client: Client, alice: User, bob: User, mallory: User, mira: User
) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view", "change"))
    for person, status in ((mallory, 404), (bob, 403), (mira, 200), (alice, 200)):
        client.force_login(person)
        assert client.get(f"/deals/{deal.pk}/hand-over/").status_code == status
        if status > 200:
            assert client.post(f"/deals/{deal.pk}/hand-over/", {"holder": person.pk}).status_code == status
    deal.refresh_from_db()
    assert deal.assigned_to == alice
    client.force_login(mira)
    assert b"Keep view access for Alice" in client.get(f"/deals/{deal.pk}/hand-over/").content
    assert client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk, "keep": "on"}).status_code == 302
    assert may(alice, "view", deal)


@pytest.mark.parametrize(
    ("kind", "maker"), [("companies", make_company), ("contacts", make_contact), ("activities", make_activity)]
)
def test_created_by_changes_only_by_a_manager(
    client: Client, alice: User, bob: User, mira: User, kind: str, maker: Any
) -> None:
    record = maker(alice)
    address = f"/{kind}/{record.pk}/hand-over/"
    client.force_login(alice)
    assert client.get(address).status_code == 403
    assert client.post(address, {"holder": bob.pk}).status_code == 403
    assert address.encode() not in client.get(f"/{kind}/{record.pk}/").content
    client.force_login(mira)
    assert client.post(address, {"holder": bob.pk}).status_code == 302
    record.refresh_from_db()
    assert record.created_by == bob
    assert not may(alice, "view", record)


def test_not_to_a_role_the_owner_or_somebody_deactivated(client: Client, alice: User) -> None:
    deal, team, gone = make_deal(alice), make_role("Team"), make_user("gone", is_active=False)
    client.force_login(alice)
    for holder in ("", "*", f"role:{team.pk}", alice.pk, gone.pk, "nobody0000", "a\x00b"):
        assert client.post(f"/deals/{deal.pk}/hand-over/", {"holder": holder}).status_code == 422
    deal.refresh_from_db()
    assert deal.assigned_to == alice


def test_a_deal_of_nobody_is_given_by_a_manager(client: Client, bob: User, mira: User) -> None:
    deal = make_deal(None)
    client.force_login(mira)
    assert b"Keep view access" not in client.get(f"/deals/{deal.pk}/hand-over/").content
    assert client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk}).status_code == 302
    assert may(bob, "change", deal)


def test_type_ahead_finds_people_only(client: Client, alice: User, bob: User) -> None:
    make_role("Bobsleigh")
    client.force_login(alice)
    page = client.get("/people/options/?q=bo").content
    assert bob.pk.encode() in page
    assert b"Bobsleigh" not in page
