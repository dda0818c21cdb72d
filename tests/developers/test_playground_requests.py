"""Requests that are ready to be tried succeed, and are as code what they are as a request."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from accounts.models import ApiSession, User
from developers.playground.code import codes
from developers.playground.following import codes_to_follow, read_following
from developers.playground.ready import ANY_CLASS, Ready, ready
from developers.playground.trials import PLACEHOLDER, Trial, UnreadableTrialError, as_lines, read
from parse_api.classes import ALL
from parse_api.models import Installation
from tests.developers.test_examples import NODE, URL, sent
from tests.developers.test_examples_run import STORAGE
from tests.factories import PASSWORD, make_activity, make_company, make_contact, make_deal, make_role, signed_in
from tests.live_site import LiveSite
from tests.parse_api.app import signed_in_app
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts
from tests.parse_api.sdk.node import modules, node

CODE_URL = "/developers/playground/code/"


def known(class_name: str, person: User) -> str:
    """Return the objectId of something of a person's."""
    makers: dict[str, Any] = {
        "Company": make_company,
        "Contact": make_contact,
        "Deal": make_deal,
        "Activity": make_activity,
    }
    if class_name in makers:
        return str(makers[class_name](person).pk)
    if class_name == "_Role":
        return make_role("Team", person).object_id
    if class_name == "_Installation":
        return str(Installation.objects.create(installation_id="one", device_type="ios").pk)
    return str(ApiSession.objects.of(person).get().pk if class_name == "_Session" else person.pk)


def named(each: Ready, pk: str) -> Trial:
    return Trial(each.trial.method, each.trial.path.replace(PLACEHOLDER, pk), each.trial.query, each.trial.body)


def code(trial: Trial, language: str, url: str = URL) -> str:
    return next(each.code for each in codes(trial, url) if each.language == language)


@pytest.mark.django_db
@pytest.mark.parametrize("class_name", [*ALL, ANY_CLASS])
def test_each_succeeds_as_curl_sends_it(class_name: str, alice: User) -> None:
    token = signed_in_app(alice).token
    pk = known(class_name, alice) if class_name else ""
    for each in ready(class_name):
        login, command = code(named(each, pk), "curl").split("\n\n")
        assert "/login" in login
        answer = sent(command, **{"$TOKEN": token})
        assert answer.status_code in (200, 201), (each.key, answer.content)
        if each.key in ("list", "where", "include"):
            assert "results" in answer.json()


@pytest.mark.parametrize("class_name", [*ALL, ANY_CLASS])
def test_the_fields_of_a_page_hold_it(class_name: str) -> None:
    assert len(keys := {each.key for each in ready(class_name)}) == len(ready(class_name)), keys
    for each in ready(class_name):
        trial = named(each, "abcdefghij")
        assert read(trial.method, trial.path, as_lines(trial.query), json.dumps(trial.body or {})) == trial


@pytest.mark.parametrize(
    "fields",
    [
        ("PATCH", "/classes/Deal", "", ""),
        ("GET", "classes/Deal", "", ""),
        ("GET", "/classes/Deal?limit=1", "", ""),
        ("GET", "/classes/Deal'; rm", "", ""),
        ("GET", "/classes/Deal", "limit", ""),
        ("GET", "/classes/Deal", "=1", ""),
        ("GET", "/classes/Deal", "where={", ""),
        ("GET", "/classes/Deal", "where=[]", ""),
        ("POST", "/classes/Deal", "", "{"),
        ("POST", "/classes/Deal", "", "[1]"),
        ("PUT", "/classes/Deal/a", "", "[" * 100_000),
    ],
)
def test_what_is_no_request_is_refused(fields: tuple[str, str, str, str]) -> None:
    with pytest.raises(UnreadableTrialError):
        read(*fields)


@pytest.mark.parametrize(
    ("trial", "javascript", "swift"),
    [
        (
            Trial(
                "GET", "/classes/Deal", {"where": '{"amount": {"$gt": 5}, "stage": {"$in": ["lead"]}}', "limit": "3"}
            ),
            "  limit: 3",
            'Deal.query("amount" > 5, containedIn(key: "stage", array: ["lead"])).limit(3).find()',
        ),
        (
            Trial("GET", "/classes/Deal", {"where": '{"$or": [{"stage": "lead"}]}'}),
            "$or",
            'URLRequest(url: URL(string: "http://testserver/parse/classes/Deal?where=',
        ),
        (Trial("GET", "/classes/Deal", {"count": "1", "limit": "0"}), "await query.count()", "Deal.query().count()"),
        (Trial("DELETE", "/classes/Deal/a"), "await known.destroy();", 'try await Deal(objectId: "a").delete()'),
        (
            Trial("PUT", "/classes/Deal/a", body={"amount": {"__op": "Increment", "amount": 1}}),
            'method: "PUT"',
            'request.httpMethod = "PUT"',
        ),
        (
            Trial(
                "POST",
                "/classes/Deal",
                body={"contact": {"__type": "Pointer", "className": "Contact", "objectId": "b"}},
            ),
            'made.set("contact", Parse.Object.fromJSON({"className": "Contact", "objectId": "b"}));',
            'request.httpMethod = "POST"',
        ),
        (Trial("POST", "/classes/Deal", body={"contact": {"__type": "Pointer"}}), 'method: "POST"', "httpBody"),
        (Trial("GET", "/users/me"), "await Parse.User.me(", 'URL(string: "http://testserver/parse/users/me")'),
        (Trial("GET", "/nothing"), 'fetch("http://testserver/parse/nothing"', "URLSession.shared"),
    ],
)
def test_what_was_typed_as_code(trial: Trial, javascript: str, swift: str) -> None:
    assert javascript in code(trial, "JavaScript")
    assert swift in code(trial, "Swift")


