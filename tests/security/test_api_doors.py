"""The doors of the API (SECURITY_CASES.md, 25, 54, 76, 89, 99)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import no_attempts as no_attempts
from tests.clock import at_most
from tests.factories import make_deal, make_role, signed_in
from tests.parse_api.app import MASTER, REST, App, refusal, signed_in_app
from tests.parse_api.conftest import keys as keys

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = ("hunter2hunter2", "r:" + "ab" * 16, "master-of-all", "rest-of-all", "alice@example.com")
SITE = """
import json
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "nowhere"
settings.ALLOWED_HOSTS = ["crm.example"]
settings.PARSE_APP_ID, settings.PARSE_MASTER_KEY, settings.PARSE_REST_API_KEY = "crm", "master-of-all", "rest-of-all"
django.setup()
from django.test import Client
app = Client(headers={"host": "crm.example"}, raise_request_exception=False)
keys = {"X-Parse-Application-Id": "crm", "X-Parse-REST-API-Key": "rest-of-all"}
token = {"X-Parse-Session-Token": "r:" + "ab" * 16}
master = {"X-Parse-Application-Id": "crm", "X-Parse-Master-Key": "master-of-all"}
sent = json.dumps({"username": "alice@example.com", "password": "hunter2hunter2"})
for path, body, headers in (
    ("/parse/login", sent, keys),
    ("/parse/users", sent, keys),
    ("/parse/classes/Deal", "{}", keys | token),
    ("/parse/loginAs", '{"userId": "alice@example.com"}', master),
    ("/parse/batch", json.dumps({"requests": [{"method": "POST", "path": "/parse/login", "body": {}}]}), keys | token),
):
    answer = app.post(path, body, content_type="application/json", headers=headers)
    print(answer.status_code, answer.json()["code"], list(answer.json()))
    assert "hunter2" not in answer.content.decode() and "Traceback" not in answer.content.decode()
"""


def test_what_breaks_is_logged_without_what_apps_send() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "crm_site.settings"}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", SITE], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.splitlines()) == {"503 1 ['code', 'error']"}
    assert [secret for secret in SECRETS if secret in done.stderr] == []
    assert [line for line in done.stderr.splitlines() if not line.startswith("20")] == []


def test_keys_in_the_address_open_nothing(alice: User) -> None:
    make_deal(alice)
    token = signed_in_app(alice).token
    sent = {"_ApplicationId": "crm", "_MasterKey": "master", "X-Parse-Master-Key": "master", "_SessionToken": token}
    client = Client()
    assert refusal(client.get("/parse/classes/Deal", sent)) == (403, None)  # type: ignore[arg-type]
    assert client.get("/parse/classes/Deal", {"_MasterKey": "master"}, headers=REST).status_code == 400
    assert client.get("/parse/classes/Deal", {"_SessionToken": token}, headers=REST).status_code == 400


def test_who_is_no_manager_any_more_has_no_right_of_one(alice: User, mira: User) -> None:
    url = f"/classes/Deal/{make_deal(alice).pk}"
    managers = Group.objects.get(name="Managers")
    app = signed_in_app(mira)
    assert app.get(url).status_code == app.put(url, {"title": "x"}).status_code == 200
    mira.groups.remove(managers)
    assert refusal(app.get(url)) == refusal(app.put(url, {"title": "y"})) == refusal(app.delete(url)) == (404, 101)
    parent = make_role("Deputies", mira)
    mira.groups.add(managers)
    assert app.get(url).status_code == 200
    mira.is_active = False
    mira.save()
    assert refusal(app.get(url)) == (400, 209)
    assert refusal(app.post("/batch", {"requests": [{"method": "GET", "path": f"/parse{url}"}]})) == (400, 209)
    assert parent.user_set.count() == 1


def test_ending_all_sessions_on_the_page_ends_those_in_batches(alice: User) -> None:
    app = signed_in_app(alice)
    assert signed_in(alice).post("/profile/sessions/end/").status_code == 302
    assert refusal(app.post("/batch", {"requests": []})) == (400, 209)


LARGE: dict[str, tuple[dict[str, Any], int]] = {
    "limit": ({"limit": 1_000_000, "keys": "title"}, 200),
    "skip": ({"skip": 10**9}, 200),
    "ids": ({"where": {"objectId": {"$in": [f"{n:010}" for n in range(100_000)]}}}, 200),
    "includes": ({"include": ",".join(f"company.a{n}" for n in range(1000))}, 400),
    "deep include": ({"include": ".".join(["company"] * 11)}, 400),
    "keys": ({"keys": ",".join(f"k{n}" for n in range(200))}, 200),
    "deep condition": ({"where": json.loads('{"$or":[' * 11 + "{}" + "]}" * 11)}, 400),
    "conditions": ({"where": {"$or": [{"title": "x"}] * 2000}}, 400),
    "slow": ({"where": {"title": {"$regex": "(x+x+)+y" * 50}}}, 0),
}


@pytest.mark.parametrize("what", LARGE)
def test_what_asks_for_too_much_is_cut_or_refused_at_each_door(alice: User, what: str) -> None:
    make_deal(alice, title="x" * 30)
    app = signed_in_app(alice)
    query, status = LARGE[what]
    inner = {"method": "GET", "path": "/parse/classes/Deal", "body": query}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
    with at_most(3):
        answers = [app.post("/classes/Deal", {**query, "_method": "GET"})]
        if len(texts.get("where", "")) < 50_000:
            answers.append(app.get(f"/classes/Deal?{urlencode(texts)}"))
        [each] = app.post("/batch", {"requests": [inner]}).json()
    assert {answer.status_code for answer in answers} <= ({status} if status else {200, 400})
    assert ("success" in each) is (answers[0].status_code == 200)
    if "error" in each:
        assert each["error"]["code"] == answers[0].json()["code"] == 102


def test_of_a_parameter_sent_twice_the_last_counts(alice: User) -> None:
    for title in "ab":
        make_deal(alice, title=title)
    app = signed_in_app(alice)
    wheres = [quote(json.dumps({"title": title})) for title in "ab"]
    found = app.get(f"/classes/Deal?where={wheres[0]}&where={wheres[1]}").json()["results"]
    assert [row["title"] for row in found] == ["b"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-7", "text/html", "application/xml", "x"])
def test_body_is_json_in_utf_8_whatever_it_is_called(alice: User, content_type: str) -> None:
    app = signed_in_app(alice)
    made = app.post("/classes/Company", '{"name": "+AGEAYg-\u00e9"}'.encode(), Content_Type=content_type)
    assert app.get(f"/classes/Company/{made.json()['objectId']}").json()["name"] == "+AGEAYg-\u00e9"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=x&_MasterKey=master"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--x--\r\n',
        ),
    ],
)
def test_form_says_nothing(alice: User, content_type: str, body: bytes) -> None:
    app = signed_in_app(alice)
    assert refusal(app.post("/classes/Company", body, Content_Type=content_type)) == (400, 142)


def test_master_key_is_asked_for_alike_everywhere(mira: User) -> None:
    manager = signed_in_app(mira)
    for path in ("/schemas", "/schemas/Deal", "/aggregate/Deal", "/serverInfo", "/jobs", "/hooks/functions"):
        assert App(MASTER).get(path).status_code in (200, 400)
        assert refusal(manager.get(path)) == refusal(App(REST).get(path)) == (403, None)
