"""Limits on attempts: many at once, many doors, forged addresses, no lasting lock-out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.contrib.auth import authenticate
from django.db import connection, connections, transaction
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import throttle
from accounts.address import client_address, network
from accounts.models import AttemptCount, User
from tests.accounts.test_login import LOGIN, sign_in
from tests.factories import PASSWORD, make_user

FREE = throttle.PASSWORDS_OF_ACCOUNT.free


def elapse(seconds: int) -> None:
    """Let time pass for all counters."""
    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_attemptcount SET last_at = last_at - %(s)s * interval '1 second', "
                "blocked_until = blocked_until - %(s)s * interval '1 second'",
                {"s": seconds},
            )
    finally:
        own.close()


def fail(client: Client, times: int, login: str = "alice", **extra: str) -> list[int]:
    """Post wrong passwords; return the statuses."""
    return [sign_in(client, login, f"wrong {n}", **extra) for n in range(times)]


def test_refused_after_five(client: Client, alice: User) -> None:
    del alice
    assert fail(client, FREE) == [422] * FREE
    response = client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= throttle.PASSWORDS_OF_ACCOUNT.first_wait
    assert "_auth_user_id" not in client.session


def test_unknown_names_are_refused_alike(client: Client) -> None:
    assert fail(client, FREE + 1, "nobody") == [422] * FREE + [429]


def test_username_and_email_share_a_counter(client: Client, alice: User) -> None:
    del alice
    assert fail(client, FREE) == [422] * FREE
    assert fail(client, 1, "ALICE@example.com") == [429]


def test_waits_grow_and_end(client: Client, alice: User) -> None:
    fail(client, FREE)
    counter = AttemptCount.objects.filter(key=throttle.PASSWORDS_OF_ACCOUNT.key(alice.pk))
    waits = []
    for _ in range(8):
        response = client.post(LOGIN, {"login": "alice", "password": "wrong"})
        found = counter.get()
        waits.append(round((found.blocked_until - found.last_at).total_seconds()))
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= waits[-1]
        elapse(waits[-1])
        fail(client, 1)
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]
    elapse(900)
    assert sign_in(client, "alice") == 302


def test_refused_attempts_do_not_prolong_the_wait(client: Client, alice: User) -> None:
    del alice
    fail(client, FREE + 30)
    elapse(throttle.PASSWORDS_OF_ACCOUNT.first_wait)
    assert sign_in(client, "alice") == 302


def test_success_resets(client: Client, alice: User) -> None:
    del alice
    fail(client, FREE - 1)
    assert sign_in(client, "alice") == 302
    client.logout()
    assert fail(client, FREE) == [422] * FREE


def test_victim_is_not_locked_out_where_he_has_signed_in(client: Client, alice: User) -> None:
    del alice
    assert sign_in(client, "alice") == 302
    fail(Client(), FREE + 5, REMOTE_ADDR="203.0.113.9")
    assert sign_in(Client(), "alice", REMOTE_ADDR="203.0.113.9") == 429
    assert sign_in(Client(), "alice") == 302


def test_address_is_limited_over_many_accounts(client: Client, db: None) -> None:
    del db
    free = throttle.PASSWORDS_FROM_ADDRESS.free
    request = RequestFactory().post(LOGIN)
    attempt = (throttle.PASSWORDS_FROM_ADDRESS, network(client_address(request)))
    for _ in range(free):
        throttle.charge(attempt)
    assert fail(client, 1, "somebody") == [429]
    assert fail(client, 1, "somebody", REMOTE_ADDR="203.0.113.9") == [422]


def test_own_account_does_not_wash_an_address(client: Client, alice: User) -> None:
    """A right password gives one attempt back, not all that were wrong."""
    del alice
    fail(client, 3, "x1")
    sign_in(client, "alice")
    assert AttemptCount.objects.get(key=throttle.PASSWORDS_FROM_ADDRESS.key("127.0.0.1")).count == 3


@pytest.mark.parametrize("forged", ["198.51.100.7", "198.51.100.7, 10.0.0.1", "::1", "nonsense", "'"])
def test_forged_forwarding_header_changes_nothing(client: Client, forged: str) -> None:
    request = RequestFactory().get("/", headers={"x-forwarded-for": forged})
    assert client_address(request) == "127.0.0.1"


@pytest.mark.parametrize(
    ("hops", "header", "address"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "10.0.0.1", "127.0.0.1"),
        (1, "garbage", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_proxies_of_ours_are_believed(settings: Settings, hops: int, header: str, address: str) -> None:
    settings.CRM_PROXY_HOPS = hops
    assert client_address(RequestFactory().get("/", headers={"x-forwarded-for": header})) == address


def test_ipv6_counts_by_network() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")


def test_old_attempts_are_pruned(client: Client) -> None:
    fail(client, 1, "old")
    elapse(2 * 86_400)
    fail(client, 1, "new")
    assert AttemptCount.objects.filter(key=throttle.PASSWORDS_OF_ACCOUNT.key("old")).count() == 0


def test_nobody_is_named(client: Client) -> None:
    fail(client, 1, "my-password-typed-as-name")
    assert all(len(key) == 64 for key in AttemptCount.objects.values_list("key", flat=True))


def test_cost_of_a_page_does_not_grow(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    del alice
    fail(client, FREE)
    with django_assert_num_queries(5):  # savepoint, actor, who is it, actor back, release; counters are elsewhere
        fail(client, 1)


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_five_guesses(transactional_db: None) -> None:
    del transactional_db
    make_user("alice")
    statuses = _at_once(50, lambda: sign_in(Client(), "alice", "wrong"))
    assert Counter(statuses) == {422: FREE, 429: 50 - FREE}


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_over_every_door(transactional_db: None) -> None:
    """The admin's log-in leads to the same page, and whoever calls `authenticate` meets the same counter."""
    del transactional_db
    make_user("alice")

    def call() -> int:
        try:
            authenticate(RequestFactory().post("/"), username="alice", password="wrong")
        except throttle.TooManyAttempts:
            return 429
        return 422

    def post() -> int:
        return sign_in(Client(), "alice@example.com", "wrong")

    statuses = _at_once(25, call, post)
    assert Counter(statuses) == {422: FREE, 429: 50 - FREE}


@pytest.mark.django_db(transaction=True)
def test_attempts_outlive_a_rolled_back_transaction(transactional_db: None) -> None:
    del transactional_db
    with transaction.atomic():
        throttle.charge((throttle.PASSWORDS_OF_ACCOUNT, "x"))
        transaction.set_rollback(True)
    assert AttemptCount.objects.get().count == 1


def _at_once(count: int, *attempts: Callable[[], int]) -> list[int]:
    """Make each attempt `count` times, all at the same moment; return what they return."""
    barrier = threading.Barrier(count * len(attempts))
    statuses: list[int] = []

    def run(attempt: Callable[[], int]) -> None:
        barrier.wait()
        try:
            statuses.append(attempt())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts * count]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
