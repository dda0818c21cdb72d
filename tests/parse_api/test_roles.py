"""Roles over the API: who makes and changes them, their members, and roles within roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import Role, User
from accounts.rank import roles_to_give
from records.access import share
from tests.factories import make_deal, make_role
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

NOT_FOUND = (404, 101)
PUBLIC = {"*": {"read": True}}


def pointer(record: User | Role) -> dict[str, str]:
    if isinstance(record, Role):
        return {"__type": "Pointer", "className": "_Role", "objectId": record.object_id}
    return {"__type": "Pointer", "className": "_User", "objectId": record.pk}


def add(*records: User | Role) -> dict[str, Any]:
    return {"__op": "AddRelation", "objects": [pointer(each) for each in records]}


def remove(*records: User | Role) -> dict[str, Any]:
    return {"__op": "RemoveRelation", "objects": [pointer(each) for each in records]}


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return sorted(row.get("username") or row["name"] for row in answer.json()["results"])


def related(app: App, role: Role, key: str = "users") -> list[str]:
    where = {"$relatedTo": {"object": pointer(role), "key": key}}
    return names(app.post("/users" if key == "users" else "/roles", {"_method": "GET", "where": where}))


def stored(answer: Any) -> Role:
    return Role.objects.get(object_id=answer.json()["objectId"])


def test_master_key_makes_a_role_with_members(alice: User) -> None:
    app = App(MASTER)
    child = make_role("Interns")
    body = {"name": "Sales", "ACL": {**PUBLIC, alice.pk: {"read": False}}, "users": add(alice), "roles": add(child)}
    answer = app.post("/roles", body)
    assert (answer.status_code, set(answer.json())) == (201, {"objectId", "createdAt"})
    role = stored(answer)
    assert answer.headers["Location"] == f"http://testserver/parse/classes/_Role/{role.object_id}"
    assert app.get(f"/roles/{role.object_id}").json() == {
        **answer.json(),
        "updatedAt": answer.json()["createdAt"],
        "name": "Sales",
        "users": {"__type": "Relation", "className": "_User"},
        "roles": {"__type": "Relation", "className": "_Role"},
        "ACL": PUBLIC,
    }
    assert related(app, role) == ["alice"]
    assert related(app, role, "roles") == ["Interns"]


def test_nobody_else_makes_roles(alice: User, mira: User) -> None:
    for app in (App(), signed_in_app(alice), signed_in_app(mira)):
        assert refusal(app.post("/roles", {"name": "Sales", "ACL": PUBLIC})) == (400, 119)
        assert refusal(app.post("/classes/_Role", {})) == (400, 119)
    assert not Role.objects.filter(name="Sales").exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 111),
        ({"name": "x"}, 111),
        ({"ACL": {}}, 111),
        ({"name": "", "ACL": {}}, 111),
        ({"name": None, "ACL": {}}, 111),
        ({"name": 5, "ACL": {}}, 111),
        ({"name": "x", "ACL": None}, 111),
        ({"name": "x", "ACL": "public"}, 111),
        ({"name": "x", "ACL": {"*unresolved": {"read": True}}}, 123),
        ({"name": "x", "ACL": {f"u{n}": {"read": True} for n in range(101)}}, 123),
        ({"name": "Managers", "ACL": {}}, 137),
        ({"name": "mANAGERS", "ACL": {}}, 137),
        ({"name": "*", "ACL": {}}, 137),
        ({"name": "SALES", "ACL": {}}, 137),
        ({"name": "a:b", "ACL": {}}, 142),
        ({"name": "x" * 101, "ACL": {}}, 142),
        ({"name": "x", "ACL": {}, "objectId": "abcdefghij"}, 105),
        ({"name": "x", "ACL": {}, "_x": 1}, 105),
        ({"name": "x", "ACL": {}, "permissions": []}, 119),
        ({"name": "x", "ACL": {}, "users.name": 1}, 119),
        ({"name": "x", "ACL": {}, "users": []}, 111),
        ({"name": "x", "ACL": {}, "users": ""}, 111),
        ({"name": "x", "ACL": {}, "users": {"__op": "AddRelation", "objects": {}}}, 111),
        ({"name": "x", "ACL": {}, "users": {"__op": "AddRelation", "objects": ["abcdefghij"]}}, 111),
        ({"name": "x", "ACL": {}, "users": {"__op": "AddUnique", "objects": []}}, 111),
        ({"name": "x", "ACL": {}, "users": {"__op": "Nonesuch"}}, 108),
        ({"name": "x", "ACL": {}, "users": {"__op": "Batch", "ops": [{"__op": "Batch", "ops": []}]}}, 111),
    ],
    ids=str,
)
def test_bad_role_is_refused(db: None, body: dict[str, Any], code: int) -> None:
    del db
    make_role("Sales")
    before = Group.objects.count()
    assert refusal(App(MASTER).post("/roles", body)) == (400, code)
    assert Group.objects.count() == before


@pytest.mark.parametrize("nothing", [{"users": None}, {"roles": {"__op": "Delete"}}, {"objectId": None}, {"id": ""}])
def test_nothing_in_a_create_counts_as_not_sent(db: None, nothing: dict[str, Any]) -> None:
    del db
    assert App(MASTER).post("/roles", {"name": "Sales", "ACL": {}, **nothing}).status_code == 201


def test_members_come_and_go(alice: User, bob: User, mallory: User) -> None:
    app, role = App(MASTER), make_role("Sales")
    url = f"/classes/_Role/{role.object_id}"

    def change(value: Any) -> list[str]:
        before = app.get(url).json()["updatedAt"]
        answer = app.put(url, {"users": value})
        assert list(answer.json()) == ["updatedAt"]
        assert answer.json()["updatedAt"] > before
        return related(app, role)

    assert change(add(alice, bob, alice)) == ["alice", "bob"]
    assert change(add(alice)) == ["alice", "bob"]
    assert change(remove(alice, mallory)) == ["bob"]
    assert change({"__op": "Batch", "ops": [add(mallory), remove(bob), add(alice)]}) == ["alice", "mallory"]
    assert change({"__type": "Relation", "className": "_User"}) == ["alice", "mallory"]
    gone = {"__type": "Pointer", "className": "_User", "objectId": "zzzzzzzzzz"}
    assert change({"__op": "RemoveRelation", "objects": [gone]}) == ["alice", "mallory"]
    assert refusal(app.put(url, {"users": {"__op": "AddRelation", "objects": [pointer(bob), gone]}})) == NOT_FOUND
    assert refusal(app.put(url, {"users": add(role)})) == (400, 111)
    assert refusal(app.put(url, {"roles": add(bob)})) == (400, 111)
    assert related(app, role) == ["alice", "mallory"]
    where = {"users": pointer(alice)}
    assert names(app.post("/roles", {"_method": "GET", "where": where})) == ["Sales"]


def test_name_stays(db: None) -> None:
    del db
    app, role = App(MASTER), make_role("Sales")
    assert app.put(f"/roles/{role.object_id}", {"name": "Sales"}).status_code == 200
    assert refusal(app.put(f"/roles/{role.object_id}", {"name": "Sellers"})) == (400, 119)
    assert refusal(app.put(f"/roles/{role.object_id}", {"name": None})) == (400, 111)
    assert refusal(app.put(f"/roles/{role.object_id}", {"ACL": None})) == (400, 111)
    for body, code in (({"users": 5}, 111), ({"users": None}, 111), ({"name": 5}, 111), ({"ACL": {"a.b": {}}}, 121)):
        for url in (f"/roles/{role.object_id}", "/roles/Abcdefghij"):
            assert refusal(App().put(url, body)) == (400, code), "what is wrong does not tell whether the role is there"


def test_own_acl_says_who_reads_and_changes_a_role(alice: User, bob: User, mallory: User) -> None:
    make_role("Leads", bob)
    acl = {alice.pk: {"read": True}, "role:Leads": {"write": True}}
    role = stored(App(MASTER).post("/roles", {"name": "Hidden", "ACL": acl, "users": add(alice)}))
    url, where = f"/roles/{role.object_id}", {"_method": "GET", "where": {"name": "Hidden"}}
    reads, writes, none = (signed_in_app(user) for user in (alice, bob, mallory))
    assert reads.get(url).json()["ACL"] == acl
    assert names(reads.post("/roles", where)) == ["Hidden"]
    assert refusal(reads.put(url, {})) == refusal(reads.delete(url)) == NOT_FOUND
    assert refusal(writes.get(url)) == NOT_FOUND
    assert writes.put(url, {"users": add(bob), "ACL": {**acl, "*": {"read": True}}}).status_code == 200
    assert related(none, role) == ["alice", "bob"]
    assert writes.put(url, {"ACL": acl}).status_code == 200
    for app in (none, App()):
        assert names(app.post("/roles", where)) == []
        assert refusal(app.get(url)) == refusal(app.put(url, {})) == refusal(app.delete(url)) == NOT_FOUND
    assert related(none, role) == []
    assert writes.delete(url).json() == {}
    assert not Group.objects.filter(name="Hidden").exists()


def test_public_role_is_read_without_a_session_and_not_changed(db: None) -> None:
    del db
    role = make_role("Sales")
    app = App()
    assert app.get(f"/roles/{role.object_id}").json()["name"] == "Sales"
    assert names(app.get("/roles")) == ["Managers", "Sales"]
    fixed = {"objectId", "createdAt", "updatedAt", "ACL", "users", "roles"}
    assert set(app.get(f"/roles/{role.object_id}?keys=name").json()) == fixed | {"name"}
    assert set(app.get("/roles?excludeKeys=users,name").json()["results"][0]) == fixed, (
        "relations come, as the stamps do"
    )
    Role.objects.filter(pk=role.pk).update(acl={"*": {"read": True, "write": True}})
    assert refusal(app.put(f"/roles/{role.object_id}", {})) == NOT_FOUND
    assert refusal(app.delete(f"/roles/{role.object_id}")) == NOT_FOUND


def test_group_of_everybody_is_no_role_for_apps(db: None) -> None:
    del db
    role = Role.objects.get(name="*")
    app = App(MASTER)
    assert names(app.get("/roles")) == ["Managers"]
    assert refusal(app.delete(f"/roles/{role.object_id}")) == refusal(app.put(f"/roles/{role.object_id}")) == NOT_FOUND
    body = {"name": "x", "ACL": {}, "roles": add(role)}
    assert refusal(app.post("/roles", body)) == NOT_FOUND


def test_managers_stay(mira: User) -> None:
    role = Role.objects.get(name="Managers")
    assert refusal(App(MASTER).delete(f"/roles/{role.object_id}")) == (400, 119)
    assert refusal(signed_in_app(mira).put(f"/roles/{role.object_id}", {"users": add(mira)})) == NOT_FOUND


def test_deletion_ends_rights_at_once(alice: User, bob: User) -> None:
    role, deal = make_role("Sales", bob), make_deal(alice)
    share(deal, role, ("view",))
    app = signed_in_app(bob)
    assert app.get(f"/classes/Deal/{deal.pk}").status_code == 200
    assert App(MASTER).delete(f"/roles/{role.object_id}").json() == {}
    assert refusal(app.get(f"/classes/Deal/{deal.pk}")) == NOT_FOUND
    assert refusal(App(MASTER).get(f"/roles/{role.object_id}")) == NOT_FOUND


def test_members_of_a_child_role_have_the_rights_of_its_parents(alice: User, bob: User) -> None:
    top, middle, low = (make_role(name) for name in ("Top", "Middle", "Low"))
    low.user_set.add(bob)
    deal = make_deal(alice)
    share(deal, top, ("view",))
    master, app = App(MASTER), signed_in_app(bob)
    url = f"/classes/Deal/{deal.pk}"
    assert refusal(app.get(url)) == NOT_FOUND
    for parent, child in ((top, middle), (middle, low), (low, top)):
        assert master.put(f"/roles/{parent.object_id}", {"roles": add(child)}).status_code == 200
    assert app.get(url).status_code == 200
    assert related(master, top) == []
    where = {"roles": pointer(low)}
    assert names(master.post("/roles", {"_method": "GET", "where": where})) == ["Middle"]
    assert master.put(f"/roles/{middle.object_id}", {"roles": remove(low)}).status_code == 200
    assert refusal(app.get(url)) == NOT_FOUND


def test_child_of_managers_manages_and_is_given_by_managers_only(alice: User, bob: User) -> None:
    role, deal = make_role("Deputies", bob), make_deal(alice)
    managers = Role.objects.get(name="Managers")
    assert list(roles_to_give(alice)) == [role]
    assert App(MASTER).put(f"/roles/{managers.object_id}", {"roles": add(role)}).status_code == 200
    assert signed_in_app(bob).get(f"/classes/Deal/{deal.pk}").status_code == 200
    bob = User.objects.get(pk=bob.pk)
    assert bob.is_manager
    assert bob.has_perm("deals.delete_deal")
    assert list(roles_to_give(alice)) == []
    assert list(roles_to_give(bob)) == [role, managers]
