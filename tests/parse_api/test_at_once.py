"""Requests of apps that meet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import ApiSession, User
from tests.factories import PASSWORD, make_user
from tests.parse_api.app import App

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, send: Callable[[int], Any]) -> list[Any]:
    """Send `count` requests at the same moment, each on a connection of its own; return the answers."""
    start = threading.Barrier(count)

    def one(number: int) -> Any:
        try:
            start.wait(20)
            return send(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_sign_ups_with_one_name_one_succeeds() -> None:
    bodies = [
        {"username": name, "password": "a long one", "email": f"joe{n}@example.com"}
        for n, name in enumerate(("joe", "JOE", "Joe", "joe"))
    ]
    answers = at_once(4, lambda n: App().post("/users", bodies[n]))
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert {answer.json().get("code") for answer in answers} == {None, 202}
    assert (User.objects.count(), ApiSession.objects.count()) == (1, 1)


def test_log_ins_of_one_device_leave_one_session() -> None:
    make_user("alice")
    body = {"username": "alice", "password": PASSWORD}
    answers = at_once(4, lambda _n: App().post("/login", body, X_Parse_Installation_Id="phone"))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert ApiSession.objects.count() == 1


def test_wrong_passwords_at_once_are_counted_before_they_are_checked() -> None:
    make_user("alice")
    answers = at_once(12, lambda n: App().post("/login", {"username": "alice", "password": f"x{n}"}))
    codes = [answer.json()["code"] for answer in answers]
    assert (codes.count(101), codes.count(155)) == (5, 7)


def test_a_log_in_with_the_old_password_does_not_outlive_its_change() -> None:
    """The log-in has checked the password and waits for the row that the change holds."""
    user = make_user("alice")
    answers: list[Any] = []

    def log_in() -> None:
        answers.append(App().log_in(user))
        connections.close_all()

    waiting = threading.Thread(target=log_in)
    with transaction.atomic():
        changed = User.objects.select_for_update().get(pk=user.pk)
        changed.set_password("another long one")
        changed.save(update_fields=["password"])
        waiting.start()
        waiting.join(2)
        assert waiting.is_alive()
    waiting.join(20)
    assert answers[0].json()["code"] == 101
    assert not ApiSession.objects.exists()
