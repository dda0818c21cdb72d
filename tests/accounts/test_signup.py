"""Signing up."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import throttle
from accounts.models import User
from tests.factories import PASSWORD, make_user

SIGNUP = "/accounts/signup/"
FORM = {"username": "dora", "email": "dora@example.com", "display_name": "", "password1": PASSWORD}


def test_makes_account_and_signs_in(client: Client, db: None) -> None:
    del db
    response = client.post(SIGNUP, FORM | {"display_name": "Dora D."})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.username, user.email, user.display_name, user.time_zone) == (
        "dora",
        "dora@example.com",
        "Dora D.",
        "UTC",
    )
    assert user.password.startswith("argon2")
    assert client.session["_auth_user_id"] == user.pk
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.post("/accounts/login/", {"login": "dora", "password": PASSWORD}).status_code == 302


def test_nothing_but_the_form_is_taken(client: Client, db: None) -> None:
    del db
    extra = {
        "is_superuser": "on",
        "is_staff": "on",
        "is_demo": "on",
        "id": "AAAAAAAAAA",
        "groups": "1",
        "time_zone": "x",
    }
    client.post(SIGNUP, FORM | extra)
    user = User.objects.get()
    assert (user.is_superuser, user.is_staff, user.is_demo) == (False, False, False)
    assert user.pk != "AAAAAAAAAA"


@pytest.mark.parametrize("name", ["alice", "ALICE", " alice ", "\uff41\uff4c\uff49\uff43\uff45", "Alice@Example.com"])
def test_taken_username(client: Client, alice: User, name: str) -> None:
    del alice
    response = client.post(SIGNUP, FORM | {"username": name})
    assert response.status_code == 422
    assert response.context["form"].errors == {"username": ["This username is taken."]}


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@EXAMPLE.COM"])
def test_taken_email(client: Client, alice: User, email: str) -> None:
    del alice
    response = client.post(SIGNUP, FORM | {"email": email})
    assert response.status_code == 422
    assert response.context["form"].errors == {"email": ["This e-mail address is taken."]}


def test_email_that_is_somebodys_username(client: Client) -> None:
    make_user("eve@corp.example", email="eve@home.example")
    response = client.post(SIGNUP, FORM | {"email": "EVE@corp.example"})
    assert response.context["form"].errors == {"email": ["This e-mail address is taken."]}


@pytest.mark.parametrize("name", ["Аlice", "straße", "李雷", "İpek", "ΣΑΣ"])  # noqa: RUF001
def test_other_scripts_are_kept(client: Client, alice: User, name: str) -> None:
    del alice
    assert client.post(SIGNUP, FORM | {"username": name}).status_code == 302
    assert User.objects.filter(username=name).exists()
    client.post("/accounts/logout/")
    assert client.post("/accounts/login/", {"login": name, "password": PASSWORD}).status_code == 302
    assert client.post("/accounts/logout/").status_code == 302
    again = client.post(SIGNUP, FORM | {"username": name, "email": "other@example.com"})
    assert again.context["form"].errors == {"username": ["This username is taken."]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "x" * 151),
        ("username", "ﷺ" * 40),  # 18 times as long once normalised
        ("username", "do\0ra"),
        ("username", "🦊"),
        ("username", "\u202edora"),
        ("username", "<b>dora</b>"),
        ("username", "do ra"),
        ("email", ""),
        ("email", "x" * 250 + "@example.com"),
        ("email", "do\0ra@example.com"),
        ("email", "dora"),
        ("email", "🦊@example.com"),
        ("email", "<b>@example.com"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("display_name", "x" * 151),
        ("display_name", "Do\0ra"),
        ("password1", ""),
        ("password1", "x" * 1001),
        ("password1", "abc\0defgh"),
    ],
)
def test_bad_input_is_a_field_error(client: Client, db: None, field: str, value: str) -> None:
    del db
    response = client.post(SIGNUP, FORM | {field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["🦊 Dora", "\u202eDora", "<script>alert(1)</script>", "Dora \u200d D", "ירדן"])
def test_any_display_name_is_kept_and_shown_escaped(client: Client, db: None, name: str) -> None:
    del db
    assert client.post(SIGNUP, FORM | {"display_name": name}).status_code == 302
    assert User.objects.get().display_name == name
    assert b"<script>alert" not in client.get("/profile/").content


@pytest.mark.parametrize("password", ["1234567", "password", "dora@example.com", "12345678", "crm-demo"])
def test_password_policy(client: Client, db: None, password: str) -> None:
    del db
    response = client.post(SIGNUP, FORM | {"password1": password})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["password1"])


def test_closed(client: Client, settings: Settings, db: None) -> None:
    del db
    settings.CRM_SIGNUP = False
    assert client.get(SIGNUP).status_code == 403
    assert client.post(SIGNUP, FORM).status_code == 403
    assert not User.objects.exists()
    assert SIGNUP.encode() not in client.get("/accounts/login/").content


def test_csrf_enforced(db: None) -> None:
    del db
    assert Client(enforce_csrf_checks=True).post(SIGNUP, FORM).status_code == 403


def test_too_many_from_one_address(client: Client, db: None) -> None:
    del db
    for _ in range(throttle.SIGN_UPS_FROM_ADDRESS.free):
        throttle.charge((throttle.SIGN_UPS_FROM_ADDRESS, "127.0.0.1"))
    assert client.post(SIGNUP, FORM).status_code == 429
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_same_name_at_the_same_moment(transactional_db: None) -> None:
    del transactional_db
    barrier, statuses = threading.Barrier(4), []

    def sign_up(number: int) -> None:
        barrier.wait()
        try:
            form = FORM | {"username": "Dora" if number % 2 else "dora", "email": f"dora{number}@example.com"}
            statuses.append(Client().post(SIGNUP, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 422, 422, 422]
    assert User.objects.count() == 1
