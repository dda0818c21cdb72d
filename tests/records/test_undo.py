"""Undo of the last change, and the return of what was deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal, LostReason, Stage, StageChange
from records.access import may, share
from records.access_list import grants
from records.derived import all_wrong_rows
from records.log import acting
from records.models import Change, Record
from records.restore import last_deletion, restore
from records.undo import last_change
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role
from tests.records.conftest import tick

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_transactions")]


def change_of(record: Record) -> int:
    """Return the number of the change that can be undone, 0 for none."""
    last = last_change(record)
    return last.id if last else 0


STAMPS = ("updated_at", "stage_changed_at", "touched_at")


def values(record: Record) -> dict[str, Any]:
    """Return what is stored of a record but its stamps, which always move on."""
    row = type(record).objects.filter(pk=record.pk).values().get()
    return {name: value for name, value in row.items() if name not in STAMPS}


def undo(client: Client, record: Record, change: int | str | None = None) -> int:
    """Post the undo of a change, the last one unless told; return the status."""
    tick()
    address = f"/{record._meta.app_label}/{record.pk}/undo/"
    return client.post(address, {"change": change_of(record) if change is None else change}).status_code


def test_edit_is_undone_exactly_and_the_undo_too(client: Client, alice: User) -> None:
    deal = make_deal(alice, amount=Decimal("1234567890123456789.012345678901234567890"), notes="old")
    tick()
    before = values(deal)
    Deal.objects.filter(pk=deal.pk).update(amount=Decimal("0.1"), notes=None, title="New")
    after, stamp = values(deal), Deal.objects.get(pk=deal.pk).updated_at
    client.force_login(alice)
    assert undo(client, deal) == 302
    assert values(deal) == before
    assert Deal.objects.get(pk=deal.pk).updated_at > stamp
    assert undo(client, deal) == 302
    assert values(deal) == after


def test_move_is_undone_with_place_closing_and_reason(client: Client, alice: User) -> None:
    deal = make_deal(alice)
    tick()
    deal = Deal.objects.get(pk=deal.pk)
    reason = LostReason.objects.get(key="price")
    deal.move_to(Stage.objects.get(key="lost"), reason=reason, note="dear", closed_at=datetime(2030, 1, 1, tzinfo=UTC))
    deal.save()
    tick()
    lost = values(deal)
    deal.refresh_from_db()
    deal.move_to(Stage.objects.get(key="won"), closed_at=datetime(2031, 1, 1, tzinfo=UTC))
    deal.save()
    client.force_login(alice)
    assert undo(client, deal) == 302
    assert values(deal) == lost
    moves = list(StageChange.objects.filter(deal=deal).order_by("id").values_list("from_stage", "to_stage"))
    assert moves == [(None, "lead"), ("lead", "lost"), ("lost", "won"), ("won", "lost")]


def test_a_share_after_an_edit_does_not_stand_in_the_way(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice, title="Old")
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="New")
    tick()
    share(deal, bob, ("view",))
    client.force_login(alice)
    assert undo(client, deal) == 302
    assert Deal.objects.get(pk=deal.pk).title == "Old"
    assert may(bob, "view", deal)


def test_refused_when_it_is_not_the_last_change(client: Client, alice: User) -> None:
    deal = make_deal(alice, title="One")
    client.force_login(alice)
    assert undo(client, deal, 0) == 409  # there is only its creation
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="Two")
    old = change_of(deal)
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="Three")
    for change in (old, "", "x", "9" * 30, "²"):
        assert undo(client, deal, change) == 409
    assert Deal.objects.get(pk=deal.pk).title == "Three"
    answer = client.post(f"/deals/{deal.pk}/undo/", {"change": old})
    assert b"no longer its last change" in answer.content
    assert client.get(f"/deals/{deal.pk}/undo/").status_code == 405


def test_who_may_undo(client: Client, alice: User, bob: User, mallory: User, mira: User) -> None:
    deal = make_deal(alice, title="One")
    share(deal, bob, ("view",))
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="Two")
    for person, status in ((mallory, 404), (bob, 403), (mira, 302)):
        client.force_login(person)
        assert undo(client, deal) == status
    assert Deal.objects.get(pk=deal.pk).title == "One"
    client.logout()
    assert undo(client, deal) == 302
    assert Deal.objects.get(pk=deal.pk).title == "One"


def test_refused_when_the_old_pointer_is_gone_or_hidden(client: Client, alice: User, mallory: User) -> None:
    gone, hidden = make_company(alice), make_company(mallory)
    deal, other = make_deal(alice, company=gone), make_deal(alice, company=hidden)
    tick()
    Deal.objects.update(company=None)
    tick()
    gone.delete()
    client.force_login(alice)
    answers = []
    for record in (deal, other):
        answer = client.post(f"/deals/{record.pk}/undo/", {"change": change_of(record)})
        assert answer.status_code == 409
        answers.append(b"It named a company that is gone or that you cannot see." in answer.content)
        assert Deal.objects.get(pk=record.pk).company is None
    assert answers == [True, True]


def test_hand_over_is_undone_by_its_new_owner_not_by_who_may_only_edit(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    tick()
    client.force_login(alice)
    client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk})
    share(deal, alice, ("view", "change"))
    assert undo(client, deal) == 409
    assert b"/undo/?change=" not in client.get(f"/deals/{deal.pk}/history/").content
    client.force_login(bob)
    assert undo(client, deal) == 302
    assert Deal.objects.get(pk=deal.pk).assigned_to == alice


# What was deleted


def restore_all(client: Client, person: User, record: Record) -> int:
    """Ask for the page that brings a record back and post it; return the last status."""
    client.force_login(person)
    tick()
    address = f"/{record._meta.app_label}/{record.pk}/restore/"
    asked = client.get(address).status_code
    return client.post(address).status_code if asked == 200 else asked


def delete(record: Record, person: User) -> None:
    """Delete a record as its page does."""
    tick()
    with acting(person):
        type(record).objects.get(pk=record.pk).delete()


def test_deal_comes_back_with_grants_activities_and_history(client: Client, alice: User, bob: User) -> None:
    team = make_role("Team", bob)
    deal = make_deal(alice, amount=Decimal("0.1000"), company=make_company(alice))
    share(deal, team, ("view", "change"))
    deal.move_to(Stage.objects.get(key="won"))
    deal.save()
    activity = make_activity(bob, related_deal=deal, subject="Call back")
    share(activity, alice, ("view", "change"))
    tick()
    held, old = (grants(deal), grants(activity)), (values(deal), values(activity))
    stamp, moves = Deal.objects.get(pk=deal.pk).updated_at, StageChange.objects.filter(deal=deal).count()
    delete(deal, alice)
    assert not Activity.objects.filter(pk=activity.pk).exists()
    assert restore_all(client, alice, deal) == 302
    assert (values(deal), values(activity)) == old
    assert (grants(deal), grants(activity)) == held
    assert Deal.objects.get(pk=deal.pk).updated_at > stamp
    assert StageChange.objects.filter(deal=deal).count() == moves
    assert all_wrong_rows() == []
    assert b"brought this deal back" in client.get(f"/deals/{deal.pk}/history/").content


def test_company_is_pointed_at_again_where_nothing_else_is(client: Client, alice: User, bob: User) -> None:
    company = make_company(alice)
    contact, deal = make_contact(bob, company=company), make_deal(bob, company=company)
    delete(company, alice)
    tick()
    other = make_company(bob)
    Deal.objects.filter(pk=deal.pk).update(company=other)
    assert restore_all(client, alice, company) == 302
    assert Contact.objects.get(pk=contact.pk).company == company
    assert Deal.objects.get(pk=deal.pk).company == other
    assert may(bob, "view", company)
    assert all_wrong_rows() == []


def test_contact_comes_back_with_activities_and_deals(client: Client, alice: User) -> None:
    contact = make_contact(alice)
    deal, activity = make_deal(alice, contact=contact), make_activity(alice, related_contact=contact)
    delete(contact, alice)
    assert restore_all(client, alice, contact) == 302
    assert Deal.objects.get(pk=deal.pk).contact == contact
    assert Activity.objects.get(pk=activity.pk).related_contact == contact


def test_only_what_went_in_the_same_transaction(client: Client, alice: User) -> None:
    deal = make_deal(alice)
    early, late = make_activity(alice, related_deal=deal), make_activity(alice, related_deal=deal)
    delete(early, alice)
    delete(deal, alice)
    assert restore_all(client, alice, deal) == 302
    assert Activity.objects.filter(pk=late.pk).exists()
    assert not Activity.objects.filter(pk=early.pk).exists()
    assert restore_all(client, alice, early) == 302


def test_who_may_bring_it_back(client: Client, alice: User, bob: User, mallory: User, mira: User) -> None:
    carol = make_role("Carols", mallory)
    for person, actions in ((alice, True), (mira, True), (bob, True), (mallory, False)):
        company = make_company(alice)
        share(company, bob, ("view", "change"))
        share(company, carol, ("view",))
        delete(company, alice)
        assert restore_all(client, person, company) == (302 if actions else 404)
        assert Company.objects.filter(pk=company.pk).exists() is actions
    contact = make_contact(alice)
    delete(contact, mallory)
    assert restore_all(client, mallory, contact) == 302  # back it is, though she who deleted it may not see it
    assert client.get(f"/contacts/{contact.pk}/").status_code == 404
    client.logout()
    assert "login" in client.get(f"/contacts/{contact.pk}/restore/").headers["Location"]


def test_a_role_brings_it_back_but_not_a_later_one_of_its_name(client: Client, alice: User, bob: User) -> None:
    for is_later in (True, False):
        team, company = make_role("Team", bob), make_company(alice)
        share(company, team, ("view", "change"))
        delete(company, alice)
        if is_later:
            team.delete()
            team = make_role("Team", bob)
        assert restore_all(client, bob, company) == (404 if is_later else 302)
        team.delete()


def test_twice_is_refused(client: Client, alice: User, mallory: User) -> None:
    deal = make_deal(alice)
    client.force_login(alice)
    assert client.post(f"/deals/{deal.pk}/restore/").status_code == 409  # never deleted
    delete(deal, alice)
    assert restore_all(client, alice, deal) == 302
    assert client.post(f"/deals/{deal.pk}/restore/").status_code == 409
    assert client.get(f"/deals/{deal.pk}/restore/").status_code == 409
    deletion = Change.objects.get(object_id=deal.pk, operation="delete")
    assert restore(Deal, deletion) is False
    assert last_deletion(Deal, deal.pk) is None
    client.force_login(mallory)
    assert client.get(f"/deals/{deal.pk}/restore/").status_code == 404
    assert client.get("/deals/0123456789/restore/").status_code == 404


def test_pointers_to_what_is_gone_by_now_are_left_out(client: Client, alice: User, mira: User) -> None:
    company = make_company(alice)
    deal = make_deal(alice, company=company)
    delete(deal, alice)
    delete(company, alice)
    alice.delete()
    assert restore_all(client, mira, deal) == 302
    deal.refresh_from_db()
    assert (deal.company, deal.assigned_to) == (None, None)
    assert grants(deal) == {}
    assert all_wrong_rows() == []


def test_a_grant_taken_back_before_the_deletion_stays_away(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view", "change"))
    tick()
    share(deal, bob, ("view",))
    with acting(alice):
        Deal.objects.get(pk=deal.pk).delete()
    assert restore_all(client, alice, deal) == 302
    assert grants(deal)[bob.pk] == {"view"}


def test_delete_page_offers_the_undo(client: Client, alice: User) -> None:
    deal = make_deal(alice, title="Big one")
    client.force_login(alice)
    tick()
    page = client.post(f"/deals/{deal.pk}/delete/", follow=True).content
    assert f'action="/deals/{deal.pk}/restore/"'.encode() in page
    assert b"Big one" in client.get(f"/deals/{deal.pk}/restore/").content
    client.post(f"/deals/{deal.pk}/restore/")
    assert Deal.objects.filter(pk=deal.pk).exists()


def test_saving_offers_to_undo_just_that(client: Client, alice: User) -> None:
    company = make_company(alice, name="Before")
    client.force_login(alice)
    version = company.updated_at.isoformat()
    tick()
    page = client.post(f"/companies/{company.pk}/edit/", {"name": "After", "version": version}, follow=True)
    (message,) = page.context["messages"]
    assert message.extra_tags.startswith(f"/companies/{company.pk}/undo/?change=")
    client.post(message.extra_tags)
    company.refresh_from_db()
    assert company.name == "Before"
