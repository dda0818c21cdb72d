"""Changing one's password."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import throttle
from accounts.models import User
from tests.accounts.test_login import sign_in
from tests.factories import PASSWORD

CHANGE = "/accounts/password/change/"
NEW = "another horse battery"


def test_changes_it_and_ends_all_other_sessions(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client, "alice")
    sign_in(other, "alice")
    key = client.session.session_key
    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW})
    assert (response.status_code, response.headers["Location"]) == (302, "/profile/")
    assert client.session.session_key != key
    page = client.get("/profile/")
    assert [line.is_current for line in page.context["sessions"]] == [True]
    assert other.get("/profile/").status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("oldpassword", ""),
        ("oldpassword", "wrong"),
        ("oldpassword", "a\0b"),
        ("oldpassword", "x" * 1001),
        ("password1", ""),
        ("password1", "1234567"),
        ("password1", "password"),
        ("password1", "alice@example.com"),
        ("password1", "a\0bcdefgh"),
        ("password1", "x" * 1001),
        ("password1", "crm-demo"),
    ],
)
def test_bad_input_is_a_field_error(client: Client, alice: User, field: str, value: str) -> None:
    client.force_login(alice)
    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW} | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_guesses_count_as_attempts(client: Client, alice: User) -> None:
    """A stolen session is no way round the limit; it shares the counter of the log-in."""
    client.force_login(alice)
    for number in range(throttle.PASSWORDS_OF_ACCOUNT.free):
        assert client.post(CHANGE, {"oldpassword": f"wrong {number}", "password1": NEW}).status_code == 422
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW}).status_code == 429
    assert sign_in(Client(), "alice") == 429


def test_needs_sign_in(client: Client, db: None) -> None:
    del db
    assert client.get(CHANGE).headers["Location"] == f"/accounts/login/?next={CHANGE}"


def test_csrf_enforced(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW}).status_code == 403
