"""An event for each committed change, whichever door it came through: once, in order, and nothing before the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.access import share
from records.live import feed
from records.undo import last_change
from tests.admin.test_forms import filled
from tests.factories import make_company, make_contact, make_deal, signed_in
from tests.imports.conftest import HEADER, Run
from tests.imports.conftest import run as run
from tests.live.conftest import Listen
from tests.live.listener import Listener
from tests.live.test_feed import Writer
from tests.pages.reading import form_of
from tests.parse_api.app import signed_in_app
from tests.parse_api.graphql.asking import answer, code
from tests.parse_api.objects import shown

CLASSES = ("Company", "Contact", "Deal", "Activity")
Told = list[tuple[str, str, str]]


def follow_all(ear: Listener) -> Callable[[User | None], Told]:
    """Follow every class; return a function from who listens to what he was told since: op, class and objectId."""
    for number, name in enumerate(CLASSES, 1):
        ear.follow(name, request_id=number)

    def told(owner: User | None) -> Told:
        return [
            (each["op"], each["object"]["className"], each["object"]["objectId"])
            for each in ear.events(owner)
            if not each["object"].get("name", "").startswith("fence")
        ]

    return told


def test_pages_and_admin(listen: Listen, alice: User, mira: User) -> None:
    told, browser, boss = follow_all(listen(alice)), signed_in(alice), signed_in(mira)
    page = browser.get("/companies/new/")
    assert browser.post("/companies/new/", form_of(page) | {"name": "Acme"}).status_code == 302
    company = Company.objects.get(name="Acme")
    assert told(alice) == [("create", "Company", company.pk)]
    edit = f"/companies/{company.pk}/edit/"
    assert browser.post(edit, form_of(browser.get(edit)) | {"notes": "N"}).status_code == 302
    assert told(alice) == [("update", "Company", company.pk)]
    assert _undo(browser, company) == 302
    assert told(alice) == [("update", "Company", company.pk)]
    assert browser.post(f"/companies/{company.pk}/delete/").status_code == 302
    assert told(alice) == [("delete", "Company", company.pk)]
    assert browser.post(f"/companies/{company.pk}/restore/").status_code == 302
    assert told(alice) == [("create", "Company", company.pk)]
    admin = reverse("admin:companies_company_change", args=[company.pk])
    assert boss.post(admin, filled(boss, admin, notes="by the admin")).status_code == 302
    assert told(alice) == [("update", "Company", company.pk)]
    boss.post(reverse("admin:companies_company_delete", args=[company.pk]), {"post": "yes"})
    assert told(alice) == [("delete", "Company", company.pk)]


def _undo(browser: Client, company: Company) -> int:
    change = last_change(company)
    assert change
    return browser.post(f"/companies/{company.pk}/undo/", {"change": change.id}).status_code


def test_the_board(listen: Listen, alice: User) -> None:
    told, browser = follow_all(listen(alice)), signed_in(alice)
    deal = make_deal(alice, stage="lead")
    assert told(alice) == [("create", "Deal", deal.pk)]
    version = Deal.objects.get(pk=deal.pk).updated_at.isoformat()
    move = browser.post(f"/deals/{deal.pk}/move/", {"stage": "qualified", "version": version})
    assert move.status_code < 400
    assert told(alice) == [("update", "Deal", deal.pk)]


def test_rest_and_batches(listen: Listen, alice: User) -> None:
    told, app = follow_all(listen(alice)), signed_in_app(alice)

    def batch(requests: list[dict[str, Any]], **more: bool) -> Any:
        return app.post("/batch", {"requests": requests, **more}).json()

    pk = app.post("/classes/Deal", {"title": "T"}).json()["objectId"]
    app.put(f"/classes/Deal/{pk}", {"title": "U"})
    app.delete(f"/classes/Deal/{pk}")
    assert told(alice) == [(each, "Deal", pk) for each in ("create", "update", "delete")]
    makes = [{"method": "POST", "path": "/parse/classes/Deal", "body": {"title": f"{n}"}} for n in range(3)]
    made = [each["success"]["objectId"] for each in batch(makes)]
    assert told(alice) == [("create", "Deal", each) for each in made]
    both = [{"method": "PUT", "path": f"/parse/classes/Deal/{made[0]}", "body": {"amount": n}} for n in range(3)]
    batch(both, transaction=True)
    assert told(alice) == [("update", "Deal", made[0])]
    gone = [{"method": "DELETE", "path": f"/parse/classes/Deal/{made[1]}"}]
    assert "error" in batch([*gone, {**gone[0], "path": "/parse/classes/Deal/nosuchdeal"}], transaction=True)
    assert told(alice) == []


def test_graphql(listen: Listen, alice: User) -> None:
    told, app = follow_all(listen(alice)), signed_in_app(alice)
    linked = '{title: "T", company: {createAndLink: {name: "C"}}}'
    query = f"mutation {{ createDeal(input: {{fields: {linked}}}) {{ deal {{ objectId company {{ objectId }} }} }} }}"
    deal = answer(app, query)["createDeal"]["deal"]
    made = [("create", "Company", deal["company"]["objectId"]), ("create", "Deal", deal["objectId"])]
    assert sorted(told(alice)) == sorted(made)
    assert code(app, query.replace('"T"', '""')) == 142
    assert told(alice) == []
    answer(app, "mutation($id: ID!) { deleteDeal(input: {id: $id}) { clientMutationId } }", {"id": deal["objectId"]})
    assert told(alice) == [("delete", "Deal", deal["objectId"])]


def test_an_import(listen: Listen, run: Run, mira: User) -> None:
    told = follow_all(listen(mira))
    assert (
        run(HEADER + "1,Ann,GTX,Acme,Won,01-10-2016,05-03-2017,1054\n2,Ann,GTX,Acme,Engaging,01-10-2016,,\n").status
        == 0
    )
    deals = {("create", "Deal", pk) for pk in Deal.objects.values_list("pk", flat=True)}
    companies = {("create", "Company", pk) for pk in Company.objects.filter(name="Acme").values_list("pk", flat=True)}
    found = told(mira)
    assert (len(deals), len(companies), len(found)) == (2, 1, 3)
    assert set(found) == deals | companies


def test_plain_sql(listen: Listen, alice: User) -> None:
    told = follow_all(listen(alice))
    deal, other = make_deal(alice), make_deal(alice)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deals_deal SET title = title || '!' WHERE assigned_to_id = %s", [alice.pk])
        cursor.execute("DELETE FROM deals_deal WHERE id = %s", [deal.pk])
    found = told(alice)
    assert found[:2] == [("create", "Deal", deal.pk), ("create", "Deal", other.pk)]
    assert sorted(found[2:4]) == sorted([("update", "Deal", deal.pk), ("update", "Deal", other.pk)])
    assert found[4:] == [("delete", "Deal", deal.pk)]


def test_what_is_rolled_back_is_not_told_and_a_transaction_is_one_event_for_each_object(
    listen: Listen, alice: User, bob: User
) -> None:
    told, bobs = follow_all(listen(alice)), follow_all(listen(bob))
    deal = make_deal(alice, title="0")
    told(alice)
    with transaction.atomic():
        Deal._base_manager.filter(pk=deal.pk).update(title="never")
        make_deal(alice)
        transaction.set_rollback(True)
    with transaction.atomic():
        for title in "123":
            Deal._base_manager.filter(pk=deal.pk).update(title=title)
            share(deal, bob, ("view",))
            share(deal, bob, ())
        brief = make_company(alice)
        share(brief, bob, ("view",))
        brief.delete()
        new = make_contact(alice)
        share(new, bob, ("view",))
        share(new, bob, ())
        Contact._base_manager.filter(pk=new.pk).update(name="renamed")
    assert told(alice) == [("update", "Deal", deal.pk), ("create", "Contact", new.pk)]
    assert bobs(bob) == []


def test_no_state_is_told_that_was_never_committed_however_much_a_transaction_does(
    listen: Listen, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More changes than the log is read by at once lie between the two of one deal."""
    monkeypatch.setattr(feed, "PAGE", 10)
    ear = listen(bob)
    ear.follow("Deal", {"title": {"$ne": "filling"}})
    with transaction.atomic():
        deal = make_deal(alice, title="shared for a moment")
        share(deal, bob, ("view",))
        seen = make_deal(bob, title="draft")
        Deal._base_manager.bulk_create([Deal(title="filling", assigned_to=bob) for _ in range(25)])
        share(deal, bob, ())
        Deal._base_manager.filter(pk=seen.pk).update(title="final")
    assert [(each["op"], each["object"]["title"]) for each in ear.events(bob)] == [("create", "final")]


