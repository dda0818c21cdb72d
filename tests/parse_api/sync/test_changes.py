"""A copy of what one may read, made and kept up to date."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from deals.models import Deal
from parse_api.sync import changes, page
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.sync.copy import GONE, Copy, news, remove, truth

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_copy_begins_with_everything(alice: User, bob: User) -> None:
    deal = make_deal(alice, contact=make_contact(bob, company=make_company(bob)))
    make_activity(alice, related_deal=deal)
    make_deal(bob)
    copy = Copy(signed_in_app(alice))
    [told] = copy.sync()
    assert copy.records == truth(copy.app)
    assert {name: len(each) for name, each in copy.records.items()} == {
        "Company": 1,
        "Contact": 1,
        "Deal": 1,
        "Activity": 1,
    }
    assert told["gone"] == {"Company": [], "Contact": [], "Deal": [], "Activity": []}


def test_nothing_is_told_twice(alice: User) -> None:
    make_deal(alice)
    copy = Copy(signed_in_app(alice))
    assert [news(copy.sync()), news(copy.sync()), news(copy.sync())][1:] == [({}, {})] * 2
    assert copy.asked == 3


def test_what_changed_is_told_and_nothing_else(alice: User) -> None:
    deal, contact = make_deal(alice), make_contact(alice)
    make_company(alice)
    copy = Copy(signed_in_app(alice))
    copy.sync()
    app = signed_in_app(alice)
    app.put(f"/classes/Deal/{deal.pk}", {"stage": "won"})
    app.delete(f"/classes/Contact/{contact.pk}")
    made = app.post("/classes/Activity", {"type": "call"}).json()["objectId"]
    told = copy.sync()
    assert news(told) == ({"Deal": {deal.pk}, "Activity": {made}}, {"Contact": {contact.pk}})
    assert copy.records == truth(app)
    assert news(copy.sync()) == ({}, {})


def test_every_door_is_heard(alice: User) -> None:
    deals = [make_deal(alice) for _ in range(3)]
    copy = Copy(signed_in_app(alice))
    copy.sync()
    Deal.objects.filter(pk=deals[0].pk).update(title="from the program")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET notes = 'by hand' WHERE id = %s", [deals[1].pk])
        cursor.execute("DELETE FROM deals_deal WHERE id = %s", [deals[2].pk])
    assert news(copy.sync()) == ({"Deal": {deals[0].pk, deals[1].pk}}, {"Deal": {deals[2].pk}})


def test_what_the_copy_has_of_an_object_is_what_a_list_has(alice: User, bob: User) -> None:
    contact = make_contact(alice, name='"quoted" \\ é 😀', notes="a\nb")
    deal = make_deal(alice, contact=contact, amount="1234567.5", expected_close_date="2030-01-01T00:00:00Z")
    share(deal, bob, ("view", "change"))
    for person in (alice, bob):
        copy = Copy(signed_in_app(person))
        copy.sync()
        assert copy.records == truth(copy.app)


def test_what_follows_from_a_deletion_is_told(alice: User) -> None:
    contact = make_contact(alice)
    deal = make_deal(alice, contact=contact)
    activity = make_activity(alice, related_contact=contact)
    copy = Copy(signed_in_app(alice))
    copy.sync()
    remove(contact)
    told = news(copy.sync())
    assert told == ({"Deal": {deal.pk}}, {"Contact": {contact.pk}, "Activity": {activity.pk}})
    assert "contact" not in copy.records["Deal"][deal.pk]


def test_classes_are_chosen(alice: User) -> None:
    make_contact(alice)
    deal = make_deal(alice)
    copy = Copy(signed_in_app(alice), "Deal", "Company")
    copy.sync()
    make_activity(alice)
    remove(deal)
    assert news(copy.sync()) == ({}, {"Deal": {deal.pk}})
    assert copy.records == {"Company": {}, "Deal": {}}


@pytest.mark.parametrize("classes", ["Deal,Contact", " Contact , Deal ", '["Contact","Deal"]'])
def test_the_order_and_form_of_the_classes_do_not_matter(alice: User, classes: str) -> None:
    app = signed_in_app(alice)
    cursor = app.get("/changes?classes=Deal,Contact").json()["cursor"]
    answer = app.get(f"/changes?classes={quote(classes)}&since={quote(cursor)}")
    assert list(answer.json()["results"]) == ["Contact", "Deal"]


def test_as_the_sdk_sends_it(alice: User) -> None:
    deal = make_deal(alice)
    keys = {"_ApplicationId": "crm", "_JavaScriptKey": "js", "_SessionToken": signed_in_app(alice).token}
    body: dict[str, Any] = {"_method": "GET", "classes": ["Deal"], "since": None, "limit": 10} | keys
    told = App({}).post("/changes", body).json()
    assert [each["objectId"] for each in told["results"]["Deal"]] == [deal.pk]
    assert App({}).post("/changes", body | {"since": told["cursor"]}).json()["results"] == {"Deal": []}


def test_a_batch_may_ask_too(alice: User) -> None:
    app = signed_in_app(alice)
    write = {"method": "POST", "path": "/parse/classes/Deal", "body": {"title": "new"}}
    read = {"method": "GET", "path": "/parse/changes", "body": {"classes": "Deal"}}
    answers = app.post("/batch", {"requests": [write, read]}).json()
    assert [each["title"] for each in answers[1]["success"]["results"]["Deal"]] == ["new"]


def test_a_batch_that_goes_on_writing_loses_nothing(alice: User) -> None:
    """The reading in the middle of a transaction sees half of what it does: the whole is told once more."""
    app, copy = signed_in_app(alice), Copy(signed_in_app(alice), "Deal")
    write = {"method": "POST", "path": "/parse/classes/Deal", "body": {"title": "new"}}
    read = {"method": "GET", "path": "/parse/changes", "body": {"classes": "Deal"}}
    answers = app.post("/batch", {"requests": [write, read, write], "transaction": True}).json()
    make_deal(alice)
    copy.start_over()
    assert not copy.take(answers[1]["success"])
    assert len(copy.records["Deal"]) == 1
    copy.sync()
    assert copy.records == truth(app, "Deal")
    assert len(copy.records["Deal"]) == 3


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_of_any_size(alice: User, limit: int) -> None:
    for _ in range(3):
        make_deal(alice, contact=make_contact(alice))
    copy = Copy(signed_in_app(alice), limit=limit)
    told = copy.sync()
    assert copy.records == truth(copy.app)
    assert [sum(map(len, each["results"].values())) <= limit for each in told] == [True] * len(told)
    assert len(told) >= 6 / limit
    for deal in Deal.objects.all():
        Deal.objects.filter(pk=deal.pk).update(title="changed")
        make_activity(alice, related_deal=deal)
    remove(deal)
    told = copy.sync()
    assert copy.records == truth(copy.app)
    sizes = [sum(map(len, (*each["results"].values(), *each["gone"].values()))) for each in told]
    assert max(sizes) <= limit
    assert all(each["more"] for each in told[:-1])
    assert not told[-1]["more"]


def test_changes_between_the_first_pages_are_told(alice: User) -> None:
    deals = sorted((make_deal(alice) for _ in range(6)), key=lambda deal: deal.pk)
    copy = Copy(signed_in_app(alice), limit=2)
    copy.start_over()
    assert copy.take(copy.ask().json())
    Deal.objects.filter(pk=deals[0].pk).update(title="changed after it was told")
    remove(deals[1])
    remove(deals[5])
    made = make_deal(alice)
    copy.sync()
    assert copy.records == truth(copy.app)
    assert made.pk in copy.records["Deal"]


def test_changes_between_the_pages_of_changes_are_told(alice: User) -> None:
    copy = Copy(signed_in_app(alice), limit=2)
    copy.sync()
    deals = [make_deal(alice) for _ in range(6)]
    assert copy.take(copy.ask().json())
    assert set(copy.records["Deal"]) == {deals[0].pk, deals[1].pk}
    remove(deals[0])
    Deal.objects.filter(pk=deals[5].pk).update(title="changed before it was told")
    Deal.objects.filter(pk=deals[1].pk).update(title="changed after it was told")
    copy.sync()
    assert copy.records == truth(copy.app)


def test_an_answer_is_cut_when_it_becomes_long(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        make_deal(alice, notes="x" * 1000)
    monkeypatch.setattr(page, "BYTES", 3_000)
    monkeypatch.setattr(page, "_FIRST", 2)
    monkeypatch.setattr(page, "_LARGEST", 2)
    copy = Copy(signed_in_app(alice))
    assert len(copy.sync()) >= 4
    assert copy.records == truth(copy.app)
    Deal.objects.update(stage="won")
    assert len(copy.sync()) >= 3
    assert copy.records == truth(copy.app)


def test_an_answer_is_cut_when_it_takes_long(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        make_deal(alice)
    monkeypatch.setattr(page, "SECONDS", 0.0)
    monkeypatch.setattr(page, "_FIRST", 2)
    copy = Copy(signed_in_app(alice), "Deal")
    assert len(copy.sync()) == 4  # two, two, one, and the changes meanwhile
    Deal.objects.update(stage="won")
    assert len(copy.sync()) >= 3
    assert copy.records == truth(copy.app, "Deal")


def test_a_delta_that_is_too_large_is_told_to_start_over(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_CHANGES", 50)
    copy = Copy(signed_in_app(alice))
    copy.sync()
    [row] = Change.objects.filter(object_id=make_deal(alice).pk, operation="insert")
    Change.objects.bulk_create(
        [Change(class_name="Deal", object_id="zzzzzzzzzz", operation="insert", transaction=row.transaction,
                created_at=row.created_at) for _ in range(50)]
    )  # fmt: skip
    answer = copy.ask()
    assert refusal(answer) == GONE
    assert "start over" in answer.json()["error"]
    copy.sync()
    assert copy.begun == 2
    assert copy.records == truth(copy.app)


def test_a_first_copy_is_never_too_old(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_CHANGES", 2)
    for _ in range(4):
        make_deal(alice)
    copy = Copy(signed_in_app(alice), limit=3)
    copy.start_over()
    assert copy.take(copy.ask().json())
    for _ in range(4):
        make_deal(alice)
    copy.sync()
    assert copy.begun == 1
    assert copy.records == truth(copy.app)


def test_the_master_key_sees_all(alice: User) -> None:
    deal, nobodys = make_deal(alice), make_deal(None)
    copy = Copy(App(MASTER))
    copy.sync()
    assert set(copy.records["Deal"]) == {deal.pk, nobodys.pk}
    remove(nobodys)
    assert news(copy.sync()) == ({}, {"Deal": {nobodys.pk}})


def test_a_write_that_was_rolled_back_is_no_news(alice: User) -> None:
    deal = make_deal(alice)
    copy = Copy(signed_in_app(alice))
    copy.sync()
    with transaction.atomic():
        remove(deal)
        make_deal(alice)
        transaction.set_rollback(True)
    assert news(copy.sync()) == ({}, {})


def test_how_many_statements_it_takes(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    copy = Copy(signed_in_app(alice))
    copy.sync()
    with django_assert_num_queries(3):  # who asks, is the cursor known, the moment
        copy.sync()
    for _ in range(10):
        make_deal(alice)
        remove(make_contact(alice))
    with django_assert_num_queries(3 + 5):  # how much is new, what, deals, no contacts, who could see these
        copy.sync()
