"""Demo accounts never work off loopback."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import demo
from accounts.models import User
from tests.accounts.test_login import sign_in


@pytest.fixture
def visitor(db: None) -> User:
    """Return a demo account."""
    del db
    return User.objects.create_user("visitor", "visitor@example.com", demo.PASSWORD, is_demo=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_works_on_loopback(client: Client, visitor: User, address: str) -> None:
    del visitor
    assert sign_in(client, "visitor", demo.PASSWORD, REMOTE_ADDR=address) == 302


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "2001:db8::1", "", "localhost.evil.example"])
def test_refused_from_elsewhere(client: Client, visitor: User, address: str) -> None:
    del visitor
    assert sign_in(client, "visitor", demo.PASSWORD, REMOTE_ADDR=address) == 422


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"])
@pytest.mark.parametrize("hops", [0, 1])
def test_refused_through_a_proxy_on_loopback(
    client: Client, visitor: User, settings: Settings, header: str, hops: int
) -> None:
    del visitor
    settings.CRM_PROXY_HOPS = hops
    response = client.post(
        "/accounts/login/", {"login": "visitor", "password": demo.PASSWORD}, headers={header: "127.0.0.1"}
    )
    assert response.status_code == 422


def test_refused_with_a_password_of_its_own(client: Client, visitor: User) -> None:
    visitor.set_password("correct horse battery")
    visitor.save()
    assert sign_in(client, "visitor", REMOTE_ADDR="192.0.2.1") == 422


def test_listed_while_active(visitor: User, alice: User) -> None:
    del alice
    assert demo.active_accounts() == [visitor]
    visitor.is_active = False
    visitor.save()
    assert demo.active_accounts() == []
