"""The Sharing page: who has access and why, giving it and taking it back."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from deals.models import Deal
from records.access import may, share
from records.access_list import access_list
from records.models import Record
from records.sharing_forms import MAX_HOLDERS
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user
from tests.records.queries import count_queries

pytestmark = pytest.mark.django_db

MAKERS = {"companies": make_company, "contacts": make_contact, "deals": make_deal, "activities": make_activity}


def levels(record: Record, viewer: User) -> dict[str, tuple[str, list[str]]]:
    """Return who has access, with level and reasons, as `viewer` is told."""
    entries = access_list(record, viewer, may_change=False)
    return {entry.name: (entry.level, [why.text for why in entry.whys]) for entry in entries}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_class_is_shared_and_taken_back(client: Client, alice: User, bob: User, mallory: User, kind: str) -> None:
    record = MAKERS[kind](alice)
    address = f"/{kind}/{record.pk}/sharing/"
    client.force_login(mallory)
    assert client.get(address).status_code == 404
    assert client.post(address, {"holder": mallory.pk, "level": "edit"}).status_code == 404
    client.force_login(alice)
    assert client.post(address, {"holder": bob.pk, "level": "view"}).status_code == 302
    assert may(bob, "view", record)
    assert not may(bob, "change", record)
    client.force_login(bob)
    page = client.get(address)
    assert b"Bob" in page.content
    assert b"shared on this" in page.content
    assert b'name="level"' not in page.content
    assert b"take_back" not in page.content
    assert client.post(address, {"holder": mallory.pk, "level": "view"}).status_code == 403
    assert client.post(f"{address}remove/", {"take_back": bob.pk}).status_code == 403
    client.force_login(alice)
    assert f'value="{bob.pk}"'.encode() in client.get(address).content
    assert client.post(f"{address}remove/", {"take_back": bob.pk}).status_code == 302
    assert not may(bob, "view", record)


def test_share_to_edit_then_to_view_and_with_whom_it_was_shared_shares_on(
    client: Client, alice: User, bob: User, mallory: User
) -> None:
    deal = make_deal(alice)
    client.force_login(alice)
    client.post(f"/deals/{deal.pk}/sharing/", {"holder": bob.pk, "level": "edit"})
    client.force_login(bob)
    client.post(f"/deals/{deal.pk}/sharing/", {"holder": mallory.pk, "level": "edit"})
    assert may(mallory, "change", deal)
    client.post(f"/deals/{deal.pk}/sharing/", {"holder": mallory.pk, "level": "view"})
    assert may(mallory, "view", deal)
    assert not may(mallory, "change", deal)
    answer = client.post(f"/deals/{deal.pk}/sharing/remove/", {"take_back": bob.pk})
    assert answer.headers["Location"] == "/deals/"  # he no longer sees the deal


def test_share_with_a_role_and_with_everybody(client: Client, alice: User, bob: User, mallory: User) -> None:
    deal, team = make_deal(alice), make_role("Team", bob)
    client.force_login(alice)
    client.post(f"/deals/{deal.pk}/sharing/", {"holder": f"role:{team.pk}", "level": "edit"})
    assert may(User.objects.get(pk=bob.pk), "change", deal)
    assert not may(mallory, "view", deal)
    client.post(f"/deals/{deal.pk}/sharing/", {"holder": "*", "level": "view"})
    assert may(mallory, "view", deal)
    told = levels(deal, alice)
    assert told["Team"] == ("Can edit", ["shared on this deal"])
    assert told["Everybody signed in"] == ("Can view", ["shared on this deal"])
    client.post(f"/deals/{deal.pk}/sharing/remove/", {"take_back": "*"})
    assert not may(mallory, "view", deal)


def test_owner_and_managers_are_named(alice: User, mira: User) -> None:
    del mira
    told = levels(make_company(alice), alice)
    assert told == {"Alice": ("Owner", ["owner"]), "Managers": ("Can edit", ["manager of everything"])}


def test_reasons_are_named_only_where_the_viewer_sees_them(alice: User, bob: User, mallory: User) -> None:
    company = make_company(alice)
    make_contact(bob, name="Secret contact", company=company)
    share(company, mallory, ("view",))
    hidden = ("Can view", ["through a contact you cannot see"])
    assert levels(company, alice)["Bob"] == hidden
    assert levels(company, mallory)["Bob"] == hidden
    assert levels(company, bob)["Bob"] == ("Can view", ["through the contact “Secret contact”"])
    share(company, bob, ("view",))
    assert levels(company, alice)["Bob"][1] == ["shared on this company", "through a contact you cannot see"]


def test_reasons_reach_down_the_chain(alice: User, bob: User) -> None:
    contact = make_contact(alice)
    deal = make_deal(alice, title="Big one", contact=contact)
    activity = make_activity(alice, related_deal=deal)
    share(deal, bob, ("view",))
    assert levels(contact, alice)["Bob"] == ("Can view", ["through the deal “Big one”"])
    assert levels(activity, alice)["Bob"] == ("Can view", ["through the deal “Big one”"])


@pytest.mark.parametrize("holder", ["", "nobody0000", "role:99999999", "role:x", "role:²", "x" * 5000, "a\x00b"])
def test_unknown_holders_are_field_errors(client: Client, alice: User, holder: str) -> None:
    deal = make_deal(alice)
    client.force_login(alice)
    assert client.post(f"/deals/{deal.pk}/sharing/", {"holder": holder, "level": "view"}).status_code == 422
    assert client.post(f"/deals/{deal.pk}/sharing/remove/", {"take_back": holder}).status_code == 302
    assert client.post(f"/deals/{deal.pk}/sharing/", {"holder": "*", "level": "own"}).status_code == 422


def test_owner_is_neither_shared_with_nor_removed(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view", "change"))
    client.force_login(bob)
    assert client.post(f"/deals/{deal.pk}/sharing/", {"holder": alice.pk, "level": "view"}).status_code == 422
    assert client.post(f"/deals/{deal.pk}/sharing/remove/", {"take_back": alice.pk}).status_code == 403
    assert may(alice, "change", deal)


def test_deactivated_people_are_not_offered(client: Client, alice: User) -> None:
    gone = make_user("gone", is_active=False)
    deal = make_deal(alice)
    client.force_login(alice)
    assert client.post(f"/deals/{deal.pk}/sharing/", {"holder": gone.pk, "level": "view"}).status_code == 422
    assert b"Gone" not in client.get(f"/deals/{deal.pk}/sharing/").content
    assert b"Gone" not in client.get("/people-and-roles/options/?q=gone").content


def test_a_record_is_shared_with_a_hundred_at_most(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    roles = [make_role(f"Role {number}") for number in range(MAX_HOLDERS - 1)]
    for role in roles:
        share(deal, role, ("view",))
    client.force_login(alice)
    answer = client.post(f"/deals/{deal.pk}/sharing/", {"holder": bob.pk, "level": "view"})
    assert answer.status_code == 422
    assert b"share it with a role" in answer.content
    again = client.post(f"/deals/{deal.pk}/sharing/", {"holder": f"role:{roles[0].pk}", "level": "edit"})
    assert again.status_code == 302  # who has access already may get another level


def test_type_ahead_finds_people_and_roles(client: Client, alice: User, bob: User) -> None:
    make_role("Bobsleigh")
    assert client.get("/people-and-roles/options/?q=bob").status_code == 302
    client.force_login(alice)
    page = client.get("/people-and-roles/options/?q=BOB").content
    assert b"Bobsleigh" in page
    assert bob.pk.encode() in page
    assert bob.email.encode() not in page
    assert b"Nothing found" in client.get("/people-and-roles/options/?q=zzz").content


def test_narrowing_without_javascript(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    client.force_login(alice)
    page = client.post(f"/deals/{deal.pk}/sharing/", {"find": "holder", "holder-search": "bo", "level": "view"})
    assert page.status_code == 200
    assert f'value="{bob.pk}"'.encode() in page.content
    assert Deal.user_grants._default_manager.count() == 2


def test_names_are_escaped(client: Client, alice: User) -> None:
    evil = make_user("evil", display_name="<script>alert(1)</script>")
    company = make_company(alice, name="<b>bold</b>")
    share(company, evil, ("view",))
    make_deal(evil, title="<i>deal</i>", company=company)
    client.force_login(alice)
    page = client.get(f"/companies/{company.pk}/sharing/").content
    assert b"<script>alert" not in page
    assert b"<b>bold" not in page
    assert b"&lt;b&gt;bold" in page


def test_sharing_page_asks_the_same_of_the_database_for_many(client: Client, alice: User) -> None:
    few, many = make_company(alice), make_company(alice)
    for company, count in ((few, 3), (many, 13)):
        for _ in range(count):
            share(company, make_user(), ("view",))
            make_deal(make_user(), company=company)
            make_contact(make_user(), company=company)
    client.force_login(alice)
    assert count_queries(client, f"/companies/{few.pk}/sharing/") == count_queries(
        client, f"/companies/{many.pk}/sharing/"
    )
