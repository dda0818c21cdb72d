"""Signing up over the API, and what a user may change of himself."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import ApiSession, User
from records.models import Change
from tests.factories import PASSWORD, make_company, signed_in
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

NEW = {"username": "joe", "password": "a long one", "email": "joe@example.com"}


def test_sign_up_makes_an_account_and_a_session(db: None) -> None:
    del db
    app = App()
    answer = app.post("/users", NEW)
    assert answer.status_code == 201
    assert set(answer.json()) == {"objectId", "createdAt", "sessionToken"}
    app.token = answer.json()["sessionToken"]
    user = app.get("/users/me").json()
    assert (user["username"], user["email"], user["createdAt"]) == (
        "joe",
        "joe@example.com",
        answer.json()["createdAt"],
    )
    assert user["createdAt"] == user["updatedAt"]
    assert User.objects.get().check_password("a long one")
    assert Client().post("/accounts/login/", {"login": "joe", "password": "a long one"}).status_code == 302


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": None}, 200),
        ({"username": ""}, 200),
        ({"username": 7}, 200),
        ({"username": None, "password": None, "email": None}, 200),
        ({"password": None, "email": None}, 201),
        ({"password": ""}, 201),
        ({"password": ["a long one"]}, 201),
        ({"username": "alice"}, 202),
        ({"username": "ALICE"}, 202),
        ({"username": "\uff41lice"}, 202),
        ({"username": "alice@example.com"}, 202),
        ({"email": "Alice@Example.com"}, 203),
        ({"email": None}, 204),
        ({"email": ""}, 204),
        ({"email": {"__op": "Delete"}}, 204),
        ({"email": 7}, 111),
        ({"email": "nobody"}, 125),
        ({"email": "@"}, 125),
        ({"email": "joe@x\r\nBcc: all@example.com"}, 125),
        ({"password": "short"}, 142),
        ({"password": "password"}, 142),
        ({"password": "crm-demo"}, 142),
        ({"username": "joe-the-first", "password": "joe-the-first"}, 142),
        ({"password": "x" * 1001}, 142),
        ({"username": "x" * 151}, 142),
        ({"emailVerified": True}, 119),
        ({"sessionToken": "r:1"}, 119),
        ({"nickname": None}, 119),
        ({"is_superuser": True}, 119),
        ({"a.b": 1}, 119),
        ({"objectId": "Abcdefghij"}, 105),
        ({"id": "Abcdefghij"}, 105),
        ({"_hashed_password": "x"}, 105),
        ({"$x": 1}, 105),
        ({"a b": 1}, 105),
        ({"ACL": "all"}, 111),
        ({"authData": []}, 111),
        ({"authData": "x"}, 111),
        ({"ACL": {"*unresolved": {"read": True}}}, 123),
        ({"authData": {"facebook": {"id": "1"}}}, 252),
        ({"authData": {"anonymous": {"id": "1"}}}, 252),
    ],
)
def test_sign_up_refuses(alice: User, change: dict[str, Any], code: int) -> None:
    assert refusal(App().post("/users", NEW | change)) == (400, code)
    assert list(User.objects.all()) == [alice]
    assert not ApiSession.objects.exists()


@pytest.mark.parametrize("username", ["Jo e", " joe", "joe\nbloggs", "\U0001f600", "joe'; --", "x" * 150, "pw"])
def test_a_username_has_any_characters(db: None, username: str) -> None:
    del db
    assert App().post("/users", NEW | {"username": username}).status_code == 201
    app = App()
    assert app.post("/login", {"username": username, "password": NEW["password"]}).json()["username"] == username


def test_sign_up_obeys_the_switch_of_the_pages(db: None, settings: Settings) -> None:
    del db
    settings.CRM_SIGNUP = False
    assert refusal(App().post("/users", NEW)) == (400, 119)
    answer = App(MASTER).post("/users", NEW)
    assert (answer.status_code, set(answer.json())) == (201, {"objectId", "createdAt"})
    assert not ApiSession.objects.exists(), "who makes accounts for others does not sign in with them"


def test_sign_ups_from_elsewhere_are_counted(db: None) -> None:
    del db
    app = App(REMOTE_ADDR="203.0.113.9")
    for _ in range(60):
        assert refusal(app.post("/users", {})) == (400, 200)
    assert refusal(app.post("/users", NEW)) == (429, 155)
    assert App().post("/users", NEW).status_code == 201


def test_me_needs_a_session(db: None) -> None:
    del db
    assert refusal(App().get("/users/me")) == (400, 209)
    assert refusal(App(MASTER).get("/users/me")) == (400, 209)


def test_directory_is_for_who_is_signed_in(alice: User, bob: User) -> None:
    assert refusal(App().get(f"/users/{bob.pk}")) == (404, 101)
    assert App().get("/users").json() == {"results": []}
    app = signed_in_app(alice)
    mine, his = app.get(f"/users/{alice.pk}").json(), app.get(f"/classes/_User/{bob.pk}").json()
    assert (mine["email"], mine["sessionToken"]) == (alice.email, app.token)
    assert set(his) == {"objectId", "createdAt", "updatedAt", "username", "displayName"}
    listed = {user["objectId"]: user for user in app.get("/users").json()["results"]}
    assert ("email" in listed[alice.pk], "email" in listed[bob.pk]) == (True, False)
    assert "sessionToken" not in str(listed)
    assert App(MASTER).get(f"/users/{bob.pk}").json()["email"] == bob.email


def test_one_changes_oneself_only(alice: User, bob: User, mira: User) -> None:
    for app in (App(), signed_in_app(alice), signed_in_app(mira)):
        assert refusal(app.put(f"/users/{bob.pk}", {"displayName": "X"})) == (400, 206)
        assert refusal(app.delete(f"/users/{bob.pk}")) == (400, 206)
    bob.refresh_from_db()
    assert bob.display_name == "Bob"
    answer = signed_in_app(bob).put(f"/classes/_User/{bob.pk}", {"displayName": "Robert", "email": "r@example.com"})
    assert set(answer.json()) == {"updatedAt"}
    bob.refresh_from_db()
    assert (bob.display_name, bob.email) == ("Robert", "r@example.com")
    assert App(MASTER).put(f"/users/{bob.pk}", {"displayName": "Bob"}).status_code == 200
    assert refusal(App(MASTER).put("/users/Abcdefghij", {})) == (404, 101)


def test_an_empty_update_moves_updated_at(alice: User) -> None:
    app = signed_in_app(alice)
    before = app.get("/users/me").json()["updatedAt"]
    after = app.put(f"/users/{alice.pk}", {"objectId": "x", "createdAt": "x", "username": "alice"}).json()["updatedAt"]
    assert before < after < app.put(f"/users/{alice.pk}", {}).json()["updatedAt"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "bob"}, 202),
        ({"username": ""}, 200),
        ({"username": {"__op": "Delete"}}, 200),
        ({"username": 5}, 111),
        ({"password": ["x"]}, 111),
        ({"email": "BOB@example.com"}, 203),
        ({"email": None}, 204),
        ({"password": ""}, 201),
        ({"password": "short"}, 142),
        ({"password": {"__op": "Delete"}}, 201),
        ({"emailVerified": True}, 119),
        ({"is_active": True}, 119),
        ({"id": "x"}, 105),
    ],
)
def test_an_update_that_is_refused_changes_nothing(alice: User, bob: User, change: dict[str, Any], code: int) -> None:
    del bob
    app = signed_in_app(alice)
    assert refusal(app.put(f"/users/{alice.pk}", {"displayName": "X"} | change)) == (400, code)
    assert app.get("/users/me").json()["displayName"] == "Alice"


def test_a_new_password_ends_every_session(alice: User) -> None:
    app, other, browser = signed_in_app(alice), signed_in_app(alice), signed_in(alice)
    fresh = app.put(f"/users/{alice.pk}", {"password": "another long one"}).json()["sessionToken"]
    assert [refusal(each.get("/users/me")) for each in (app, other)] == [(400, 209)] * 2
    assert browser.get("/profile/").status_code == 302
    app.token = fresh
    assert app.get("/users/me").status_code == 200
    assert refusal(App().log_in(alice)) == (404, 101)
    assert App().log_in(alice, "another long one").status_code == 200


def test_a_new_password_by_master_key_answers_no_token(alice: User) -> None:
    app = signed_in_app(alice)
    assert set(App(MASTER).put(f"/users/{alice.pk}", {"password": "another long one"}).json()) == {"updatedAt"}
    assert refusal(app.get("/users/me")) == (400, 209)


def test_a_deleted_user_is_gone_at_once(alice: User) -> None:
    company = make_company(owner=alice)
    app, browser = signed_in_app(alice), signed_in(alice)
    assert app.delete(f"/users/{alice.pk}").json() == {}
    assert refusal(app.get("/users/me")) == (400, 209)
    assert browser.get("/profile/").status_code == 302
    assert refusal(App().log_in(alice, PASSWORD)) == (404, 101)
    company.refresh_from_db()
    assert company.created_by is None
    assert Change.objects.filter(object_id=company.pk, actor=alice.pk).exists()


def test_acl_that_was_sent_is_kept_with_the_own_entry_added(alice: User) -> None:
    app = App()
    acl = {"*": {"read": True}, alice.pk: {"read": True, "write": False}, "role:Sales": {"write": False}}
    answer = app.post("/users", {**NEW, "ACL": acl}).json()
    app.token = answer["sessionToken"]
    own = {answer["objectId"]: {"read": True, "write": True}}
    shown = {"*": {"read": True}, alice.pk: {"read": True}, **own}
    assert app.get("/users/me").json()["ACL"] == app.get(f"/users/{answer['objectId']}").json()["ACL"] == shown
    assert list(app.put(f"/users/{answer['objectId']}", {"ACL": {}}).json()) == ["updatedAt"]
    assert app.get("/users/me").json()["ACL"] == own
    assert app.put(f"/users/{answer['objectId']}", {"ACL": None}).status_code == 200
    many = {f"u{n}": {"read": True} for n in range(101)}
    assert refusal(app.put(f"/users/{answer['objectId']}", {"ACL": many})) == (400, 123)
    assert "ACL" not in signed_in_app(alice).get(f"/users/{answer['objectId']}").json()
