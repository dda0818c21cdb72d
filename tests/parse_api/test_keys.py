"""Who may call at all: application id, client keys, the master key and from where."""

from __future__ import annotations

from base64 import b64encode
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.factories import make_deal
from tests.parse_api.app import MASTER, NO_TOKEN, REST, App, refusal, signed_in_app

UNAUTHORIZED = (403, None)
APP_ID = {"X-Parse-Application-Id": "crm"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Parse-REST-API-Key": "rest"},
        {"X-Parse-Application-Id": "other", "X-Parse-REST-API-Key": "rest"},
        APP_ID,
        APP_ID | {"X-Parse-REST-API-Key": "wrong"},
        APP_ID | {"X-Parse-REST-API-Key": "js"},
        APP_ID | {"X-Parse-REST-API-Key": ""},
        APP_ID | {"X-Parse-Master-Key": "wrong"},
        APP_ID | {"X-Parse-REST-API-Key": "r\u00e9st"},
        {"Authorization": "Basic " + b64encode(b"crm:javascript-key=wrong").decode()},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer rest"},
    ],
)
def test_wrong_keys_are_403_without_a_code(db: None, headers: dict[str, str]) -> None:
    del db
    assert refusal(App(headers).get("/users/me")) == UNAUTHORIZED
    assert refusal(App(headers).post("/users", {})) == UNAUTHORIZED


@pytest.mark.parametrize(
    "headers",
    [
        REST,
        APP_ID | {"X-Parse-Javascript-Key": "js"},
        APP_ID | {"X-Parse-Client-Key": "client"},
        MASTER,
        REST | {"X-Parse-Client-Key": "wrong", "X-Parse-Master-Key": "wrong"},
        {"Authorization": "Basic " + b64encode(b"crm:javascript-key=js").decode()},
        {"Authorization": "Basic " + b64encode(b"crm:master").decode()},
    ],
)
def test_one_right_key_is_enough(alice: User, headers: dict[str, str]) -> None:
    token = signed_in_app(alice).token
    assert App(headers).get("/users/me", X_Parse_Session_Token=token).json()["objectId"] == alice.pk


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"_ApplicationId": "crm", "_JavaScriptKey": "js"}, 400),
        ({"_ApplicationId": "crm", "_MasterKey": "master"}, 400),
        ({"_ApplicationId": "crm", "_JavaScriptKey": "wrong"}, 403),
        ({"_ApplicationId": "crm"}, 403),
        ({"_ApplicationId": 7, "_JavaScriptKey": "js"}, 403),
        ({"_ApplicationId": "crm", "_JavaScriptKey": "js", "_SessionToken": 7}, 403),
        ({"_ApplicationId": "crm", "_JavaScriptKey": "js", "_MasterKey": {}}, 403),
        ({"_ApplicationId": "crm", "_JavaScriptKey": "js", "_InstallationId": []}, 403),
        ({"_ApplicationId": "crm", "_JavaScriptKey": "js", "_InstallationId": None, "_SessionToken": None}, 400),
    ],
)
def test_keys_in_the_body(db: None, body: dict[str, Any], status: int) -> None:
    del db
    assert refusal(App({}).post("/users/me", body | {"_method": "GET"}))[0] == status
    assert refusal(App().post("/users/me", body | {"_method": "GET"}))[0] == 400, "the headers go first"


def test_master_key_works_from_this_machine_only(db: None, settings: Settings) -> None:
    del db
    assert App(MASTER).get("/serverInfo").status_code == 200
    assert App(REST).get("/serverInfo").status_code == 403
    elsewhere = App(MASTER, REMOTE_ADDR="203.0.113.9")
    assert refusal(elsewhere.get("/serverInfo")) == UNAUTHORIZED
    settings.PARSE_MASTER_KEY_IPS = [ip_network("203.0.113.0/24")]
    assert elsewhere.get("/serverInfo").status_code == 200
    assert App(MASTER, REMOTE_ADDR="203.0.114.9").get("/serverInfo").status_code == 403
    assert App(MASTER, REMOTE_ADDR="::ffff:203.0.113.9").get("/serverInfo").status_code == 200


def test_master_key_does_not_believe_forwarded_addresses(db: None, settings: Settings) -> None:
    del db
    settings.PARSE_MASTER_KEY_IPS = [ip_network("198.51.100.7")]
    for forged in ("127.0.0.1", "198.51.100.7"):
        assert App(MASTER, REMOTE_ADDR="203.0.113.9").get("/serverInfo", X_Forwarded_For=forged).status_code == 403
    assert App(MASTER).get("/serverInfo", X_Forwarded_For="127.0.0.1").status_code == 403
    settings.CRM_PROXY_HOPS = 1
    assert App(MASTER).get("/serverInfo", X_Forwarded_For="198.51.100.7").status_code == 200
    assert App(MASTER).get("/serverInfo", X_Forwarded_For="198.51.100.7, 127.0.0.1").status_code == 403


def test_master_key_from_elsewhere_beside_a_client_key_is_ignored(alice: User) -> None:
    app = App(REST | MASTER, REMOTE_ADDR="203.0.113.9")
    assert refusal(app.post("/loginAs", {"userId": alice.pk})) == (400, 119)
    assert refusal(app.put(f"/users/{alice.pk}", {"displayName": "X"})) == (400, 206)


def test_the_master_key_needs_no_session(alice: User) -> None:
    """A token that ended counts as none, except where it is asked whose it is."""
    app, deal = App(MASTER | {"X-Parse-Session-Token": NO_TOKEN}), make_deal(alice)
    assert app.get(f"/classes/Deal/{deal.pk}").status_code == app.put(f"/users/{alice.pk}", {}).status_code == 200
    assert app.post("/batch", {"requests": []}).json() == []
    assert app.post("/logout").json() == {}
    assert refusal(app.get("/users/me")) == refusal(app.get("/sessions/me")) == (400, 209)
    assert refusal(App(REST).get(f"/classes/Deal/{deal.pk}", X_Parse_Session_Token=NO_TOKEN)) == (400, 209)


def test_headers_count_beside_an_application_id_in_the_body(alice: User) -> None:
    token = signed_in_app(alice).token
    body = {"_method": "GET", "_ApplicationId": "crm"}
    headers = {"X-Parse-Session-Token": token, "X-Parse-REST-API-Key": "rest"}
    assert App(headers).post("/users/me", body).json()["objectId"] == alice.pk
    assert refusal(App(headers).post("/users/me", body | {"_SessionToken": NO_TOKEN})) == (400, 209)


def test_an_unset_key_opens_nothing(db: None, settings: Settings) -> None:
    del db
    settings.PARSE_CLIENT_KEY = settings.PARSE_MASTER_KEY = ""
    assert App(APP_ID | {"X-Parse-Client-Key": "", "X-Parse-Master-Key": ""}).get("/users/me").status_code == 403


def test_a_browsers_cookie_is_no_log_in(client: Client, alice: User) -> None:
    client.force_login(alice, backend="accounts.backends.PasswordBackend")
    answer = client.get("/parse/users/me", headers=REST)
    assert refusal(answer) == (400, 209)  # type: ignore[arg-type]
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies
