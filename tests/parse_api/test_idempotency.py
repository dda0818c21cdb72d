"""A write that is sent again runs once (CONTRACT.md, section 17; SECURITY_CASES.md, 96)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import F

from accounts.models import User
from parse_api.models import SpentRequest
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.test_at_once import at_once

DUPLICATE = (400, 159)
NEW = {"username": "joe", "password": "a long one", "email": "joe@example.com"}


def name(user: User) -> str:
    user.refresh_from_db()
    return user.display_name


def later(seconds: int) -> None:
    """Let time pass."""
    SpentRequest.objects.update(spent_at=F("spent_at") - timedelta(seconds=seconds))


def test_second_request_with_an_id_changes_nothing(alice: User) -> None:
    app = signed_in_app(alice)
    assert app.put(f"/users/{alice.pk}", {"displayName": "One"}, X_Parse_Request_Id="a").status_code == 200
    assert refusal(app.put(f"/users/{alice.pk}", {"displayName": "Two"}, X_Parse_Request_Id="a")) == DUPLICATE
    assert name(alice) == "One"
    assert app.put(f"/users/{alice.pk}", {"displayName": "Two"}, X_Parse_Request_Id="b").status_code == 200
    assert app.put(f"/users/{alice.pk}", {"displayName": "Three"}).status_code == 200


def test_id_is_the_same_for_everybody_and_every_address(alice: User, bob: User) -> None:
    assert App().post("/users", NEW, X_Parse_Request_Id="a").status_code == 201
    for app, path in ((signed_in_app(bob), f"/users/{bob.pk}"), (App(MASTER), f"/classes/_User/{alice.pk}")):
        assert refusal(app.put(path, {}, X_Parse_Request_Id="a")) == DUPLICATE


def test_id_is_spent_by_a_request_that_is_refused(alice: User) -> None:
    app = signed_in_app(alice)
    assert refusal(app.put(f"/users/{alice.pk}", {"username": ""}, X_Parse_Request_Id="a")) == (400, 200)
    assert refusal(app.put(f"/users/{alice.pk}", {"displayName": "x"}, X_Parse_Request_Id="a")) == DUPLICATE
    assert name(alice) == "Alice"


def test_id_is_free_after_two_minutes_and_then_pruned(alice: User) -> None:
    app = signed_in_app(alice)
    change: Any = (f"/users/{alice.pk}", {})
    for request_id in "abcd":
        assert app.put(*change, X_Parse_Request_Id=request_id).status_code == 200
    later(119)
    assert refusal(app.put(*change, X_Parse_Request_Id="a")) == DUPLICATE
    later(2)
    assert app.put(*change, X_Parse_Request_Id="a").status_code == 200
    assert SpentRequest.objects.count() == 1
    assert refusal(app.put(*change, X_Parse_Request_Id="a")) == DUPLICATE


def test_reads_log_ins_and_log_outs_do_not_spend_it(alice: User) -> None:
    app = signed_in_app(alice, X_Parse_Request_Id="a")
    query = {"_method": "GET", "where": {}}
    for _ in range(2):
        assert app.post("/users", query, X_Parse_Request_Id="a").status_code == 200
        assert app.get(f"/users/{alice.pk}", X_Parse_Request_Id="a").status_code == 200
        assert signed_in_app(alice).post("/logout", X_Parse_Request_Id="a").status_code == 200
    assert not SpentRequest.objects.exists()
    assert app.put(f"/users/{alice.pk}", {}, X_Parse_Request_Id="a").status_code == 200


@pytest.mark.parametrize("version", ["i1.19.4", "osx1.19.4", "apple-tv1.19.4", "apple-watch1.19.4"])
def test_objective_c_sdk_sends_one_id_with_everything(alice: User, version: str) -> None:
    app = signed_in_app(alice)
    app.headers |= {"X-Parse-Client-Version": version, "X-Parse-Request-Id": "a"}
    for _ in range(2):
        assert app.put(f"/users/{alice.pk}", {}).status_code == 200


@pytest.mark.parametrize("version", ["js8.6.0", "swift5.11", "ios1", "apple-tv", "ai1"])
def test_other_sdks_send_an_id_for_each_request(alice: User, version: str) -> None:
    app = signed_in_app(alice)
    app.headers |= {"X-Parse-Client-Version": version, "X-Parse-Request-Id": "a"}
    assert app.put(f"/users/{alice.pk}", {}).status_code == 200
    assert refusal(app.put(f"/users/{alice.pk}", {})) == DUPLICATE


@pytest.mark.parametrize("sent", ["x" * 5000, "\u00e9\u00fc", "a b", "'"])
def test_any_text_is_an_id(alice: User, sent: str) -> None:
    app = signed_in_app(alice)
    assert app.put(f"/users/{alice.pk}", {}, X_Parse_Request_Id=sent).status_code == 200
    assert refusal(app.put(f"/users/{alice.pk}", {}, X_Parse_Request_Id=sent)) == DUPLICATE


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_one_runs(alice: User) -> None:
    token = signed_in_app(alice).token

    def send(number: int) -> Any:
        app = App()
        app.token = token
        return app.put(f"/users/{alice.pk}", {"displayName": f"n{number}"}, X_Parse_Request_Id="a")

    answers = at_once(6, send)
    assert sorted(answer.json().get("code", 0) for answer in answers) == [0, 159, 159, 159, 159, 159]
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    assert name(alice) == f"n{winner}"


@pytest.mark.django_db(transaction=True)
def test_id_of_a_write_that_was_lost_is_free(alice: User) -> None:
    """Nothing was written and the app was told to try again."""
    app = signed_in_app(alice)
    app.client.raise_request_exception = False

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("the connection is lost")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        answer = app.put(f"/users/{alice.pk}", {"displayName": "x"}, X_Parse_Request_Id="a")
    assert answer.status_code == 503
    assert (name(alice), SpentRequest.objects.count()) == ("Alice", 0)
    assert app.put(f"/users/{alice.pk}", {"displayName": "x"}, X_Parse_Request_Id="a").status_code == 200
