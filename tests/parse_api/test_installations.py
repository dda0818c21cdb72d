"""Devices: what an SDK tells of them on start, and again."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from parse_api.models import Installation
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.test_at_once import at_once

pytestmark = pytest.mark.django_db
PHONE = {"installationId": "phone-1", "deviceType": "ios"}


def register(app: App, **fields: Any) -> str:
    answer = app.post("/installations", {**PHONE, **fields})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["objectId"])


def shown(pk: str) -> dict[str, Any]:
    found = App(MASTER).get(f"/installations/{pk}").json()
    return {key: value for key, value in found.items() if key not in ("objectId", "createdAt", "updatedAt")}


def test_device_registers_without_a_session_and_is_known_again() -> None:
    app = App()
    answer = app.post("/installations", {**PHONE, "timeZone": "Europe/Berlin", "badge": 3, "channels": ["a"]})
    assert (answer.status_code, set(answer.json())) == (201, {"objectId", "createdAt"})
    pk = answer.json()["objectId"]
    assert answer.headers["Location"] == f"http://testserver/parse/classes/_Installation/{pk}"
    assert shown(pk) == {**PHONE, "timeZone": "Europe/Berlin", "badge": 3, "channels": ["a"]}
    again = app.post("/classes/_Installation", {**PHONE, "installationId": "PHONE-1", "badge": 0, "timeZone": None})
    assert (again.status_code, set(again.json())) == (200, {"updatedAt"})
    assert again.json()["updatedAt"] > answer.json()["createdAt"]
    assert shown(pk) == {**PHONE, "badge": 0, "channels": ["a"]}


def test_device_without_an_id_is_refused() -> None:
    empty = {"installationId": "", "deviceType": "ios"}
    for body in ({"deviceType": "ios"}, {}, {"installationId": "x"}, {"deviceToken": None, "deviceType": "ios"}, empty):
        assert refusal(App().post("/installations", body)) == (400, 135)
    answer = App().post("/installations", {"deviceType": "ios"}, X_Parse_Installation_Id="From-Header")
    assert shown(answer.json()["objectId"])["installationId"] == "from-header"
    assert App().post("/installations", {"deviceType": "android", "deviceToken": "t"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"installationId": 5}, 111),
        ({"deviceToken": ["t"]}, 111),
        ({"deviceToken": ""}, 111),
        ({"deviceType": {"__op": "Delete"}}, 111),
        ({"timeZone": 5}, 111),
        ({"installationId": "x" * 256}, 142),
        ({"note": "x" * 20_000}, 142),
        ({"objectId": "abcdefghij"}, 105),
        ({"id": "x"}, 105),
        ({"two words": 1}, 105),
        ({"_x": 1}, 105),
        ({"badge": "x"}, 111),
        ({"badge": True}, 111),
        ({"channels": "x"}, 111),
        ({"badge": {"__op": "Nonesuch"}}, 108),
        ({"badge": {"__op": "Increment", "amount": "x"}}, 111),
        ({"channels": {"__op": "Add", "objects": "x"}}, 111),
        ({"channels": {"__op": "AddRelation", "objects": []}}, 111),
        ({"note": "a\0b"}, 111),
    ],
    ids=str,
)
def test_bad_field_is_refused(body: dict[str, Any], code: int) -> None:
    assert refusal(App().post("/installations", {**PHONE, **body})) == (400, code)
    assert not Installation.objects.exists()


def test_operations_on_fields_of_the_apps_own() -> None:
    app = App()
    pk = register(app, channels=["a"])

    def change(**fields: Any) -> dict[str, Any]:
        body: dict[str, Any] = app.put(f"/classes/_Installation/{pk}", fields).json()
        assert body.pop("updatedAt")
        return body

    add = {"__op": "AddUnique", "objects": ["a", "b", "b"]}
    assert change(channels=add) == {"channels": ["a", "b"]}
    assert change(channels={"__op": "Remove", "objects": ["a"]}) == {"channels": ["b"]}
    assert change(channels={"__op": "Add", "objects": ["b"]}) == {"channels": ["b", "b"]}
    assert change(badge={"__op": "Increment", "amount": 2}) == {"badge": 2}
    assert change(channels={"__op": "Delete"}, plain=[{"x": None}]) == {}
    assert shown(pk) == {**PHONE, "badge": 2, "plain": [{"x": None}]}


def test_ids_of_an_installation_stay() -> None:
    app = App()
    pk = register(app)
    for body in ({"installationId": "other"}, {"deviceType": "android"}):
        assert refusal(app.put(f"/installations/{pk}", body)) == (400, 136)
    assert app.put(f"/installations/{pk}", {"deviceToken": "new"}).status_code == 200
    assert app.put(f"/installations/{pk}", {"deviceToken": "newer", "deviceType": "ios"}).status_code == 200
    assert refusal(app.put("/installations/zzzzzzzzzz", {})) == (404, 101)


def test_token_belongs_to_the_installation_that_named_it_last() -> None:
    app = App()
    bare = app.post("/installations", {"deviceType": "ios", "deviceToken": "A" * 64}).json()["objectId"]
    assert app.post("/installations", {**PHONE, "deviceToken": "a" * 64}).status_code == 200
    assert shown(bare) == {**PHONE, "deviceToken": "a" * 64}
    other = register(app, installationId="phone-2", deviceToken="a" * 64)
    assert [device.pk for device in Installation.objects.all()] == [other]
    third = register(app, installationId="phone-3")
    assert app.put(f"/installations/{third}", {"deviceToken": "a" * 64}).status_code == 200
    assert [device.pk for device in Installation.objects.all()] == [third]


def test_token_alone_becomes_the_installation_whose_id_it_is_told() -> None:
    app = App()
    bare = app.post("/installations", {"deviceType": "ios", "deviceToken": "t"}).json()["objectId"]
    register(app, badge=1)
    assert app.put(f"/installations/{bare}", {"installationId": "Phone-1"}).status_code == 200
    assert [device.pk for device in Installation.objects.all()] == [bare]
    assert shown(bare) == {**PHONE, "deviceToken": "t"}


def test_devices_without_tokens_leave_each_other_alone() -> None:
    app = App()
    one, two = register(app), register(app, installationId="phone-2")
    assert app.put(f"/installations/{one}", {"badge": 1}).status_code == 200
    assert {device.pk for device in Installation.objects.all()} == {one, two}


def test_only_the_master_key_lists_and_deletes(alice: User, mira: User) -> None:
    app = App()
    one, two = register(app, badge=1), register(app, installationId="phone-2")
    for client in (app, signed_in_app(alice), signed_in_app(mira)):
        assert refusal(client.get("/installations")) == (400, 119)
        assert refusal(client.post("/classes/_Installation", {"_method": "GET", "where": {}})) == (400, 119)
        assert refusal(client.delete(f"/installations/{one}")) == (400, 119)
        assert client.get(f"/installations/{one}").json()["badge"] == 1
    master = App(MASTER)
    query = {"_method": "GET", "where": {"deviceType": "ios"}, "order": "-installationId", "limit": 1, "count": 1}
    found = master.post("/installations", query).json()
    assert (found["count"], [row["objectId"] for row in found["results"]]) == (2, [two])
    assert refusal(master.post("/installations", {"_method": "GET", "where": {"_x": 1}})) == (400, 105)
    assert refusal(master.post("/installations", {"_method": "GET", "nonesuch": 1})) == (400, 102)
    assert master.delete(f"/installations/{one}").json() == {}
    assert refusal(master.delete(f"/installations/{one}")) == refusal(app.get(f"/installations/{one}")) == (404, 101)


def test_no_other_class_reaches_them(alice: User) -> None:
    app = signed_in_app(alice)
    query = {"className": "_Installation", "where": {}}
    where = {"assignedTo": {"$inQuery": query}}
    assert refusal(app.post("/classes/Deal", {"_method": "GET", "where": where})) == (400, 119)


@pytest.mark.django_db(transaction=True)
def test_device_that_registers_twice_at_once_is_one() -> None:
    answers = at_once(4, lambda n: App().post("/installations", {**PHONE, "badge": n}))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert Installation.objects.count() == 1
