"""Records that apps change and delete."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.names import MANAGERS
from activities.models import Activity
from companies.models import Company
from crm_site.invariants import findings
from deals.models import Deal
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.objects import ALL, NOBODY, date, made, pointer, shown


def put(app: App, deal: Deal, **body: Any) -> Any:
    return app.put(f"/classes/Deal/{deal.pk}", body)


def test_update_answers_updated_at_alone(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice, amount=5, notes="old")
    answer = put(app, deal, stage="won", notes="new")
    assert (answer.status_code, set(answer.json()), "Location" in answer.headers) == (200, {"updatedAt"}, False)
    found = shown(app, "Deal", deal.pk)
    assert (found["stage"], found["notes"], found["amount"]) == ("won", "new", 5)
    assert found["updatedAt"] == answer.json()["updatedAt"] > found["createdAt"]
    assert Change.objects.filter(object_id=deal.pk, operation="update").get().actor == alice.pk


def test_an_empty_body_moves_updated_at(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice)
    first = put(app, deal).json()["updatedAt"]
    body = {
        "objectId": NOBODY,
        "id": NOBODY,
        "createdAt": "x",
        "updatedAt": date("2001-01-01"),
        "__type": "Object",
        "ACL": None,
    }
    assert put(app, deal, **body).json()["updatedAt"] > first
    found = shown(app, "Deal", deal.pk)
    assert (found["objectId"], found["createdAt"] > "2020", found["ACL"]) == (deal.pk, True, {alice.pk: ALL})


def test_null_and_delete_clear(alice: User) -> None:
    app, company = signed_in_app(alice), make_company(alice)
    deal = make_deal(alice, amount=5, notes="x", company=company)
    for empty in (None, {"__op": "Delete"}):
        assert set(put(app, deal, amount=empty, notes=empty, company=empty, stage=empty).json()) == {"updatedAt"}
        assert {"amount", "notes", "company", "stage"}.isdisjoint(shown(app, "Deal", deal.pk))
        Deal.objects.filter(pk=deal.pk).update(amount=5, notes="x", company=company, stage="lead")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": None}, 142),
        ({"title": ""}, 142),
        ({"title": {"__op": "Delete"}}, 142),
        ({"stage": "won", "zip": "1"}, 119),
        ({"stage": "won", "className": "Deal"}, 105),
        ({"stage": "won", "company.name": "1"}, 119),
        ({"stage": "won", "a b": "1"}, 105),
        ({"stage": "won", "_x": {"__op": "Delete"}}, 105),
        ({"stage": "won", "notes": {"$set": 1}}, 121),
        ({"stage": "won", "zip": {"a.b": 1}}, 121),
        ({"stage": "won", "ACL": {"role:a.b": {"read": True}}}, 121),
        ({"stage": "won", "amount": "5"}, 111),
        ({"stage": "won", "company": pointer(NOBODY, "Contact")}, 111),
        ({"stage": "won", "company": pointer(NOBODY, "Company")}, 101),
        ({"stage": "y" * 501}, 142),
        ({"stage": {"__op": "Explode"}}, 108),
        ({"stage": {"__op": 5}}, 108),
        ({"stage": {"__op": "Add", "objects": ["x"]}}, 111),
        ({"stage": {"__op": "AddUnique", "objects": ["x"]}}, 111),
        ({"stage": {"__op": "Remove", "objects": ["x"]}}, 111),
        ({"company": {"__op": "AddRelation", "objects": []}}, 111),
        ({"company": {"__op": "RemoveRelation", "objects": []}}, 111),
        ({"company": {"__op": "Batch", "ops": []}}, 111),
        ({"stage": {"__op": "Increment", "amount": 1}}, 111),
        ({"company": {"__op": "Increment", "amount": 1}}, 111),
        ({"amount": {"__op": "Increment"}}, 111),
        ({"amount": {"__op": "Increment", "amount": None}}, 111),
        ({"amount": {"__op": "Increment", "amount": "2"}}, 111),
        ({"amount": {"__op": "Increment", "amount": True}}, 111),
        ({"amount": {"__op": "SetOnInsert", "amount": "2"}}, 111),
        ({"ACL": {"__op": "Delete"}}, 111),
        ({"ACL": []}, 111),
        ({"ACL": {"x": 5}}, 111),
        ({"ACL": {"x": {"read": "yes"}}}, 111),
        ({"ACL": {"*unresolved": {"read": True}}}, 123),
    ],
)
def test_bad_bodies_are_refused_and_nothing_is_written(alice: User, body: dict[str, Any], code: int) -> None:
    deal = make_deal(alice, amount=1, stage="lead")
    answer = put(signed_in_app(alice), deal, **body)
    assert refusal(answer) == (404 if code == 101 else 400, code)
    assert Deal.objects.values_list("stage", "amount", "updated_at").get() == ("lead", 1, deal.updated_at)


def test_a_stage_that_is_too_long_is_not_sent_to_the_database(alice: User) -> None:
    app, path = signed_in_app(alice), f"/classes/Deal/{make_deal(alice).pk}"
    with CaptureQueriesContext(connection) as queries:
        for answer in (
            app.put(path, {"stage": "x" * 501}),
            app.put(path, {"stage": {"__op": "SetOnInsert", "amount": "x" * 500}, "notes": "n"}),
            app.post("/classes/Deal", {"title": "t", "stage": {"__op": "SetOnInsert", "amount": "x" * 501}}),
        ):
            assert answer.status_code == 200 or refusal(answer) == (400, 142)
    assert not any("x" * 501 in str(query["sql"]) for query in queries.captured_queries)
    assert app.put(path, {"stage": "x" * 500}).status_code == 200


def test_increment_adds_to_what_is_there(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice)
    for amount, total in ((5, 5), (-2.5, 2.5), (0.1, 2.6), (-2.6, 0)):
        answer = put(app, deal, amount={"__op": "Increment", "amount": amount}, notes="x").json()
        assert answer.pop("updatedAt") and answer == {"amount": total}  # noqa: PT018
    assert set(put(app, deal, amount={"__op": "Increment", "amount": 0}).json()) == {"updatedAt"}
    assert put(app, deal, amount=1.5e308).status_code == 200
    assert refusal(put(app, deal, amount={"__op": "Increment", "amount": 1.5e308})) == (400, 111)
    assert shown(app, "Deal", deal.pk)["amount"] == 1.5e308


def test_operations_in_a_create(alice: User) -> None:
    app = signed_in_app(alice)
    first = {"__op": "SetOnInsert", "amount": "lead"}
    answer = made(
        app, "Deal", title="x", amount={"__op": "Increment", "amount": 4}, stage=first, notes={"__op": "Delete"}
    )
    assert (answer["amount"], answer["stage"], "notes" in answer) == (4, "lead", False)
    assert "stage" not in app.put(f"/classes/Deal/{answer['objectId']}", {"stage": {**first, "amount": "won"}}).json()
    assert shown(app, "Deal", answer["objectId"])["stage"] == "lead"
    assert refusal(app.post("/classes/Deal", {"title": "x", "stage": {"__op": "Explode"}})) == (400, 108)


def test_who_may_not_write_gets_101_for_everything(alice: User, bob: User, mallory: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view",))
    for person in (bob, mallory):
        app = signed_in_app(person)
        for path in (deal.pk, NOBODY, make_company(person).pk, "x", "a" * 300, "%C3%A9", "%27"):
            for method in ("PUT", "DELETE"):
                body = {"assignedTo": pointer(person)} if method == "PUT" else None
                answer = app.send(method, f"/classes/Deal/{path}", body)
                assert answer.content == b'{"code":101,"error":"Object not found."}'
                assert answer.status_code == 404
    assert Deal.objects.values_list("assigned_to", "updated_at").get() == (alice.pk, deal.updated_at)
    assert refusal(App().put(f"/classes/Deal/{deal.pk}", {})) == (404, 101)
    assert refusal(App().delete(f"/classes/Deal/{deal.pk}")) == (404, 101)
    for app in (App(), signed_in_app(alice), App(MASTER)):
        assert refusal(app.put(f"/classes/Nope/{deal.pk}", {})) == (400, 119)
        assert refusal(app.delete(f"/classes/Nope/{deal.pk}")) == (400, 119)


@pytest.mark.parametrize("body", [{"title": 5}, {"zip": 1}, {"title": ""}, {"company": {}}, {"stage": {"__op": "x"}}])
def test_who_may_not_write_is_not_told_what_is_wrong(alice: User, bob: User, body: dict[str, Any]) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("view",))
    for app, pk in ((signed_in_app(bob), deal.pk), (signed_in_app(alice), NOBODY), (App(MASTER), "x")):
        assert refusal(app.put(f"/classes/Deal/{pk}", body)) == (404, 101)
        assert refusal(app.put(f"/classes/Deal/{pk}", {"a b": 1, **body})) == (400, 105)
        assert refusal(app.put(f"/classes/Deal/{pk}", {"notes": {"$set": 1}, **body})) == (400, 121)
    share(deal, bob, ("change",))
    assert refusal(signed_in_app(bob).put(f"/classes/Deal/{deal.pk}", body))[0] == 400


def test_write_without_read_is_enough_to_change(alice: User, bob: User) -> None:
    deal = make_deal(alice)
    share(deal, bob, ("change",))
    app = signed_in_app(bob)
    assert put(app, deal, stage="won").status_code == 200
    assert refusal(app.get(f"/classes/Deal/{deal.pk}")) == (404, 101)
    assert app.delete(f"/classes/Deal/{deal.pk}").json() == {}
    assert not Deal.objects.exists()


def test_a_pointer_to_what_one_no_longer_sees_may_stay(alice: User, bob: User) -> None:
    hidden, other = make_deal(alice), make_deal(alice)
    activity = make_activity(alice, related_deal=hidden)
    app = signed_in_app(bob)
    path = f"/classes/Activity/{activity.pk}"
    share(activity, bob, ("change",))
    assert refusal(app.put(path, {"relatedTo": pointer(hidden)})) == (404, 101)
    share(activity, bob, ("view", "change"))
    assert app.put(path, {"relatedTo": pointer(hidden), "subject": "y"}).status_code == 200
    assert refusal(app.put(path, {"relatedTo": pointer(other)})) == (404, 101)


def test_an_activity_changes_what_it_is_about(alice: User) -> None:
    contact, deal = make_contact(alice), make_deal(alice)
    activity = make_activity(alice, related_deal=deal)
    app, path = signed_in_app(alice), f"/classes/Activity/{activity.pk}"
    for target in (contact, deal, None):
        value = pointer(target) if target else {"__op": "Delete"}
        assert app.put(path, {"relatedTo": value}).status_code == 200
        assert Activity.objects.get().related_to == target
    assert findings() == []


def test_delete_takes_activities_along_and_clears_pointers(alice: User) -> None:
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact)
    make_activity(alice, related_contact=contact)
    app = signed_in_app(alice)
    for name, pk in (("Company", company.pk), ("Contact", contact.pk)):
        answer = app.delete(f"/classes/{name}/{pk}")
        assert (answer.status_code, answer.json()) == (200, {})
        assert refusal(app.get(f"/classes/{name}/{pk}")) == (404, 101)
    assert {"company", "contact"}.isdisjoint(shown(app, "Deal", deal.pk))
    assert not Activity.objects.exists()
    browser = signed_in(alice)
    assert browser.post(f"/contacts/{contact.pk}/restore/").status_code == 302
    assert browser.post(f"/companies/{company.pk}/restore/").status_code == 302
    found = shown(app, "Deal", deal.pk)
    assert (found["company"], found["contact"]) == (pointer(company), pointer(contact))
    assert Activity.objects.get().related_contact == contact
    assert findings() == []


def test_managers_and_the_master_key_write_everything(alice: User, mira: User) -> None:
    deal, company = make_deal(alice), make_company(alice)
    for app in (signed_in_app(mira), App(MASTER)):
        assert put(app, deal, stage="x").status_code == 200
        assert app.put(f"/classes/Company/{company.pk}", {"createdBy": pointer(mira)}).status_code == 200
    assert App(MASTER).delete(f"/classes/Deal/{deal.pk}").json() == {}
    assert signed_in_app(mira).delete(f"/classes/Company/{company.pk}").json() == {}
    assert (Deal.objects.count(), Company.objects.count()) == (0, 0)


def test_an_update_holds_and_writes_in_two_statements(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice)
    put(app, deal, stage="lead")
    with CaptureQueriesContext(connection) as queries:
        assert put(app, deal, stage="won").status_code == 200
    # session; actor; hold; update; actor back
    assert len([query for query in queries if "SAVEPOINT" not in (query["sql"] or "")]) == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE \"deals_deal\" %'")
        assert cursor.fetchone()[0] >= 1


def test_a_right_that_was_taken_away_is_not_remembered(alice: User, bob: User) -> None:
    """The text of the gate is kept for those with the same rights."""
    deal, app = make_deal(alice), signed_in_app(bob)
    assert refusal(put(app, deal, stage="x")) == (404, 101)
    share(deal, bob, ("change",))
    assert put(app, deal, stage="x").status_code == 200
    share(deal, bob, ())
    assert refusal(put(app, deal, stage="x")) == (404, 101)
    managers = Group.objects.get(name=MANAGERS)
    bob.groups.add(managers)
    assert put(app, deal, stage="x").status_code == 200
    bob.groups.remove(managers)
    assert refusal(put(app, deal, stage="x")) == (404, 101)
    share(deal, bob, ("change",))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert refusal(put(app, deal, stage="x")) == (400, 209)
