"""People, roles, sessions and devices: their mutations are the endpoints of REST that have rules of their own."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import ApiSession, Role, User
from parse_api.graphql import documents
from parse_api.graphql.names import global_id
from parse_api.models import Installation
from tests.factories import PASSWORD
from tests.parse_api.app import App, refusal
from tests.parse_api.graphql.asking import answer, code, codes, master, nodes, person, post

_VIEWER = "{ viewer { sessionToken user { objectId username email } } }"
SIGN_UP = f"mutation($f: CreateUserFieldsInput) {{ signUp(input: {{fields: $f}}) {_VIEWER} }}"
LOG_IN = f"mutation($u: String!, $p: String!) {{ logIn(input: {{username: $u, password: $p}}) {_VIEWER} }}"


@pytest.mark.django_db
def test_sign_up_and_log_in_and_out() -> None:
    new = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}
    viewer = answer(App(), SIGN_UP, {"f": new})["signUp"]["viewer"]
    assert (viewer["user"]["username"], viewer["user"]["email"]) == ("ann", "ann@example.com")
    app = App()
    app.token = viewer["sessionToken"]
    assert answer(app, "{ viewer { user { objectId } } }")["viewer"]["user"]["objectId"] == viewer["user"]["objectId"]
    for name in ("ann", "ann@example.com"):
        app.token = answer(App(), LOG_IN, {"u": name, "p": PASSWORD})["logIn"]["viewer"]["sessionToken"]
    assert answer(app, "mutation { logOut(input: {}) { ok clientMutationId } }")["logOut"]["ok"] is True
    assert refusal(post(app, "{ health }")) == (400, 209)
    assert code(App(), LOG_IN, {"u": "ann", "p": "wrong"}) == 101


@pytest.mark.django_db
def test_a_password_in_a_text_is_not_kept() -> None:
    text = 'mutation { logIn(input: {username: "ann", password: "hunter2hunter2"}) { clientMutationId } }'
    before = documents._remembered.cache_info().currsize
    assert code(App(), text) == 101
    assert documents._remembered.cache_info().currsize == before


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 200),
        ({"username": "x"}, 201),
        ({"username": "x", "password": PASSWORD}, 204),
        ({"username": "alice", "password": PASSWORD}, 202),
        ({"username": "x", "password": PASSWORD, "email": "ALICE@example.com"}, 203),
        ({"username": "x", "password": PASSWORD, "email": "no"}, 125),
        ({"username": "x", "password": "short", "email": "x@example.com"}, 142),
        ({"username": "x", "password": PASSWORD, "email": "x@example.com", "emailVerified": True}, 119),
        ({"username": "x", "password": PASSWORD, "email": "x@example.com", "authData": {"a": {}}}, 252),
        (None, 200),
    ],
)
def test_a_sign_up_that_is_refused(alice: User, fields: Any, expected: int) -> None:
    del alice
    response = post(App(), SIGN_UP, {"f": fields})
    assert codes(response) == [expected]
    assert response.json()["data"] == {"signUp": None}


def test_users(alice: User, bob: User) -> None:
    app = person(alice)
    create = "mutation($f: CreateUserFieldsInput) { createUser(input: {fields: $f}) { user { username email } } }"
    new = {"username": "ann", "password": PASSWORD, "email": "ann@example.com"}
    assert answer(app, create, {"f": new})["createUser"]["user"] == {"username": "ann", "email": "ann@example.com"}
    update = (
        "mutation($id: ID!, $f: UpdateUserFieldsInput) { updateUser(input: {id: $id, fields: $f}) "
        "{ user { username displayName email } sessionToken } }"
    )
    found = answer(app, update, {"id": alice.pk, "f": {"displayName": "Al"}})["updateUser"]
    assert found == {
        "user": {"username": "alice", "displayName": "Al", "email": "alice@example.com"},
        "sessionToken": None,
    }
    assert code(app, update, {"id": bob.pk, "f": {"displayName": "x"}}) == 206
    found = answer(app, update, {"id": alice.pk, "f": {"password": "another long one"}})["updateUser"]
    assert refusal(post(app, "{ health }")) == (400, 209)
    app.token = found["sessionToken"]
    delete = "mutation($id: ID!) { deleteUser(input: {id: $id}) { user { username } } }"
    assert code(app, delete, {"id": bob.pk}) == 206
    assert answer(app, delete, {"id": global_id("_User", alice.pk)})["deleteUser"]["user"] == {"username": "alice"}
    assert refusal(post(app, "{ health }")) == (400, 209)


def test_roles(alice: User, bob: User) -> None:
    create = (
        "mutation($f: CreateRoleFieldsInput) { createRole(input: {fields: $f}) { role { objectId name users { count "
        "edges { node { username } } } ACL { public { read write } } } } }"
    )
    fields: dict[str, Any] = {"name": "Sales", "users": {"add": [alice.pk, global_id("_User", bob.pk)]}}
    fields["ACL"] = {"public": {"read": True, "write": False}}
    assert code(person(alice), create, {"f": fields}) == 119
    assert code(master(), create, {"f": {"ACL": fields["ACL"]}}) == 111
    assert code(master(), create, {"f": {"name": "Sales"}}) == 111
    role = answer(master(), create, {"f": fields})["createRole"]["role"]
    assert (role["name"], role["users"]["count"], role["ACL"]) == (
        "Sales",
        2,
        {"public": {"read": True, "write": False}},
    )
    assert code(master(), create, {"f": fields}) == 137
    update = (
        "mutation($id: ID!, $f: UpdateRoleFieldsInput) { updateRole(input: {id: $id, fields: $f}) { role { "
        "users { edges { node { username } } } roles { edges { node { name } } } } } }"
    )
    inner = {"name": "Inner", "ACL": {"public": {"read": True, "write": False}}}
    change = {"users": {"remove": [bob.pk]}, "roles": {"createAndAdd": [inner]}}
    changed = answer(master(), update, {"id": role["objectId"], "f": change})["updateRole"]["role"]
    assert (nodes(changed["users"], "username"), nodes(changed["roles"], "name")) == (["alice"], ["Inner"])
    assert code(person(alice), update, {"id": role["objectId"], "f": {}}) == 101
    delete = "mutation($id: ID!) { deleteRole(input: {id: $id}) { role { name } } }"
    assert answer(master(), delete, {"id": role["objectId"]})["deleteRole"]["role"] == {"name": "Sales"}
    assert set(Role.objects.named().values_list("name", flat=True)) == {"Managers", "Inner"}


def test_sessions(alice: User) -> None:
    app = person(alice)
    made = answer(app, "mutation { createSession(input: {}) { session { objectId sessionToken user { username } } } }")
    session = made["createSession"]["session"]
    assert session["user"] == {"username": "alice"}
    other = App()
    other.token = session["sessionToken"]
    assert answer(other, "{ viewer { user { username } } }")["viewer"]["user"]["username"] == "alice"
    update = (
        "mutation($id: ID!, $f: UpdateSessionFieldsInput) "
        "{ updateSession(input: {id: $id, fields: $f}) { session { objectId } } }"
    )
    assert (
        answer(app, update, {"id": session["objectId"]})["updateSession"]["session"]["objectId"] == session["objectId"]
    )
    assert code(app, update, {"id": session["objectId"], "f": {"installationId": "x"}}) == 105
    delete = "mutation($id: ID!) { deleteSession(input: {id: $id}) { session { objectId } } }"
    assert (
        answer(app, delete, {"id": session["objectId"]})["deleteSession"]["session"]["objectId"] == session["objectId"]
    )
    assert refusal(post(other, "{ health }")) == (400, 209)
    assert code(App(), "mutation { createSession(input: {}) { session { objectId } } }") == 209
    assert ApiSession.objects.of(alice).count() == 1


@pytest.mark.django_db
def test_devices() -> None:
    create = (
        "mutation($f: CreateInstallationFieldsInput) { createInstallation(input: {fields: $f}) "
        "{ installation { objectId installationId channels badge } } }"
    )
    fields = {"installationId": "ABC", "deviceType": "ios", "channels": ["a"], "badge": 2}
    device = answer(App(), create, {"f": fields})["createInstallation"]["installation"]
    assert (device["installationId"], device["channels"], device["badge"]) == ("abc", ["a"], 2)
    again = answer(App(), create, {"f": {**fields, "channels": None}})["createInstallation"]["installation"]
    assert (again["objectId"], again["channels"]) == (device["objectId"], None)
    assert code(App(), create, {"f": {"deviceType": "ios"}}) == 135
    update = "mutation($i: UpdateInstallationInput!) { updateInstallation(input: $i) { installation { badge } } }"
    sent = {"i": {"id": device["objectId"], "fields": {"badge": 3}}}
    assert answer(App(), update, sent)["updateInstallation"]["installation"] == {"badge": 3}
    delete = "mutation($id: ID!) { deleteInstallation(input: {id: $id}) { installation { badge } } }"
    assert code(App(), delete, {"id": device["objectId"]}) == 119
    assert answer(master(), delete, {"id": device["objectId"]})["deleteInstallation"]["installation"] == {"badge": 3}
    assert not Installation.objects.exists()


def test_a_reset_of_the_password_is_answered_alike(alice: User) -> None:
    query = "mutation($e: String!) { resetPassword(input: {email: $e}) { ok } }"
    for email in (alice.email, "nobody@example.com"):
        assert answer(App(), query, {"e": email})["resetPassword"] == {"ok": True}
    assert code(App(), query, {"e": "no"}) == 125
    assert code(App(), query, {"e": ""}) == 204
