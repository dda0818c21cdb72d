"""Signing in and out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.factories import PASSWORD, make_user

LOGIN = "/accounts/login/"
WRONG = "This is not the name and password of an account that may sign in."


def sign_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> int:
    """Post the form; return the status."""
    return client.post(LOGIN, {"login": login, "password": password}, **extra).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize("login", ["alice", "ALICE", " alice ", "alice@example.com", "Alice@Example.COM", "\uff41lice"])
def test_by_username_or_email(client: Client, alice: User, login: str) -> None:
    response = client.post(LOGIN, {"login": login, "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == alice.pk


def test_email_stored_in_capitals(client: Client) -> None:
    make_user("carol", email="Carol@example.com")
    assert sign_in(client, "carol@EXAMPLE.com") == 302


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", "wrong"),
        ("alice", PASSWORD + " "),
        ("alice", PASSWORD.upper()),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("Аlice", PASSWORD),  # noqa: RUF001 - a Cyrillic A is another name
    ],
)
def test_wrong_says_the_same(client: Client, alice: User, login: str, password: str) -> None:
    del alice
    response = client.post(LOGIN, {"login": login, "password": password})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [WRONG]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", ""),
        ("password", ""),
        ("login", "x" * 255),
        ("password", "x" * 1001),
        ("login", "al\0ice"),
        ("password", "a\0b"),
    ],
)
def test_bad_input_is_a_field_error(client: Client, alice: User, field: str, value: str) -> None:
    response = client.post(LOGIN, {"login": alice.username, "password": PASSWORD} | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eecila", "🦊" * 50, "' OR 1=1 --", "%"])
def test_odd_names_are_shown_escaped(client: Client, alice: User, text: str) -> None:
    del alice
    response = client.post(LOGIN, {"login": text, "password": PASSWORD})
    assert response.status_code == 422
    assert b"<script>alert" not in response.content


class CountingHasher(Argon2PasswordHasher):
    """Argon2 that counts its work: nearly all of the time that a log-in takes."""

    work = 0

    def encode(self, *args: Any, **options: Any) -> str:
        """Count, and hash."""
        type(self).work += 1
        return super().encode(*args, **options)

    def verify(self, *args: Any, **options: Any) -> bool:
        """Count, and hash."""
        type(self).work += 1
        return super().verify(*args, **options)


@pytest.mark.parametrize("login", ["alice", "alice@example.com", "nobody", "nobody@example.com", "gone", "never"])
def test_wrong_takes_the_same_work(
    client: Client, alice: User, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries, login: str
) -> None:
    del alice
    make_user("gone", is_active=False)
    User.objects.create_user("never", "never@example.com")
    settings.PASSWORD_HASHERS = ["tests.accounts.test_login.CountingHasher"]
    CountingHasher.work = 0
    with django_assert_num_queries(5):
        sign_in(client, login, "wrong")
    assert CountingHasher.work == 1


def test_inactive_looks_like_wrong(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save()
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [WRONG]


def test_key_rotates(client: Client, alice: User) -> None:
    del alice
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    assert sign_in(client, "alice") == 302
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_cookie_flags(client: Client, alice: User) -> None:
    del alice
    client.get(LOGIN)
    sign_in(client, "alice")
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax"), name


def test_nothing_is_cached(client: Client) -> None:
    assert "no-store" in client.get(LOGIN).headers["Cache-Control"]


def test_csrf_enforced(alice: User) -> None:
    del alice
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "alice") == 403
    client.get(LOGIN)
    token = client.cookies["csrftoken"].value
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token})
    assert response.status_code == 302


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "https://evil.example/",
        "https:evil",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\\evil.example",
        "///evil.example",
        "http://testserver.evil.example/",
        "http://localhost/",
        "evil",
        " //evil.example",
        "/\t/evil.example",
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_next_leads_to_own_paths_only(client: Client, alice: User, evil: str, signed_in: bool) -> None:  # noqa: FBT001
    if signed_in:
        client.force_login(alice)
        response = client.get(LOGIN, {"next": evil})
    else:
        response = client.post(LOGIN, {"login": "alice", "password": PASSWORD, "next": evil})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_next_leads_back(client: Client, alice: User) -> None:
    del alice
    page = client.get(LOGIN, {"next": "/deals/?q=a"})
    assert b'name="next" value="/deals/?q=a"' in page.content
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD, "next": "/deals/?q=a"})
    assert response.headers["Location"] == "/deals/?q=a"


def test_signed_in_are_sent_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(LOGIN).headers["Location"] == "/"
    assert client.get("/accounts/signup/").headers["Location"] == "/"


def test_admin_log_in_is_ours(client: Client, mira: User, alice: User) -> None:
    response = client.get("/admin/login/", {"next": "/admin/"})
    assert response.headers["Location"] == "/accounts/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": "mira", "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session
    client.force_login(mira)
    assert client.get("/admin/").status_code == 200
    client.force_login(alice)
    assert client.get("/admin/").status_code == 403


def test_password_is_never_shown_again(client: Client, alice: User) -> None:
    del alice
    response = client.post(LOGIN, {"login": "alice", "password": "my-own-secret"})
    assert b"my-own-secret" not in response.content


def test_sign_out_by_post_only(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    response = client.post("/accounts/logout/")
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/")
    assert "_auth_user_id" not in client.session
    assert client.get("/profile/").headers["Location"] == "/accounts/login/?next=/profile/"


def test_sign_out_csrf_enforced(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/accounts/logout/").status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        LOGIN,
        "/accounts/logout/",
        "/accounts/signup/",
        "/accounts/password/change/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/profile/",
    ],
)
def test_wrong_method(client: Client, alice: User, url: str) -> None:
    if url in ("/accounts/password/change/", "/profile/"):
        client.force_login(alice)
    assert client.put(url).status_code == 405
    assert client.delete(url).status_code == 405


def test_json_is_not_spoken(client: Client, alice: User) -> None:
    del alice
    response = client.post(LOGIN, {"login": "alice", "password": "wrong"}, headers={"accept": "application/json"})
    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("text/html")


def test_unused_pages_of_allauth_do_not_exist(client: Client, alice: User) -> None:
    client.force_login(alice)
    for path in (
        "",
        "email/",
        "inactive/",
        "confirm-email/",
        "password/set/",
        "login/code/confirm/",
        "reauthenticate/",
    ):
        assert client.get(f"/accounts/{path}").status_code == 404, path