def test_a_deal_is_told_in_the_order_of_commits(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    first, second = make_deal(alice, title="0"), make_deal(alice, title="0")
    ear.follow("Deal")
    late, early = Writer(), Writer()
    late.do(lambda: Deal._base_manager.filter(pk=first.pk).update(title="late"))
    early.do(lambda: Deal._base_manager.filter(pk=second.pk).update(title="early"))
    early.commit()
    Deal._base_manager.filter(pk=second.pk).update(title="between")
    late.do(lambda: Deal._base_manager.filter(pk=second.pk).update(title="late"))
    late.commit()
    found = [(each["object"]["objectId"], each["object"]["title"]) for each in ear.events(alice)]
    assert [title for pk, title in found if pk == second.pk] == ["early", "between", "late"]
    assert [title for pk, title in found if pk == first.pk] == ["late"]
    assert len(found) == 4


def test_many_writers_at_once_are_told_once_each(listen: Listen, alice: User) -> None:
    ear, app = listen(alice), signed_in_app(alice)
    ear.follow("Deal")
    ear.follow("Deal", {"title": {"$regex": "[0-9]$"}}, 2)
    deals = [make_deal(alice, title="start 0") for _ in range(4)]

    def write(number: int) -> None:
        try:
            for count in range(20):
                with transaction.atomic():
                    for deal in deals[number % 2 :: 2]:
                        Deal._base_manager.filter(pk=deal.pk).update(title=f"{number} {count}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = ear.events(alice)
    for number in (1, 2):
        for deal in deals:
            mine = [each for each in events if (each["requestId"], each["object"]["objectId"]) == (number, deal.pk)]
            assert [each["op"] for each in mine] == ["create"] + ["update"] * 40
            chain = [each["object"] for each in mine]
            assert [each["original"] for each in mine[1:]] == chain[:-1], "each begins where the one before ended"
            rest = shown(app, "Deal", deal.pk)
            assert chain[-1] == {"__type": "Object", "className": "Deal", **rest}


TEXT = 'É "ß\\ \u2028 <b>\r\n\t🚀'
INSERT = """
INSERT INTO deals_deal (id, title, stage, amount, notes, assigned_to_id, expected_close_date, readers, acl, created_at,
    updated_at, position)
VALUES (%s, %s, '', %s, %s, %s, %s, '{}', '{}', now(), now(), 1)
"""


@pytest.mark.parametrize("where", [{}, {"title": {"$regex": "[a-z]", "$options": "i"}}])
def test_objects_look_as_in_rest(listen: Listen, alice: User, where: dict[str, Any]) -> None:
    """Whatever a field holds, also what only other doors can write."""
    ear, app = listen(alice), signed_in_app(alice)
    ear.follow("Deal", where)
    amounts = ["0", "-0.0", "0.1", "1e20", "1e21", "1e-7", "123456789.123456789", "9007199254740993", "1e308", "1e-400"]
    for amount in amounts:
        values = [f"deal{amounts.index(amount):06}", TEXT, amount, "x" * 20_000, alice.pk, "1890-02-03 04:05:06.7"]
        with connection.cursor() as cursor:
            cursor.execute("SET TimeZone = 'America/St_Johns'")
            cursor.execute(INSERT, values)
            cursor.execute("RESET TimeZone")
    events = ear.events(alice)
    assert [each["op"] for each in events] == ["create"] * len(amounts)
    for event in events:
        rest = shown(app, "Deal", event["object"]["objectId"])
        assert event["object"] == {"__type": "Object", "className": "Deal", **rest}
