"""Bad input at every endpoint is an error of the protocol, in no time, and leaves nothing behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from parse_api.classes import CLASSES
from parse_api.models import Installation
from parse_api.routes import ROUTES
from tests.clock import at_most
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.app import MASTER, REST, App, refusal, signed_in_app

SECOND = 1.0
DEEP = 10_000
MALFORMED: dict[str, bytes] = {
    "no JSON": b"{",
    "no object": b"[]",
    "two objects": b"{}{}",
    "NaN": b'{"x": NaN}',
    "infinity": b'{"x": -Infinity}',
    "1e400": b'{"x": 1e400}',
    "400 digits": b'{"x": %b}' % (b"9" * 400),
    "10,000 digits": b'{"x": %b}' % (b"9" * 10_000),
    "a key twice": b'{"where": {}, "where": {"x": 1}}',
    "a key twice, deep": b'{"where": {"x": {"a": 1, "a": 2}}}',
    "half a surrogate pair": b'{"x": "\\ud800"}',
    "half a pair as a key": b'{"\\udfff": 1}',
    "no UTF-8": b'{"x": "\xff"}',
    "UTF-16": '{"x": 1}'.encode("utf-16"),
    "a raw NUL": b'{"x": "a\x00b"}',
    "NUL": b'{"x": "a\\u0000b"}',
    "NUL as a key": b'{"a\\u0000": 1}',
    "10,000 lists": b'{"x": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "10,000 objects": b'{"x": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
    "10,000 open lists": b"[" * DEEP,
}
IDS = ("zzzzzzzzzz", "x", "me", "é", "%25", "'", "a" * 3000, "..", "$x", "_User", "null")
CLASS_NAMES = (*CLASSES, "_Session", "_Installation", "_Join:users:_Role", "Nope", "é", "Deal'", "__proto__")
QUERY = ["where", "order", "limit", "skip", "count", "keys", "excludeKeys", "include", "includeAll", "hint", "nonesuch"]
ODD = ["_method", "__type", "id", "_rperm", "a.b", "", "é", "x" * 300, "nonesuch", "two words"]
OWN_KEYS = {
    "/changes": ["since", "classes", "limit"],
    "/aggregate": ["where", "pipeline", "distinct", "$match", "$group", "$sort", "$limit", "$project"],
    "/schemas": ["classLevelPermissions", "fields", "className", "indexes"],
    "/config": ["params", "masterKeyOnly"],
    "/installations": ["installationId", "deviceToken", "deviceType", "channels", "badge", "timeZone"],
    "/users": [*CLASSES["_User"].fields, "password", "authData"],
    "/loginAs": ["userId"],
    "/sessions": ["user", "sessionToken", "expiresAt"],
}
"""What endpoints besides those of classes look at."""
VALID = {"name": "x", "title": "x", "deviceType": "ios", "installationId": "x"}
POINTER = {"__type": "Pointer", "className": "Company", "objectId": "zzzzzzzzzz"}
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, -1e308, 2**63, 10**300, 5e-324),
    *("", " ", "x", "x" * 100_000, "%", "'", "\\", "\u202e", "1", "-1", "{", "[]", "null", "2030-01-01T00:00:00.000Z"),
    *([], [[]], [None], [1, "a", {}], ["x"] * 2_000, {}, {"a": 1}, {"": 1}, {"$eq": None}, {"$gt": {}}, {"$in": 5}),
    *({"$in": ["x"] * 10_000}, {"$regex": "(a+)+$"}, {"$regex": "("}, {"$regex": 5}, {"$nonesuch": 1}, {"$or": []}),
    *({"stage": {"$regex": "(.*)*(.*)*(.*)*x"}}, {"stage": {"$in": [None, 1]}}, {"$where": "1"}, {"_x": 1}),
    *({"__op": "Delete"}, {"__op": "Increment"}, {"__op": "Increment", "amount": 1e308}, {"__op": "Nope"}, {"__op": 5}),
    *({"__op": "Add", "objects": [1]}, {"__op": "AddRelation", "objects": [POINTER]}, {"__op": "Batch", "ops": [{}]}),
    *({"__type": "Date"}, {"__type": "Date", "iso": "x"}, {"__type": "Date", "iso": "0000-01-01T00:00:00.000Z"}),
    *({"__type": "Date", "iso": "9999-12-31T23:59:59.999-23:59"}, {"__type": "Date", "iso": "2030-02-30"}),
    *({"__type": "Date", "iso": "99999-01-01T00:00:00.000Z"}, {"__type": "Date", "iso": "0001-01-01T00:00:00.000Z"}),
    *(POINTER, {"__type": "Pointer"}, {"__type": "Pointer", "className": "_Session", "objectId": "x"}),
    *({"__type": "Pointer", "className": "Deal", "objectId": "\u00e9" * 50}, {"__type": "Nope"}, {"__type": "File"}),
    *({"*": {"read": True}}, {"*": True}, {"x": {"read": "yes"}}, {"*unresolved": {}}, {"role:": {"write": True}}),
    *([{"$match": {}}], [{"$group": {"_id": "$x"}}], {"_id": "$stage", "x": {"$sum": "$amount"}}),
    {"find": {"*": True}},
    *([{"method": "GET", "path": "/parse/classes/Deal"}] * 3, [{"method": "PUT", "path": "/parse/users/x", "body": 5}]),
)  # fmt: skip


def everything() -> str:
    """Return a digest of all that apps can write."""
    tables = [*(each.model._meta.db_table for each in CLASSES.values()), "auth_group", "accounts_user_groups"]
    tables += ["records_change", "accounts_apisession", "parse_api_configparameter", "parse_api_installation"]
    tables += ["auth_group_permissions", "parse_api_spentrequest", "accounts_role_children", "deals_dealusergrant"]
    rows = " || ".join(
        f"coalesce((SELECT string_agg(t::text, '' ORDER BY t::text) FROM {name} t), '')"  # noqa: S608
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5({rows})")
        return str(cursor.fetchone()[0])


def paths() -> Iterator[tuple[str, str]]:
    """Yield verb and path of every endpoint."""
    for route in ROUTES:
        path = route.path.replace("{class}", "Deal").replace("{name}", "x").replace("{kind}", "functions")
        yield route.method, path.replace("{id}", "zzzzzzzzzz")
    yield "POST", "/batch"


@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_body_is_refused_at_every_endpoint(alice: User, what: str) -> None:
    make_deal(alice)
    apps = (signed_in_app(alice, X_Parse_Installation_Id="phone"), App(MASTER))
    before = everything()
    for method, path in paths():
        if path.startswith("/files/"):
            continue
        for app in apps:
            with at_most(SECOND, method, path):
                status, code = refusal(app.send(method, path, MALFORMED[what], X_Parse_Request_Id="a"))
            assert (status, code) in ((400, 107), (400, 111)), (method, path)
    assert everything() == before


@pytest.mark.parametrize("size", [3_000_000, 20_000_000])
def test_large_body_is_refused_at_every_endpoint(alice: User, size: int) -> None:
    app = signed_in_app(alice)
    text = b'{"title": "' + b"x" * size + b'"}'
    with at_most(SECOND * len(ROUTES)):
        for method, path in paths():
            assert refusal(app.send(method, path, text)) == (413, 107), path


def test_most_that_a_body_may_have_is_read_within_a_second(alice: User) -> None:
    app = signed_in_app(alice)
    for text in (
        b'{"title": "' + b"x" * 2_600_000 + b'"}',
        b'{"where": {"title": {"$in": [' + b",".join([b'"x"'] * 600_000) + b"]}}}",
        b'{"x": [' + b",".join([b"{}"] * 800_000) + b"]}",
        b'{"x": [' + b",".join([b'"\\ud83d\\ude00"'] * 150_000) + b"]}",
    ):
        with at_most(2 * SECOND):
            answer = app.post("/classes/Deal", text)
        assert answer.status_code < 500


@pytest.fixture
def targets(alice: User) -> list[str]:
    """Return objectIds that there are, one of each class."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact)
    activity = make_activity(alice, related_deal=deal)
    device = Installation.objects.create(installation_id="phone", device_type="ios")
    role = Role.objects.get(name="Managers")
    return [alice.pk, company.pk, contact.pk, deal.pk, activity.pk, device.pk, role.object_id]


