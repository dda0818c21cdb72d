"""The History page: who did what and when, in words, and nothing that the viewer may not know."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from deals.models import Deal, Stage
from records.access import share
from records.history import PAGE_SIZE, history
from records.log import acting
from records.models import Change, Record
from records.wording import access_words
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role, make_user
from tests.records.conftest import tick
from tests.records.queries import count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_transactions")]


def told(record: Record, viewer: User) -> list[tuple[str, str]]:
    """Return (who, what) of the first page, newest first."""
    _, entries = history(record, viewer, 1)
    return [(str(entry.who), entry.what) for entry in entries]


def text_of(page: bytes) -> str:
    """Return what a page says, without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.decode())))


def test_a_life_in_words(alice: User, bob: User) -> None:
    with acting(alice):
        deal = make_deal(alice, amount=1000)
    tick()
    with acting(bob):
        Deal.objects.filter(pk=deal.pk).update(amount=Decimal("2000.5"))
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="New name", notes="Long\ntext")
    tick()
    share(deal, bob, ("view",))
    tick()
    share(deal, bob, ("view", "change"))
    tick()
    share(deal, bob, ("view",))
    tick()
    share(deal, bob, ())
    tick()
    Deal.objects.filter(pk=deal.pk).update(notes=None, amount=None)
    assert told(deal, alice) == [
        ("None", "changed 2 fields"),
        ("None", "took back access from Bob"),
        ("None", "let Bob view it only"),
        ("None", "shared it with Bob to edit"),
        ("None", "shared it with Bob to view"),
        ("None", "changed 2 fields"),
        ("Bob", "changed amount from $1,000 to $2,000.50"),
        ("Alice", "created this deal"),
    ]


def test_moves_and_dates_use_the_words_of_the_product(alice: User) -> None:
    deal = make_deal(alice)
    tick()
    moment = datetime(2031, 1, 31, 23, 30, tzinfo=UTC)
    with acting(alice), timezone.override("Asia/Tokyo"):
        deal.move_to(Stage.objects.get(key="won"), closed_at=moment)
        deal.save()
        _, entries = history(deal, alice, 1)
        assert told(deal, alice)[0] == ("Alice", "moved it from Lead to Won and set closed to 1 Feb 2031")
        assert entries[0].changes == []
        tick()
        activity = make_activity(alice)
        tick()
        activity.due_date = moment
        activity.save()
        assert told(activity, alice)[0][1] == "set due to 1 Feb 2031, 08:30"
    tick()
    activity.type = "meeting"
    activity.save()
    assert told(activity, alice)[0][1] == "changed type from Call to Meeting"


def test_hand_over_says_who_and_leaves_out_the_rights_that_follow(client: Client, alice: User, bob: User) -> None:
    deal = make_deal(alice)
    tick()
    client.force_login(alice)
    client.post(f"/deals/{deal.pk}/hand-over/", {"holder": bob.pk, "keep": "on"})
    tick()
    deal.refresh_from_db()
    deal.assigned_to = make_user("carol")
    deal.save()
    assert told(deal, alice) == [
        ("None", "handed it over from Bob to Carol"),
        ("Alice", "handed it over from Alice to Bob, who still lets Alice view it"),
        ("None", "created this deal"),
    ]


def test_pointers_are_named_only_where_the_viewer_sees_them(alice: User, bob: User, mallory: User) -> None:
    hidden, seen = make_company(mallory, name="Hidden Ltd"), make_company(bob, name="Seen Ltd")
    deal = make_deal(alice, company=hidden)
    share(deal, bob, ("view",))
    tick()
    Deal.objects.filter(pk=deal.pk).update(company=seen)
    assert told(deal, alice)[0][1] == "changed company from a company you cannot see to Seen Ltd"
    assert told(deal, bob)[0][1] == "changed company from a company you cannot see to Seen Ltd"
    tick()
    gone = make_contact(alice, name="Gone")
    Deal.objects.filter(pk=deal.pk).update(contact=gone)
    assert told(deal, alice)[0][1] == "set contact to Gone"
    tick()
    gone.delete()
    assert told(deal, alice)[0][1] == "cleared contact (a contact you cannot see)"


def test_derived_changes_and_a_place_on_the_board_are_no_news(alice: User, bob: User) -> None:
    company = make_company(alice)
    tick()
    deal = make_deal(bob, company=company)
    tick()
    Deal.objects.filter(pk=deal.pk).update(position=7)
    assert Change.objects.filter(object_id=company.pk, operation="update").exists()
    assert told(company, alice) == [("None", "created this company")]
    assert told(deal, bob) == [("None", "created this deal")]


