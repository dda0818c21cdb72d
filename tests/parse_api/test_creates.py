"""Records that apps make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from crm_site.invariants import findings
from deals.models import Deal
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.errors import ParseError
from parse_api.writes import objects
from records.models import Change
from tests.factories import make_company, make_contact, make_deal
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.objects import ALL, NOBODY, date, made, pointer, shown


def test_create_answers_only_what_differs(alice: User) -> None:
    app = signed_in_app(alice)
    body = {"title": "Big", "amount": 10.0, "stage": "lead", "expectedCloseDate": date("2030-01-02T03:04:05.678Z")}
    answer = app.post("/classes/Deal", body)
    found = answer.json()
    assert answer.headers["Location"] == f"http://testserver/parse/classes/Deal/{found['objectId']}"
    assert set(found) == {"objectId", "createdAt", "ACL", "assignedTo"}
    assert (found["ACL"], found["assignedTo"]) == ({alice.pk: ALL}, pointer(alice))
    whole = shown(app, "Deal", found["objectId"])
    assert whole["createdAt"] == whole["updatedAt"] == found["createdAt"]
    assert {key: whole[key] for key in body} == body
    assert Change.objects.get(class_name="Deal", operation="insert").actor == alice.pk


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (date("2030-01-02"), date("2030-01-02T00:00:00.000Z")),
        (date("2030-02"), date("2030-02-01T00:00:00.000Z")),
        (date("2030"), date("2030-01-01T00:00:00.000Z")),
        (date("2030-01-02T03:04:05+02:00"), date("2030-01-02T01:04:05.000Z")),
        ({**date("2030-01-02T03:04:05.678Z"), "extra": 1}, date("2030-01-02T03:04:05.678Z")),
    ],
)
def test_a_date_in_another_form_is_answered_as_stored(alice: User, sent: Any, stored: Any) -> None:
    app = signed_in_app(alice)
    answer = made(app, "Deal", title="x", expectedCloseDate=sent)
    assert answer["expectedCloseDate"] == stored
    assert shown(app, "Deal", answer["objectId"])["expectedCloseDate"] == stored


def test_a_number_that_no_float_holds_is_answered_as_stored(alice: User) -> None:
    app = signed_in_app(alice)
    assert "amount" not in made(app, "Deal", title="x", amount=2**53 - 1)
    answer = made(app, "Deal", title="x", amount=12345678901234567890)
    assert answer["amount"] == 12345678901234567000
    assert shown(app, "Deal", answer["objectId"])["amount"] == 12345678901234567000


def test_an_object_for_a_pointer_is_stored_as_the_pointer(alice: User) -> None:
    app, company = signed_in_app(alice), make_company(alice)
    sent = {**pointer(company), "__type": "Object", "name": "x"}
    assert made(app, "Deal", title="x", company=sent)["company"] == pointer(company)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": "x", "objectId": "abcdefghij"}, 105),
        ({"title": "x", "id": "1"}, 105),
        ({"title": "x", "two words": 1}, 105),
        ({"title": "x", "$x": 1}, 105),
        ({"title": "x", "_x": 1}, 105),
        ({"title": "x", "": 1}, 105),
        ({"title": "x", "zip": None}, 119),
        ({"title": "x", "zip": {"__op": "Delete"}}, 119),
        ({"title": "x", "company.name": "y"}, 119),
        ({"title": "x", "position": 1}, 119),
        ({"title": "x", "assigned_to_id": "abcdefghij"}, 119),
        ({"title": 5, "zip": 1}, 119),
        ({"title": None, "amount": "5"}, 111),
        ({"title": "x", "amount": float("1e308") * -1, "stage": 1}, 111),
        ({"title": "x", "notes": "a\x00b"}, 111),
        ({"title": "x", "expectedCloseDate": {"__type": "Date"}}, 111),
        ({"title": "x", "expectedCloseDate": date("2030-02-30")}, 111),
        ({"title": "x", "company": {"__type": "Pointer", "className": "Company"}}, 111),
        ({"title": "x", "company": {"__type": "Pointer", "className": "_Session", "objectId": NOBODY}}, 111),
        ({"title": "x", "company": {"__type": "Relation", "className": "Company"}}, 111),
        ({"title": "x", "stage": {"__type": "GeoPoint"}}, 111),
        ({"title": "x", "stage": "y" * 501}, 142),
        ({"title": ""}, 142),
        ({"title": {"__op": "Delete"}}, 142),
        ({}, 142),
        ({"ACL": {"*unresolved": {"read": True}}}, 142),
        ({"title": "x", "company": pointer(NOBODY, "Company")}, 101),
        ({"title": "x", "assignedTo": pointer(NOBODY, "_User")}, 101),
        ({"title": "x", "company": pointer("a\u00e9b' OR 1=1", "Company")}, 101),
    ],
)
def test_bad_bodies_are_refused_and_nothing_is_written(alice: User, body: dict[str, Any], code: int) -> None:
    answer = signed_in_app(alice).post("/classes/Deal", body)
    assert refusal(answer) == (404 if code == 101 else 400, code)
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    "raw", ['{"title":"x","amount":NaN}', '{"title":"x","amount":1e400}', '{"title":"a","title":"b"}']
)
def test_what_is_no_json_is_refused(alice: User, raw: str) -> None:
    assert refusal(signed_in_app(alice).post("/classes/Deal", raw)) == (400, 107)


def test_stamps_and_type_in_a_body_are_ignored(alice: User) -> None:
    app = signed_in_app(alice)
    answer = made(app, "Deal", title="x", createdAt="2001-01-01T00:00:00.000Z", updatedAt=5, __type="Object")
    assert answer["createdAt"] > "2020"


@pytest.mark.parametrize("nothing", [None, "", 0, False])
def test_an_id_without_a_value_counts_as_not_sent(alice: User, nothing: object) -> None:
    answer = made(signed_in_app(alice), "Deal", title="x", objectId=nothing, id=nothing)
    assert len(answer["objectId"]) == 10


def test_text_is_kept_as_sent_however_long(alice: User) -> None:
    app, text = signed_in_app(alice), "one\r\ntwo \u202e \U0001f600\n" + "Wort\u00a0" * 100_000
    answer = made(app, "Company", name=" ", notes=text, website="")
    assert {"notes", "website"}.isdisjoint(answer)
    found = shown(app, "Company", answer["objectId"])
    assert (found["name"], found["notes"], found["website"]) == (" ", text, "")


def test_no_session_and_unknown_classes(alice: User) -> None:
    assert refusal(App().post("/classes/Deal", {"zip": 1})) == (404, 101)
    assert refusal(App().post("/classes/Nope", {})) == (400, 119)
    assert refusal(App(MASTER).post("/classes/Nope", {})) == (400, 119)
    app = signed_in_app(alice)
    for name in ("Nope", "deal", "_Idempotency", "_Join:users:_Role"):
        assert refusal(app.post(f"/classes/{name}", {"name": "x"})) == (400, 119)


def test_unseen_and_unknown_pointers_are_refused_alike(alice: User, mallory: User) -> None:
    app, hidden = signed_in_app(mallory), make_contact(alice)
    for name, target in (("Deal", "contact"), ("Activity", "relatedTo")):
        bodies = [{"title": "x", target: pointer(each, "Contact")} for each in (hidden.pk, NOBODY, "x", "a" * 300)]
        if name == "Activity":
            bodies = [{"relatedTo": body["relatedTo"]} for body in bodies]
        answers = [app.post(f"/classes/{name}", body) for body in bodies]
        assert {answer.content for answer in answers} == {b'{"code":101,"error":"Object not found."}'}
    assert not Deal.objects.exists()
    assert App(MASTER).post("/classes/Deal", {"title": "x", "contact": pointer(hidden)}).status_code == 201


def test_activity_is_about_a_contact_or_a_deal(alice: User) -> None:
    app, contact, deal = signed_in_app(alice), make_contact(alice), make_deal(alice)
    for target in (contact, deal):
        answer = made(app, "Activity", type="call", relatedTo=pointer(target))
        assert "relatedTo" not in answer
        assert shown(app, "Activity", answer["objectId"])["relatedTo"] == pointer(target)
        activity = Activity.objects.get(pk=answer["objectId"])
        assert activity.related_to == target
    assert refusal(app.post("/classes/Activity", {"relatedTo": pointer(make_company(alice))})) == (400, 111)
    mixed = pointer(contact.pk, "Deal")
    assert refusal(app.post("/classes/Activity", {"relatedTo": mixed})) == (404, 101)


def test_a_create_is_one_statement_between_those_of_its_transaction(alice: User) -> None:
    app, company, contact = signed_in_app(alice), make_company(alice), make_contact(alice)
    pointers = {"company": pointer(company), "contact": pointer(contact), "assignedTo": pointer(alice.pk, "_User")}
    # session; actor; what it points at behind the gate, if anything; insert; actor back
    for body, count in ((pointers, 5), ({}, 4)):
        with CaptureQueriesContext(connection) as queries:
            made(app, "Deal", title="x", **body)
        assert len([query for query in queries if "SAVEPOINT" not in (query["sql"] or "")]) == count


def test_many_are_made_at_once_in_their_order(alice: User, mallory: User) -> None:
    hidden = make_company(mallory)
    bodies: list[dict[str, Any]] = [
        {"title": "0", "amount": 1},
        {"title": 5},
        {"title": "2", "stage": "lead", "ACL": {"*": {"read": True}}},
        {"title": "3", "company": pointer(hidden)},
        {"title": "4"},
    ]
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        made_ones = objects.create_many(Caller(user=alice), "Deal", bodies)
    assert [type(each) for each in made_ones] == [Answer, ParseError, Answer, ParseError, Answer]
    assert [each.code for each in made_ones if isinstance(each, ParseError)] == [111, 101]
    assert len([query for query in queries if (query["sql"] or "").startswith('INSERT INTO "deals_deal" ')]) == 1
    rows = json.loads(signed_in_app(alice).get("/classes/Deal?limit=0&count=1").content)
    assert rows["count"] == 3
    pks = [each.body["objectId"] for each in made_ones if isinstance(each, Answer)]
    assert pks == sorted(pks)
    assert list(Deal.objects.order_by("created_at", "pk").values_list("title", flat=True)) == ["0", "2", "4"]
    assert findings() == []


def test_of_many_only_those_are_refused_that_break_a_rule(alice: User) -> None:
    bodies = [{"title": "0"}, {"title": "1", "stage": "x" * 501}, {"title": "2"}]
    with transaction.atomic():
        outcomes = objects.create_many(Caller(user=alice), "Deal", bodies)
    assert [isinstance(each, Answer) for each in outcomes] == [True, False, True]
    assert sorted(Deal.objects.values_list("title", flat=True)) == ["0", "2"]
    assert [each.code for each in objects.create_many(Caller(), "Deal", bodies)] == [101] * 3  # type: ignore[union-attr]
    assert objects.create_many(Caller(user=alice), "Deal", []) == []


def test_every_class_can_be_made(alice: User) -> None:
    app = signed_in_app(alice)
    for model, body in ((Company, {"name": "x"}), (Contact, {"name": "x"}), (Deal, {"title": "x"}), (Activity, {})):
        answer = made(app, model.__name__, **body)
        assert model.objects.get(pk=answer["objectId"]).owner == alice
