"""What is not here is answered with the protocol's own errors."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.parse_api.app import MASTER, NO_TOKEN, REST, App, refusal, signed_in_app

pytestmark = pytest.mark.django_db


def test_functions_and_files_are_refused_to_everybody(alice: User) -> None:
    for app in (App(), signed_in_app(alice), App(MASTER)):
        assert refusal(app.post("/functions/nonesuch")) == (400, 141)
        assert refusal(app.post("/files/photo.jpg", b"\xff\xd8\xff\x00{", Content_Type="image/jpeg")) == (400, 130)
        assert refusal(app.post("/files/photo.txt", {"base64": "aGk="})) == (400, 130)
    body = {"base64": "aGk=", "_ApplicationId": "crm", "_JavaScriptKey": "js", "_ContentType": "image/png"}
    assert refusal(App({}).post("/files/photo.png", body, Content_Type="text/plain")) == (400, 130)
    assert refusal(App({}).post("/files/photo.png", {"base64": "aGk="})) == (403, None)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/jobs", 141),
        ("POST", "/jobs/nonesuch", 141),
        ("POST", "/push", 115),
        ("POST", "/hooks/functions", 143),
        ("PUT", "/hooks/functions/f", 143),
        ("PUT", "/hooks/triggers/Deal/beforeSave", 143),
        ("DELETE", "/files/photo.jpg", 130),
    ],
)
def test_master_key_is_told_what_is_not_here_and_others_that_they_need_it(
    mira: User, method: str, path: str, code: int
) -> None:
    for app in (App(), signed_in_app(mira)):
        assert refusal(app.send(method, path, {})) == (403, None)
    assert refusal(App(MASTER).send(method, path, {})) == (400, code)


def test_there_are_no_hooks() -> None:
    assert App(MASTER).get("/hooks/functions").json() == App(MASTER).get("/hooks/triggers").json() == []
    assert refusal(App().get("/hooks/triggers")) == (403, None)


def test_events_are_taken() -> None:
    assert App().post("/events/AppOpened", {"dimensions": {"a": "b"}}).json() == {}
    assert refusal(App({}).post("/events/AppOpened")) == (403, None)
    assert refusal(App({**REST, "X-Parse-Session-Token": NO_TOKEN}).post("/events/AppOpened")) == (400, 209)


@pytest.mark.parametrize("name", ["_Idempotency", "_JobStatus", "_Hooks", "_Join:users:_Role", "_Audience", "_SCHEMA"])
def test_inner_classes_are_closed(alice: User, name: str) -> None:
    app = signed_in_app(alice)
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/x"), ("PUT", "/x"), ("DELETE", "/x")):
        assert refusal(app.send(method, f"/classes/{name}{path}", {})) == (400, 119)