def test_people_who_are_gone_and_the_system(alice: User) -> None:
    deal, carol = make_deal(alice), make_user("carol")
    tick()
    with acting(carol):
        share(deal, carol, ("view",))
    tick()
    carol.delete()
    assert told(deal, alice) == [
        ("None", "took back access from somebody who is gone"),
        ("None", "shared it with somebody who is gone to view"),
        ("None", "created this deal"),
    ]


def test_values_are_escaped_and_long_ones_are_shown_whole_on_demand(client: Client, alice: User) -> None:
    deal = make_deal(alice, title="<script>alert(1)</script>")
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="<img src=x>", notes="word " * 400 + "END")
    tick()
    Deal.objects.filter(pk=deal.pk).update(title="<b>plain</b>")
    client.force_login(alice)
    page = client.get(f"/deals/{deal.pk}/history/").content
    assert b"<script>alert" not in page
    assert b"<img src=x" not in page
    assert b"<b>plain" not in page
    assert "changed title from <img src=x> to <b>plain</b>" in text_of(page)
    assert page.count(b"END") == 1
    assert b"<summary>Show all</summary>" in page


def test_odd_stored_values_have_words(alice: User) -> None:
    deal = make_deal(alice)
    tick()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deals_deal SET amount = 1e300, expected_close_date = 'infinity', stage = 'other <one>' "
            "WHERE id = %s",
            [deal.pk],
        )
    what = told(deal, alice)[0][1]
    assert what == "moved it from Lead to other <one> and changed 2 fields"
    tick()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET expected_close_date = '9999-12-31 23:59+00' WHERE id = %s", [deal.pk])
    with timezone.override("Asia/Tokyo"):
        assert "9999-12-31" in told(deal, alice)[0][1]


def test_roles_and_everybody_are_named(alice: User) -> None:
    deal, team = make_deal(alice), make_role("Team")
    tick()
    share(deal, team, ("view", "change"))
    tick()
    share(deal, Group.objects.get(name="*"), ("view",))
    assert [what for _, what in told(deal, alice)][:2] == [
        "shared it with Everybody signed in to view",
        "shared it with Team to edit",
    ]


def test_who_may_see_it(client: Client, alice: User, bob: User, mallory: User, mira: User) -> None:
    deal = make_deal(alice)
    tick()
    share(deal, bob, ("view",))
    tick()
    Deal.objects.filter(pk=deal.pk).update(amount=5)
    for person, status, undo in ((alice, 200, True), (bob, 200, False), (mallory, 404, False), (mira, 200, True)):
        client.force_login(person)
        answer = client.get(f"/deals/{deal.pk}/history/")
        assert answer.status_code == status
        assert (b"/undo/?change=" in answer.content) is undo
    assert client.post(f"/deals/{deal.pk}/history/").status_code == 405


def test_fifty_a_page(client: Client, alice: User) -> None:
    deal = make_deal(alice)
    for number in range(1, PAGE_SIZE + 6):
        tick()
        Deal.objects.filter(pk=deal.pk).update(amount=number)
    client.force_login(alice)
    first = text_of(client.get(f"/deals/{deal.pk}/history/").content)
    second = text_of(client.get(f"/deals/{deal.pk}/history/?page=2").content)
    assert first.count("changed amount") == PAGE_SIZE
    assert second.count("changed amount") == 4
    assert "set amount to $1 " in second
    assert "created this deal" in second
    for page in ("0", "-1", "x", "99999999999", "²"):
        assert client.get(f"/deals/{deal.pk}/history/", {"page": page}).status_code == 200


def test_history_asks_the_same_of_the_database_for_many(client: Client, alice: User) -> None:
    few, many = make_deal(alice), make_deal(alice)
    for deal, count in ((few, 3), (many, 13)):
        for _ in range(count):
            tick()
            with acting(make_user()):
                Deal.objects.filter(pk=deal.pk).update(company=make_company(alice), contact=make_contact(alice))
                share(deal, make_user(), ("view",))
    client.force_login(alice)
    assert count_queries(client, f"/deals/{few.pk}/history/") == count_queries(client, f"/deals/{many.pk}/history/")


def test_what_comes_to_nothing_is_not_told() -> None:
    class Names:
        def holder(self, grant: dict[str, str]) -> str:
            return grant["user_id"]

    grant = {"user_id": "Bob", "action": "view"}
    assert access_words([("revoke", grant), ("grant", grant)], Names()) == {}  # type: ignore[arg-type]
