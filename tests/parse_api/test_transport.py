"""How requests come in and answers go out, whatever they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.parse_api.app import NO_TOKEN, REST, App, refusal, signed_in_app

IN_BODY = {"_ApplicationId": "crm", "_JavaScriptKey": "js"}
BAD_JSON = (400, 107)


@pytest.mark.parametrize("path", ["", "/", "/users", "/users/", "/nothing/at/all", "/health"])
def test_preflight_is_200_without_keys(path: str) -> None:
    answer = App({}).send("OPTIONS", path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,PUT,POST,DELETE,OPTIONS"
    assert "X-Parse-Session-Token" in answer.headers["Access-Control-Allow-Headers"]


def test_health_needs_no_keys(db: None) -> None:
    del db
    for method in ("GET", "POST", "HEAD"):
        assert App({}).send(method, "/health").status_code == 200
    assert App({}).post("/health", "{").status_code == 200
    assert App({}).get("/health/").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/nothing"),
        ("PUT", "/login"),
        ("DELETE", "/users"),
        ("PATCH", "/users/Abcdefghij"),
        ("GET", "/users/Abcdefghij/more"),
        ("GET", "//users/me"),
        ("TRACE", "/users/me"),
    ],
)
def test_unknown_paths_and_verbs_are_404_in_json(db: None, method: str, path: str) -> None:
    del db
    assert refusal(App().send(method, path)) == (404, None)


def test_an_unknown_method_in_the_body_is_404(db: None) -> None:
    del db
    assert refusal(App().post("/users/me", {"_method": "FETCH"})) == (404, None)
    assert refusal(App().post("/users/me", {"_method": 7})) == (404, None)


@pytest.mark.parametrize("method", ["GET", "get", "Get"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/octet-stream", ""])
def test_the_form_of_the_javascript_sdk(alice: User, method: str, content_type: str) -> None:
    token = signed_in_app(alice).token
    body = IN_BODY | {"_method": method, "_SessionToken": token, "_ClientVersion": "js8.6.0", "_noBody": True}
    assert App({}).post("/users/me", body, Content_Type=content_type).json()["sessionToken"] == token


def test_a_trailing_slash_is_like_none(alice: User) -> None:
    app = signed_in_app(alice)
    assert app.get("/users/me/").status_code == 200
    assert app.put(f"/users/{alice.pk}/", {}).status_code == 200
    assert app.put(f"/classes/_User/{alice.pk}/", {}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '"text"',
        "7",
        "null",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e400}',
        '{"a": ' + "9" * 400 + "}",
        '{"a": ' + "9" * 9000 + "}",
        '{"username": "a", "username": "b"}',
        '{"a": "\\ud800"}',
        '{"\\udc00": 1}',
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"a":' * 500 + "1" + "}" * 500,
        b"\xff\xfe{}",
        b'{"a": "\xed\xa0\x80"}',
    ],
)
def test_malformed_json_is_400(db: None, body: str | bytes) -> None:
    del db
    assert refusal(App().post("/users", body)) == BAD_JSON
    assert refusal(App({}).post("/login", body)) == BAD_JSON


def test_a_byte_order_mark_is_no_part_of_the_body(alice: User) -> None:
    assert signed_in_app(alice).post("/classes/Company", b'\xef\xbb\xbf{"name": "x"}').status_code == 201


def test_nul_in_text_is_a_type_error(db: None) -> None:
    del db
    assert refusal(App().post("/users", '{"username": "a\\u0000b"}')) == (400, 111)
    assert refusal(App().post("/users", '{"a\\u0000": 1}')) == (400, 111)


def test_an_escaped_backslash_is_no_nul(alice: User) -> None:
    answer = App().post("/login", {"username": alice.username, "password": "a\\u0000b \\ud800"})
    assert refusal(answer) == (404, 101)


def test_nul_in_the_address_is_400_in_json(db: None) -> None:
    del db
    assert refusal(App().get("/users/%00"))[0] == 400
    assert refusal(App().get("/login?username=%00&password=x"))[0] == 400


def test_a_body_that_is_too_large_is_413_in_json(db: None, settings: Settings) -> None:
    del db
    text = json.dumps({"a": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    for content_type in ("application/json", "multipart/form-data; boundary=x"):
        assert App().post("/users", text, Content_Type=content_type).status_code in (413, 400)
    assert refusal(App().post("/users", text)) == (413, 107)


def test_a_form_is_not_read_as_json(db: None) -> None:
    del db
    assert refusal(App().post("/users", "username=a", Content_Type="application/x-www-form-urlencoded")) == (400, 200)


@pytest.mark.parametrize("context", ["{", "[]", "7", '"a"'])
def test_a_context_is_an_object(db: None, context: str) -> None:
    del db
    assert refusal(App().get("/users/me", X_Parse_Cloud_Context=context)) == BAD_JSON
    body = '{"_method": "GET", "_context": ' + context + "}"
    assert refusal(App().post("/users/me", body)) == BAD_JSON


def test_a_context_is_no_data(alice: User) -> None:
    app = signed_in_app(alice)
    assert app.get("/users/me", X_Parse_Cloud_Context='{"from": "app"}').status_code == 200
    for context in ({"from": "app"}, '{"from": "app"}', None):
        assert app.post(f"/users/{alice.pk}", {"_method": "PUT", "_context": context}).status_code == 200


def test_the_location_is_where_the_client_reached_the_server(db: None) -> None:
    del db
    body = {"username": "joe", "password": "a long one", "email": "joe@example.com"}
    answer = App(SERVER_NAME="localhost").post("/users", body)
    assert answer.headers["Location"] == f"http://localhost/parse/users/{answer.json()['objectId']}"


def test_another_host_is_refused_in_json(db: None) -> None:
    del db
    assert refusal(App(SERVER_NAME="evil.example").get("/users/me"))[0] == 400


def test_a_dead_token_fails_every_request(db: None) -> None:
    del db
    for method, path in (("GET", "/users/me"), ("POST", "/users"), ("POST", "/logout"), ("GET", "/sessions")):
        assert refusal(App().send(method, path, {}, X_Parse_Session_Token=NO_TOKEN)) == (400, 209)
    assert App().post("/login", {}, X_Parse_Session_Token=NO_TOKEN).json()["code"] == 200


def test_a_request_with_a_session_asks_once_who_it_is(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    app = signed_in_app(alice)
    with django_assert_num_queries(1):  # the session with its person
        assert app.get("/users/me").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_503_in_json(settings: Settings) -> None:
    connection = connections["default"]
    kept = connection.settings_dict["PORT"], connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict |= {"PORT": "1", "HOST": "127.0.0.1"}
    client = Client(raise_request_exception=False)
    try:
        answer: Any = client.get("/parse/health")
        assert refusal(answer) == (503, 1)
        assert answer.headers["Retry-After"]
        with pytest.raises(OperationalError):
            Client().get("/parse/users/me", headers=REST | {"X-Parse-Session-Token": NO_TOKEN})
    finally:
        connection.settings_dict["PORT"], connection.settings_dict["HOST"] = kept
    del settings


def test_an_answer_in_a_browser_may_load_nothing(db: None) -> None:
    del db
    app = App()
    answers = [app.get("/health"), app.get("/nothing"), app.post("/users", "x" * 2_700_000), app.send("OPTIONS", "")]
    assert [answer.status_code for answer in answers] == [200, 404, 413, 200]
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
