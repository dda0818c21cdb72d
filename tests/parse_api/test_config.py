"""Settings that apps share."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.parse_api.app import MASTER, App, refusal, signed_in_app

pytestmark = pytest.mark.django_db


def put(params: Any, **more: Any) -> Any:
    return App(MASTER).put("/config", {"params": params, **more})


def test_master_key_sets_what_everybody_reads(alice: User) -> None:
    assert App().get("/config").json() == {"params": {}}
    values = {"text": "blue", "number": 1.5, "list": [1, {"a": None}], "no": False, "empty": ""}
    assert put(values).json() == {"result": True}
    for app in (App(), signed_in_app(alice)):
        assert app.get("/config").json() == {"params": values}
    assert App().post("/config", {"_method": "GET"}).json() == {"params": values}
    assert put({"text": "red", "no": {"__op": "Delete"}, "empty": None}).json() == {"result": True}
    assert App().get("/config").json() == {"params": {"text": "red", "number": 1.5, "list": [1, {"a": None}]}}


def test_what_is_for_the_master_key_is_hidden(mira: User) -> None:
    put({"open": 1, "secret": 2}, masterKeyOnly={"secret": True})
    assert App(MASTER).get("/config").json() == {
        "params": {"open": 1, "secret": 2},
        "masterKeyOnly": {"open": False, "secret": True},
    }
    assert signed_in_app(mira).get("/config").json() == {"params": {"open": 1}}
    put({"secret": 3})
    assert App().get("/config").json() == {"params": {"open": 1, "secret": 3}}


def test_nobody_else_sets_them(mira: User) -> None:
    for app in (App(), signed_in_app(mira)):
        assert refusal(app.put("/config", {"params": {"a": 1}})) == (403, None)
    assert App().get("/config").json() == {"params": {}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"params": []}, 107),
        ({"params": "x"}, 107),
        ({"params": {"a": 1}, "masterKeyOnly": [1]}, 107),
        ({"params": {f"a{n}": 1 for n in range(1001)}}, 107),
        ({"params": {"ok": 1, "two words": 1}}, 105),
        ({"params": {"a.b": 1}}, 105),
        ({"params": {"x" * 201: 1}}, 105),
        ({"params": {"a": {"__op": "Increment", "amount": 1}}}, 108),
        ({"params": {"a": "x\0"}}, 111),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_setting_is_refused(body: dict[str, Any], code: int) -> None:
    assert refusal(App(MASTER).put("/config", body)) == (400, code)
    assert App().get("/config").json() == {"params": {}}
