"""One's profile and one's sessions; what ends them."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts import sessions, throttle
from accounts.mail import wait_until_sent
from accounts.models import User
from tests.accounts.test_login import sign_in
from tests.factories import PASSWORD

PROFILE = "/profile/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def form(user: User, **fields: str) -> dict[str, str]:
    """Return the form as it stands, with changes."""
    return {
        "display_name": user.display_name,
        "email": user.email,
        "time_zone": user.time_zone,
        "password": "",
    } | fields


def test_needs_sign_in(client: Client, db: None) -> None:
    del db
    assert client.get(PROFILE).headers["Location"] == "/accounts/login/?next=/profile/"


def test_saves_name_and_time_zone(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post(PROFILE, form(alice, display_name="Alice B.", time_zone="Asia/Kolkata"))
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("Alice B.", "Asia/Kolkata")
    assert timezone.get_current_timezone_name() == "UTC"
    assert b"Kolkata (UTC+05:30)" in client.get(PROFILE).content


def test_rights_are_not_to_be_had_here(client: Client, alice: User) -> None:
    client.force_login(alice)
    extra = {
        "username": "boss",
        "is_superuser": "on",
        "is_demo": "on",
        "groups": "1",
        "is_active": "",
        "id": "AAAAAAAAAA",
    }
    assert client.post(PROFILE, form(alice, **extra)).status_code == 302
    found = User.objects.get(pk=alice.pk)
    assert (found.username, found.is_superuser, found.is_demo, found.is_active) == ("alice", False, False, True)
    assert not found.is_manager


def test_odd_time_zone_of_old_stays(client: Client, alice: User) -> None:
    alice.time_zone = "US/Eastern"
    alice.save()
    client.force_login(alice)
    assert client.post(PROFILE, form(alice, display_name="A")).status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "x" * 151),
        ("display_name", "a\0b"),
        ("time_zone", ""),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("email", ""),
        ("email", "x"),
        ("email", "a\0b@example.com"),
        ("email", "x" * 250 + "@example.com"),
        ("password", "a\0b"),
    ],
)
def test_bad_input_is_a_field_error(client: Client, alice: User, field: str, value: str) -> None:
    client.force_login(alice)
    response = client.post(PROFILE, form(alice) | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


@pytest.mark.parametrize(
    "name", ["", "🦊", "\u202ealice", "<script>alert(1)</script>", "{{ 7*7 }}", '"><svg onload=x>']
)
def test_any_name_is_kept_and_shown_escaped(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    assert client.post(PROFILE, form(alice, display_name=name)).status_code == 302
    page = client.get(PROFILE).content
    assert b"<script>alert" not in page
    assert b"<svg onload" not in page
    alice.refresh_from_db()
    assert alice.display_name == name


def test_email_needs_the_password(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client.force_login(alice)
    for password in ("", "wrong"):
        response = client.post(PROFILE, form(alice, email="new@example.com", password=password))
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["password"])
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(PROFILE, form(alice, email="new@example.com", password=PASSWORD))
    wait_until_sent()
    assert response.status_code == 302
    (message,) = mail.outbox
    assert message.to == ["alice@example.com"]
    assert sign_in(Client(), "new@example.com") == 302
    assert sign_in(Client(), "alice@example.com") == 422


def test_guesses_count_as_attempts(client: Client, alice: User) -> None:
    client.force_login(alice)
    for number in range(throttle.PASSWORDS_OF_ACCOUNT.free):
        client.post(PROFILE, form(alice, email="new@example.com", password=f"wrong {number}"))
    assert client.post(PROFILE, form(alice, email="new@example.com", password=PASSWORD)).status_code == 429


def test_taken_email(client: Client, alice: User, bob: User) -> None:
    client.force_login(alice)
    response = client.post(PROFILE, form(alice, email=bob.email.upper(), password=PASSWORD))
    assert response.context["form"].errors == {"email": ["This e-mail address is taken."]}


def test_lists_sessions(client: Client, alice: User, bob: User) -> None:
    del alice, bob
    sign_in(client, "alice", HTTP_USER_AGENT=FIREFOX)
    sign_in(Client(), "alice", HTTP_USER_AGENT=EDGE, REMOTE_ADDR="203.0.113.9")
    sign_in(Client(), "bob", HTTP_USER_AGENT=SAFARI)
    lines = client.get(PROFILE).context["sessions"]
    assert [(line.device, line.address, line.is_current) for line in lines] == [
        ("Firefox on Linux", "127.0.0.1", True),
        ("Edge on Windows", "203.0.113.9", False),
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (SAFARI, "Safari on iPhone"),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
        ("curl/8", "Unknown browser"),
    ],
)
def test_device(header: str, name: str) -> None:
    assert sessions.device(header) == name


def test_session_list_does_not_cost_by_the_line(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    del alice
    sign_in(client, "alice")
    for more in (0, 4):
        for _ in range(more):
            sign_in(Client(), "alice")
        with django_assert_num_queries(5):  # session, person, person for the form, two kinds of sessions
            client.get(PROFILE)


def test_ends_one(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client, "alice")
    sign_in(other, "alice")
    url = client.get(PROFILE).context["sessions"][1].end_url
    assert client.get(url).status_code == 405
    assert client.post(url).headers["Location"] == PROFILE
    assert other.get(PROFILE).status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert client.post(url).status_code == 404


def test_ends_nobody_elses(client: Client, alice: User, mallory: User) -> None:
    del alice
    sign_in(client, "alice")
    url = client.get(PROFILE).context["sessions"][0].end_url
    thief = Client()
    thief.force_login(mallory)
    assert thief.post(url).status_code == 404
    assert client.get(PROFILE).status_code == 200


def test_ends_all_others(client: Client, alice: User) -> None:
    del alice
    others = [Client() for _ in range(3)]
    for each in (client, *others):
        sign_in(each, "alice")
    assert client.post("/profile/sessions/end/").headers["Location"] == PROFILE
    assert [each.get(PROFILE).status_code for each in others] == [302] * 3
    assert len(client.get(PROFILE).context["sessions"]) == 1


def test_last_seen_moves(client: Client, alice: User) -> None:
    del alice
    sign_in(client, "alice")
    first = client.get(PROFILE).context["sessions"][0].last_seen_at
    assert client.get(PROFILE).context["sessions"][0].last_seen_at == first
    session = client.session
    session["seen_at"] -= 301
    session.save()
    line = client.get(PROFILE, REMOTE_ADDR="203.0.113.9").context["sessions"][0]
    assert line.last_seen_at > first
    assert line.address == "203.0.113.9"


def test_deactivation_ends_sessions_at_once(client: Client, alice: User, mira: User) -> None:
    sign_in(client, "alice")
    alice.is_active = False
    alice.save()
    assert client.get(PROFILE).status_code == 302
    alice.is_active = True
    alice.save()
    assert client.get(PROFILE).status_code == 302, "a session must not come alive again"
    assert mira.is_active


def test_deactivation_by_sql_ends_sessions_at_once(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(PROFILE).status_code == 302


def test_new_password_ends_sessions_at_once(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    alice.set_password("set in the admin")
    alice.save()
    assert client.get(PROFILE).status_code == 302


def test_demoted_manager_loses_rights_at_once(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert client.get("/admin/").status_code == 200
    mira.groups.clear()
    assert client.get("/admin/").status_code == 403


@pytest.mark.parametrize("path", ["/profile/", "/profile/sessions/1/end/", "/profile/sessions/end/"])
def test_csrf_enforced(alice: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(path).status_code == 403


def test_expired_session_sends_htmx_to_sign_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.session.flush()
    response = client.get(PROFILE, headers={"hx-request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/accounts/login/?next=/profile/")


def test_every_field_has_a_label(client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.get(PROFILE).content.decode()
    for field in re.findall(r'<(?:input|select)[^>]* id="(id_\w+)"', page):
        assert f'for="{field}"' in page, field
