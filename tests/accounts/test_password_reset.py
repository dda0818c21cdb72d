"""Setting a new password by a link in a mail."""

from __future__ import annotations

import re
import threading

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts.mail import wait_until_sent
from accounts.models import User
from tests.accounts.test_login import sign_in
from tests.factories import PASSWORD, make_user

RESET = "/accounts/password/reset/"
NEW = "another horse battery"


def link_for(user: User) -> str:
    """Return the path that a reset mail would carry."""
    user.refresh_from_db()
    return f"{RESET}key/{user.pk}-{default_token_generator.make_token(user)}/"


def followed(client: Client, path: str) -> str:
    """Follow a link to its form; return the form's path."""
    response = client.get(path)
    assert response.status_code == 302, response.status_code
    return response.headers["Location"]


def ask(client: Client, commit: DjangoCaptureOnCommitCallbacks, email: str, **extra: str) -> str:
    """Ask for a link; return the page that follows, without its changing parts."""
    with commit(execute=True):
        response = client.post(RESET, {"email": email}, follow=True, **extra)  # type: ignore[arg-type]
    wait_until_sent()
    assert response.redirect_chain == [(f"{RESET}done/", 302)]
    return re.sub(r'(nonce|value)="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.com"])
def test_link_sets_a_new_password_once(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, email: str
) -> None:
    ask(client, django_capture_on_commit_callbacks, email)
    (message,) = mail.outbox
    assert message.to == [alice.email]
    path = re.search(r"http://127\.0\.0\.1:8000(/\S+)", str(message.body))
    assert path
    form = followed(client, path[1])
    assert form == f"{RESET}key/{alice.pk}-set-password/", "the key must leave the address bar"
    assert client.get(form).status_code == 200
    assert client.post(form, {"password1": NEW}).headers["Location"] == f"{RESET}key/done/"
    assert client.get(f"{RESET}key/done/").status_code == 200
    assert sign_in(client, "alice", NEW) == 302
    assert Client().get(path[1]).status_code == 410
    assert client.post(form, {"password1": "a third horse"}).status_code == 410


def test_known_and_unknown_get_the_same_page(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    del alice
    pages = [ask(client, django_capture_on_commit_callbacks, f"{name}@example.com") for name in ("alice", "nobody")]
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("name", ["alice", "nobody", "gone"])
def test_known_and_unknown_take_the_same_work(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    """What is more for a known address, the mail, is made in another thread after the answer."""
    del alice
    make_user("gone", is_active=False)
    with django_assert_num_queries(5):  # savepoint, actor, who has the address, actor back, release
        client.post(RESET, {"email": f"{name}@example.com"})
    assert mail.outbox == []


def test_inactive_gets_no_link(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    path = link_for(alice)
    alice.is_active = False
    alice.save()
    ask(client, django_capture_on_commit_callbacks, alice.email)
    assert mail.outbox == []
    assert client.get(path).status_code == 410


def test_link_never_comes_from_the_host_header(
    client: Client,
    alice: User,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert client.post(RESET, {"email": alice.email}, headers={"host": "evil.example"}).status_code == 400
    settings.ALLOWED_HOSTS = ["*"]
    settings.CRM_ORIGIN = "https://crm.example.com"
    ask(client, django_capture_on_commit_callbacks, alice.email, HTTP_HOST="evil.example")
    (message,) = mail.outbox
    assert "evil" not in str(message.body)
    assert f"https://crm.example.com{RESET}key/" in str(message.body)


def test_three_mails_then_none_but_the_same_page(
    client: Client, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    pages = {ask(client, django_capture_on_commit_callbacks, alice.email) for _ in range(5)}
    assert len(pages) == 1
    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    "email", ["", "x", "a\0b@example.com", "x" * 250 + "@example.com", "<b>@example.com", "🦊@e.com"]
)
def test_bad_address_is_a_field_error(client: Client, db: None, email: str) -> None:
    del db
    response = client.post(RESET, {"email": email})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["email"])


@pytest.mark.parametrize("path", ["key/AAAAAAAAAA-x-y/", "key/1-set-password/", "key/AAAAAAAAAA-set-password/"])
def test_made_up_link(client: Client, db: None, path: str) -> None:
    del db
    assert client.get(RESET + path).status_code == 410


def test_changed_link(client: Client, alice: User, bob: User) -> None:
    token = default_token_generator.make_token(alice)
    assert client.get(f"{RESET}key/{bob.pk}-{token}/").status_code == 410
    assert client.get(f"{RESET}key/{alice.pk}-{token[:-1]}0x/").status_code == 410


@pytest.mark.parametrize("password", ["", "1234567", "password", "a\0bcdefgh", "x" * 1001, "crm-demo"])
def test_password_policy(client: Client, alice: User, password: str) -> None:
    form = followed(client, link_for(alice))
    response = client.post(form, {"password1": password})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["password1"])


def test_ends_every_session(client: Client, alice: User) -> None:
    thief = Client()
    assert sign_in(thief, "alice") == 302
    form = followed(client, link_for(alice))
    client.post(form, {"password1": NEW})
    assert thief.get("/profile/").status_code == 302


def test_log_in_makes_the_link_void(client: Client, alice: User) -> None:
    path = link_for(alice)
    assert sign_in(client, "alice") == 302
    assert Client().get(path).status_code == 410


def test_ends_the_wait_after_wrong_passwords(client: Client, alice: User) -> None:
    for number in range(6):
        sign_in(client, "alice", f"wrong {number}")
    form = followed(client, link_for(alice))
    client.post(form, {"password1": NEW})
    assert sign_in(client, "alice", NEW) == 302


def test_csrf_enforced(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(RESET, {"email": alice.email}).status_code == 403
    assert client.post(followed(client, link_for(alice)), {"password1": NEW}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_link_used_twice_at_once(transactional_db: None) -> None:
    del transactional_db
    alice = make_user("alice")
    clients = [Client() for _ in range(4)]
    forms = [followed(client, link_for(alice)) for client in clients]
    barrier, statuses = threading.Barrier(4), {}

    def use(number: int) -> None:
        barrier.wait()
        try:
            new = {"password1": f"{NEW} {number}"}
            statuses[number] = clients[number].post(forms[number], new).status_code
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses.values()) == [302, 410, 410, 410]
    (winner,) = [number for number, status in statuses.items() if status == 302]
    alice.refresh_from_db()
    assert alice.check_password(f"{NEW} {winner}")
    assert not alice.check_password(PASSWORD)