def keys(method: str, path: str, class_name: str) -> list[str]:
    """Return names that an endpoint looks at."""
    own = next((names for start, names in OWN_KEYS.items() if path.startswith(start)), None)
    if method == "GET" and not path.startswith("/aggregate"):
        return QUERY
    return [*(own or (CLASSES[class_name].fields if class_name in CLASSES else ODD)), *ODD[:3]]


_UNTRIED = re.compile(r"/(login|verifyPassword|requestPasswordReset|hooks|jobs|push|functions|files|events|serverInfo)")
"""These slow down who tries often, or look at nothing."""
TRIED = [route for route in ROUTES if not _UNTRIED.match(route.path)]
TRIED += [route for route in TRIED if re.match("/(classes|users|aggregate)", route.path)] * 4


@settings(
    max_examples=1500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_sent_is_answered_in_the_protocol(alice: User, targets: list[str], data: st.DataObject) -> None:
    token = _TOKENS.get(alice.pk) or _TOKENS.setdefault(alice.pk, signed_in_app(alice).token)
    route = data.draw(st.sampled_from(TRIED))
    class_name = data.draw(st.sampled_from([*list(CLASSES) * 4, *CLASS_NAMES]))
    path = route.path.replace("{class}", class_name).replace("{name}", "x")
    path = path.replace("{id}", data.draw(st.sampled_from([*IDS, *targets * 3])))
    names = keys(route.method, path, class_name)
    body = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(VALUES), max_size=2))
    body = {name: value for name, value in VALID.items() if route.method == "POST" and name in names} | body
    app = App(data.draw(st.sampled_from([REST, *[MASTER, {**REST, "X-Parse-Session-Token": token}] * 4])))
    app.client.raise_request_exception = False
    in_address = route.method == "GET" and data.draw(st.booleans())
    answer: Any
    shown = (route.method, path, body)
    with at_most(SECOND, shown), transaction.atomic():
        if in_address:
            query = {key: _text(value) for key, value in body.items()}
            answer = app.client.get(f"/parse{path}", query, headers=app.headers)
        else:
            answer = app.post(path, {**body, "_method": route.method})
        transaction.set_rollback(True)
    assert answer.status_code < 500, shown
    if answer.status_code >= 400:
        refusal(answer)
    else:
        json.loads(answer.content)


_TOKENS: dict[str, str] = {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
