"""The schema as Parse writes it, and class-level permissions."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from parse_api.classes import CLASSES
from parse_api.service.schema import importable
from tests.factories import make_deal, make_role
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

pytestmark = pytest.mark.django_db
SIGNED_IN = {"requiresAuthentication": True}
OPERATIONS = ("find", "get", "count", "create", "update", "delete")


def permissions(class_name: str = "Deal") -> dict[str, Any]:
    found: dict[str, Any] = App(MASTER).get(f"/schemas/{class_name}").json()["classLevelPermissions"]
    return found


def put(body: dict[str, Any], class_name: str = "Deal") -> Any:
    return App(MASTER).put(f"/schemas/{class_name}", {"classLevelPermissions": body})


def test_schema_names_fields_types_targets_and_what_is_required() -> None:
    schema = App(MASTER).get("/schemas/Deal").json()
    assert schema["className"] == "Deal"
    assert schema["fields"] == {
        "objectId": {"type": "String"},
        "createdAt": {"type": "Date"},
        "updatedAt": {"type": "Date"},
        "ACL": {"type": "ACL"},
        "title": {"type": "String", "required": True},
        "amount": {"type": "Number"},
        "stage": {"type": "String"},
        "contact": {"type": "Pointer", "targetClass": "Contact"},
        "company": {"type": "Pointer", "targetClass": "Company"},
        "expectedCloseDate": {"type": "Date"},
        "notes": {"type": "String"},
        "assignedTo": {"type": "Pointer", "targetClass": "_User"},
        "lostReason": {"type": "String"},
    }
    role = App(MASTER).get("/schemas/_Role").json()["fields"]
    assert role["users"] == {"type": "Relation", "targetClass": "_User"}


def test_all_classes_have_a_schema() -> None:
    listed = App(MASTER).get("/schemas").json()["results"]
    assert [each["className"] for each in listed] == [*CLASSES, "_Session", "_Installation"]
    for each in listed:
        assert each == App(MASTER).get(f"/schemas/{each['className']}").json()
        assert {"objectId", "createdAt", "updatedAt", "ACL"} <= set(each["fields"])
        assert {*OPERATIONS, "addField", "protectedFields"} == set(each["classLevelPermissions"])
    assert refusal(App(MASTER).get("/schemas/Nope")) == (400, 103)


@pytest.mark.parametrize("path", ["/schemas", "/schemas/Deal", "/schemas/Nope", "/aggregate/Deal"])
def test_others_are_turned_away(mira: User, path: str) -> None:
    for app in (App(), signed_in_app(mira)):
        assert refusal(app.get(path)) == (403, None)
        for method in ("POST", "PUT", "DELETE"):
            assert refusal(app.send(method, path, {})) in ((403, None), (404, None))


def test_command_prints_what_hosted_backends_import() -> None:
    out = StringIO()
    call_command("parse_schema", stdout=out)
    printed = json.loads(out.getvalue())
    assert printed == importable()
    classes = printed["classes"]
    assert [each["className"] for each in classes] == ["_User", "Company", "Contact", "Deal", "Activity"]
    assert all(list(each) == ["className", "fields"] for each in classes)
    seen: set[str] = set()
    for each in classes:
        seen.add(each["className"])
        for name, field in each["fields"].items():
            assert set(field) <= {"type", "targetClass", "required"}, name
            assert field.get("targetClass", "_User") in seen, "a class comes after those that it points at"
            assert field.get("required", True) is True
    assert list(classes[1]["fields"]) == [
        *("objectId", "name", "website", "industry", "address", "notes", "createdBy"),
        *("createdAt", "updatedAt", "ACL"),
    ]


def test_managers_pass_by_class_level_permission_at_first() -> None:
    managers = {**SIGNED_IN, "role:Managers": True}
    assert permissions() == {
        **dict.fromkeys(("find", "get", "count", "update", "delete"), managers),
        "create": SIGNED_IN,
        "addField": {},
        "protectedFields": {},
    }


def test_change_gives_and_takes_what_needs_no_access_list(alice: User, bob: User, mira: User) -> None:
    make_role("Auditors", bob)
    deal = f"/classes/Deal/{make_deal(alice).pk}"
    auditor, manager, other = signed_in_app(bob), signed_in_app(mira), signed_in_app(alice)
    assert refusal(auditor.get(deal)) == (404, 101)
    reads = {**SIGNED_IN, "role:Auditors": True, "role:Managers": True}
    answer = put({"find": reads, "get": reads, "count": reads})
    assert answer.json()["classLevelPermissions"]["get"] == reads
    assert auditor.get(deal).status_code == 200
    assert refusal(auditor.put(deal, {"title": "x"})) == (404, 101)
    assert put({"update": {**SIGNED_IN, bob.pk: True}}).status_code == 200
    assert permissions()["update"] == {**SIGNED_IN, bob.pk: True}
    assert permissions()["delete"] == {**SIGNED_IN, "role:Managers": True}
    assert auditor.put(deal, {"title": "x"}).status_code == 200
    assert refusal(manager.put(deal, {"title": "y"})) == (404, 101)
    assert manager.get(deal).json()["title"] == "x"
    assert put({"find": SIGNED_IN}).status_code == 200
    assert refusal(manager.get(deal)) == (404, 101)
    assert other.get(deal).status_code == 200
    assert permissions("Company")["find"] == {**SIGNED_IN, "role:Managers": True}


def test_unchanged_permissions_are_taken_back() -> None:
    before = permissions()
    assert put(before).json()["classLevelPermissions"] == before
    assert put({}).json()["classLevelPermissions"] == before


@pytest.mark.parametrize(
    "wanted",
    [
        {"find": {}},
        {"find": {"*": True}},
        {"find": {**SIGNED_IN, "*": True}},
        {"find": {**SIGNED_IN, "role:*": True}},
        {"find": {"role:Managers": True}},
        {"find": {"requiresAuthentication": False}},
        {"find": {**SIGNED_IN, "pointerFields": ["assignedTo"]}},
        {"find": {**SIGNED_IN, "role:Nonesuch": True}},
        {"find": {**SIGNED_IN, "zzzzzzzzzz": True}},
        {"find": SIGNED_IN, "get": {**SIGNED_IN, "role:Managers": True}},
        {"find": []},
        {"find": None},
        {"create": {**SIGNED_IN, "role:Managers": True}},
        {"create": {"*": True}},
        {"addField": {"*": True}},
        {"protectedFields": {"*": ["amount"]}},
        {"readUserFields": ["assignedTo"]},
        {"update": {**SIGNED_IN, **{f"u{n}": True for n in range(101)}}},
    ],
    ids=lambda wanted: str(wanted)[:80],
)
def test_what_there_is_no_permission_for_is_refused(wanted: dict[str, Any]) -> None:
    before = permissions()
    assert refusal(put({"delete": SIGNED_IN, **wanted})) == (400, 107)
    assert permissions() == before


def test_rules_of_the_program_are_shown_and_stay() -> None:
    assert permissions("_User")["protectedFields"] == {"*": ["email"]}
    assert permissions("_Installation")["find"] == {}
    for name in ("_User", "_Role", "_Session", "_Installation"):
        assert refusal(put({"find": SIGNED_IN}, name)) == (400, 119)


def test_classes_and_fields_are_those_of_the_program() -> None:
    app = App(MASTER)
    for method, path in (("POST", "/schemas"), ("POST", "/schemas/New"), ("DELETE", "/schemas/Deal")):
        assert refusal(app.send(method, path, {"className": "New", "fields": {}})) == (400, 103)
    assert refusal(app.put("/schemas/Nope", {})) == (400, 103)
    assert refusal(app.put("/schemas/Deal", {"className": "Company"})) == (400, 103)
    assert refusal(app.put("/schemas/Deal", {"fields": {"new": {"type": "String"}}})) == (400, 119)
    assert refusal(app.put("/schemas/Deal", {"indexes": {"x": {"title": 1}}})) == (400, 119)
    assert refusal(app.put("/schemas/Deal", {"fields": []})) == (400, 107)
    assert refusal(app.put("/schemas/Deal", {"classLevelPermissions": []})) == (400, 107)
