"""Log-in over the API: one check and one count with the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from accounts.mail import wait_until_sent
from accounts.models import ApiSession, User
from tests.factories import PASSWORD, make_user
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

WRONG = (404, 101)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "names", [{"username": "alice"}, {"username": "alice@example.com"}, {"email": "alice@example.com"}]
)
def test_answers_the_user_with_a_token(alice: User, method: str, names: dict[str, str]) -> None:
    answer = App().post("/login", names | {"password": PASSWORD, "_method": method})
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {
        "objectId", "createdAt", "updatedAt", "username", "email", "displayName", "ACL", "sessionToken",
    }  # fmt: skip
    assert body["ACL"] == {alice.pk: {"read": True, "write": True}}
    session = ApiSession.objects.get()
    assert session.token_hash != body["sessionToken"]
    assert body["sessionToken"] not in str(ApiSession.objects.values())


@pytest.mark.parametrize(
    "body",
    [
        {"username": "alice", "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "Alice", "password": PASSWORD},
        {"email": "ALICE@example.com", "password": PASSWORD},
        {"email": "alice", "password": PASSWORD},
        {"username": "alice", "email": "bob@example.com", "password": PASSWORD},
        {"username": {"$regex": "^a"}, "password": PASSWORD},
        {"username": ["alice"], "password": PASSWORD},
        {"username": {}, "password": PASSWORD},
        {"email": [], "password": PASSWORD},
        {"username": "alice", "password": {}},
        {"username": "alice", "password": {"$ne": ""}},
        {"username": "alice", "password": 7},
        {"username": True, "password": PASSWORD},
        {"username": "alice", "password": "x" * 2000},
        {"username": "a" * 100_000, "password": PASSWORD},
    ],
)
def test_wrong_says_the_same(alice: User, bob: User, body: dict[str, Any]) -> None:
    del alice, bob
    for path in ("/login", "/verifyPassword"):
        answer = App().post(path, body)
        assert refusal(answer) == WRONG
        assert answer.json()["error"] == "Invalid username/password."
    assert not ApiSession.objects.exists()


def test_names_what_is_missing(db: None) -> None:
    del db
    assert refusal(App().post("/login", {"password": "x"})) == (400, 200)
    assert refusal(App().post("/login", {"username": "", "password": "x"})) == (400, 200)
    assert refusal(App().post("/login", {"username": "alice"})) == (400, 201)
    assert refusal(App().get("/login?username=alice&password=")) == (400, 201)


def test_unknown_takes_as_long_as_wrong(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    del alice
    hashed = []
    encode = Argon2PasswordHasher.encode

    def counted(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    App().post("/login", {"username": "nobody", "password": "secret"})
    assert hashed == ["secret"]


def test_deactivated(alice: User) -> None:
    app = signed_in_app(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(App().log_in(alice)) == WRONG
    assert refusal(app.get("/users/me")) == (400, 209)


def test_attempts_count_together_with_the_pages(alice: User) -> None:
    page, app = Client(), App()
    for attempt in range(5):
        if attempt % 2:
            assert page.post("/accounts/login/", {"login": "alice", "password": "x"}).status_code == 422
        else:
            assert refusal(app.post("/login", {"username": "alice", "password": "x"})) == WRONG
    refused = App().log_in(alice)
    assert refusal(refused) == (429, 155)
    assert int(refused.headers["Retry-After"]) in range(1, 16)
    assert page.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 429
    assert refusal(app.post("/verifyPassword", {"username": "alice", "password": PASSWORD})) == (429, 155)


def test_attempts_count_by_address(db: None) -> None:
    del db
    app = App(REMOTE_ADDR="203.0.113.9")
    for number in range(50):
        forged = {"X_Forwarded_For": f"198.51.100.{number}"}
        assert refusal(app.post("/login", {"username": f"no{number}", "password": "x"}, **forged)) == WRONG
    assert refusal(app.post("/login", {"username": "no", "password": "x"}))[0] == 429
    assert refusal(App().post("/login", {"username": "no", "password": "x"})) == WRONG


def test_verify_password_makes_no_session(alice: User) -> None:
    answer = App().get(f"/verifyPassword?username=alice&password={PASSWORD}")
    assert answer.json()["objectId"] == alice.pk
    assert "sessionToken" not in answer.json()
    assert not ApiSession.objects.exists()


def test_log_in_as_needs_the_master_key(alice: User) -> None:
    assert refusal(App().post("/loginAs", {"userId": alice.pk})) == (400, 119)
    assert refusal(App(MASTER).post("/loginAs", {})) == (400, 162)
    assert refusal(App(MASTER).post("/loginAs", {"userId": "Abcdefghij"})) == WRONG
    token = App(MASTER).post("/loginAs", {"userId": alice.pk}).json()["sessionToken"]
    assert App().get("/users/me", X_Parse_Session_Token=token).json()["objectId"] == alice.pk


def test_demo_accounts_work_on_this_machine_only(db: None) -> None:
    del db
    demo = make_user("demo", is_demo=True)
    assert App().log_in(demo).status_code == 200
    assert refusal(App(REMOTE_ADDR="203.0.113.9").log_in(demo)) == WRONG
    assert refusal(App().log_in(demo, X_Forwarded_For="127.0.0.1")) == WRONG


def test_password_reset_tells_nobody_who_is_known(
    alice: User, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.CRM_ORIGIN = "https://crm.example"
    for email in (alice.email, "nobody@example.com"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = App().post("/requestPasswordReset", {"email": email})
        assert (answer.status_code, answer.json()) == (200, {})
    wait_until_sent()
    (sent,) = mail.outbox
    assert sent.to == [alice.email]
    assert f"https://crm.example/accounts/password/reset/key/{alice.pk}-" in str(sent.body)


@pytest.mark.parametrize(("email", "code"), [(None, 204), ("", 204), ("x", 125), (7, 125), ({"$ne": ""}, 125)])
def test_password_reset_needs_an_address(db: None, email: Any, code: int) -> None:
    del db
    assert refusal(App().post("/requestPasswordReset", {"email": email})) == (400, code)