@pytest.mark.django_db
def test_edited_fields_come_back_as_code(alice: User) -> None:
    client = signed_in(alice)
    fields = {"method": "GET", "path": "/classes/Deal", "query": "limit=7\nwhere={}", "body": "{"}
    answer = client.post(CODE_URL, fields)
    assert [each.language for each in answer.context["examples"]] == ["curl", "JavaScript", "React Native", "Swift"]
    assert "limit=7" in shlex.split(answer.context["examples"][0].code, comments=True)
    refused = client.post(CODE_URL, fields | {"query": "where={<b>"})
    assert refused.status_code == 422
    assert "where is no JSON object." in refused.content.decode()
    assert client.get(CODE_URL).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("GET", "where=\nlimit=", ""),
        ("GET", f"limit={'9' * 5000}\nskip=९\ncount=yes", ""),
        ("GET", f'where={{"amount": {"9" * 5000}}}', ""),
        ("GET", 'where={"a": {"$in": 5, "$regex": {}, "$gt": null}, "b": [], "c": {"__type": []}}', ""),
        ("GET", "where={}\norder=,-,\ninclude=,\nkeys= \nodd=é\x00", ""),
        ("PUT", "", '{"amount": {"__type": "Date", "objectId": 1}, "title": {"__type": {}}}'),
        ("PUT", "", '{"contact": {"__type": "Pointer", "objectId": "a"}}'),
        ("POST", "", '{"expectedCloseDate": {"__type": "Date", "iso": 5}}'),
        ("POST", "", '{"title": "\\ud800"}'),
        ("POST", "", "NaN"),
    ],
)
def test_odd_fields_are_code_or_refused(method: str, query: str, body: str, alice: User) -> None:
    client = signed_in(alice)
    for path in ("/classes/Deal", "/classes/Deal/a", "/users/me", "/roles"):
        fields = {"method": method, "path": path, "query": query, "body": body}
        assert client.post(CODE_URL, fields).status_code in (200, 422)


@pytest.mark.django_db
def test_a_query_to_follow_as_code(alice: User) -> None:
    client = signed_in(alice)
    typed = {"class": "Deal", "where": '{"stage": "lead"}', "keys": "title, amount", "watch": "amount"}
    page = client.get("/developers/live/", typed)
    javascript, _, swift = (each.code for each in page.context["examples"])
    assert 'keys: "title,amount"' in javascript
    assert "await query.subscribe()" in javascript
    assert 'Deal.query("stage" == "lead").fields("title", "amount").watch("amount")' in swift
    part = client.get("/developers/live/", typed | {"where": '{"$or": []}'}, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div class="code-panels"')
    assert "its own words for" in part.context["examples"][-1].code
    for wrong in ({"class": "_Session"}, {"where": "["}, {"keys": "a b"}, {"watch": "1"}):
        refused = client.get("/developers/live/", typed | wrong)
        assert refused.status_code == 422
        assert "The code comes back" in refused.content.decode()


@pytest.mark.django_db
def test_page_shows_each_as_code_and_gives_no_secret_away(alice: User, settings: Any) -> None:
    client = signed_in(alice)
    for class_name in [*ALL, ANY_CLASS]:
        for each in ready(class_name):
            answer = client.get("/developers/playground/", {"class": class_name, "request": each.key})
            assert answer.context["chosen"].key == each.key
            page = answer.content.decode()
            assert 'data-javascript-key="js"' in page
            assert f"-Key: {settings.PARSE_MASTER_KEY}" not in page
            assert f"-Key: {settings.PARSE_REST_API_KEY}" not in page
    assert client.get("/developers/playground/?class=Nothing").status_code == 404
    assert client.get("/developers/playground/?request=nothing").context["chosen"].key == "list"
    settings.PARSE_JAVASCRIPT_KEY = ""
    assert "this installation has no JavaScript key" in client.get("/developers/playground/").content.decode()


def test_node_reads_how_to_follow(tmp_path: Path) -> None:
    following = read_following("Deal", '{"stage": {"$in": ["lead"]}}', "title", "amount")
    path = tmp_path / "follow.mjs"
    path.write_text(codes_to_follow(following, URL)[1].code)
    subprocess.run([NODE, "--check", path], check=True, timeout=60)  # noqa: S603


@pytest.mark.parametrize("class_name", [*ALL, ANY_CLASS])
def test_node_reads_the_javascript(class_name: str, tmp_path: Path) -> None:
    for each in ready(class_name):
        path = tmp_path / f"{each.key}.mjs"
        path.write_text(code(each.trial, "React Native"))
        subprocess.run([NODE, "--check", path], check=True, timeout=60)  # noqa: S603


@pytest.mark.xdist_group("sdk")
@pytest.mark.parametrize("class_name", ["Deal", ANY_CLASS])
def test_it_runs_on_the_official_sdk(class_name: str, live_server: LiveSite, alice: User, tmp_path: Path) -> None:
    pk = known(class_name, alice) if class_name else ""
    (tmp_path / "node_modules").symlink_to(modules())
    storage = tmp_path / "storage.mjs"
    storage.write_text(STORAGE)
    for each in ready(class_name):
        script = tmp_path / f"{each.key}.mjs"
        written = code(named(each, pk), "JavaScript", f"{live_server.url}/parse")
        script.write_text(written.replace("NAME", alice.username, 1).replace("PASSWORD", PASSWORD, 1))
        command = [node().program, "--import", str(storage), str(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
        assert done.returncode == 0, (each.key, done.stderr)
