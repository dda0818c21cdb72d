"""The messages of LiveQuery and their answers (CONTRACT.md, section 22)."""

from __future__ import annotations

import json
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from websockets.sync.client import connect

from accounts.models import User
from parse_api.livequery import socket
from tests.factories import make_company, make_deal, signed_in
from tests.live.conftest import Listen
from tests.live.listener import Listener, Message, cookie_of
from tests.live.newsroom import Site
from tests.parse_api.app import KEYS, signed_in_app
from tests.parse_api.objects import shown

ALL_DEALS = {"className": "Deal", "where": {}}


def test_the_life_of_a_connection(listen: Listen, alice: User) -> None:
    app, ear = signed_in_app(alice), listen()
    hello = ear.say(
        op="connect", applicationId="crm", javascriptKey="js", sessionToken=app.token, installationId="inst-1"
    )
    whose = {"clientId": hello["clientId"], "installationId": "inst-1"}
    assert hello == {"op": "connected", **whose}
    assert UUID(hello["clientId"])
    query = {"className": "Deal", "where": {"stage": "lead"}, "keys": ["title"], "watch": ["amount"]}
    answer = ear.say(op="subscribe", requestId=2, query=query)
    assert answer == {"op": "subscribed", **whose, "requestId": 2}
    made = app.post("/classes/Deal", {"title": "T", "stage": "lead", "amount": 5, "notes": "n"}).json()
    event = ear.next()
    rest = shown(app, "Deal", made["objectId"])
    fixed = {name: rest[name] for name in ("objectId", "createdAt", "updatedAt", "ACL", "title")}
    assert event == {
        "op": "create", **whose, "requestId": 2, "object": {"__type": "Object", "className": "Deal", **fixed}
    }  # fmt: skip
    other = ear.say(op="update", requestId=2, query={"className": "Deal", "where": {"stage": "won"}})
    assert other == {"op": "subscribed", **whose, "requestId": 2}
    app.put(f"/classes/Deal/{made['objectId']}", {"stage": "won"})
    event = ear.next()
    assert (event["op"], event["object"]["amount"], event["original"]["stage"]) == ("enter", 5, "lead")
    assert ear.say(op="unsubscribe", requestId=2) == {"op": "unsubscribed", **whose, "requestId": 2}
    app.delete(f"/classes/Deal/{made['objectId']}")
    assert ear.events(alice) == []


@pytest.mark.parametrize("name", ["keys", "fields"])
def test_a_path_among_the_keys_shows_nothing(listen: Listen, alice: User, name: str) -> None:
    """An event has fields of its object only; `select("title", "company.name")` of an app means a list as well."""
    company = make_company(alice)
    some, none = listen(alice), listen(alice)
    some.follow("Deal", None, 1, **{name: ["title", "company.name", "company.createdBy.username"]})
    none.follow("Deal", None, 1, **{name: ["company.name"]})
    make_deal(alice, title="T", company=company, amount=5)
    fixed = {"__type", "className", "objectId", "createdAt", "updatedAt", "ACL"}
    assert set(some.next()["object"]) == {*fixed, "title"}
    assert set(none.next()["object"]) == fixed


def test_without_an_installation_id_none_is_told(listen: Listen, alice: User) -> None:
    ear = listen()
    assert set(ear.connect(signed_in_app(alice).token)) == {"op", "clientId"}
    ear.follow("Deal")
    make_deal(alice)
    assert set(ear.next()) == {"op", "clientId", "requestId", "object"}


def test_ios_says_things_its_own_way(listen: Listen, alice: User) -> None:
    """No token is "", what shows are `fields`, and an update carries no token."""
    token = signed_in_app(alice).token
    guest, ear = listen(), listen()
    assert guest.say(op="connect", applicationId="crm", clientKey="client", sessionToken="")["op"] == "connected"
    query = {"className": "Deal", "where": {}, "fields": ["stage"]}
    assert guest.say(op="subscribe", requestId=1, sessionToken=token, query=query)["op"] == "subscribed"
    assert ear.say(op="connect", applicationId="crm", clientKey="client", sessionToken=token)["op"] == "connected"
    assert ear.say(op="subscribe", requestId=1, query=ALL_DEALS)["op"] == "subscribed"
    assert ear.say(op="update", requestId=1, query=query)["op"] == "subscribed"
    make_deal(alice, title="T")
    for each in (guest, ear):
        event = each.next()
        assert event["object"]["__type"] == "Object"
        assert (event["object"]["stage"], "title" in event["object"]) == ("lead", False)


@pytest.mark.parametrize("path", ["/parse", "/parse/", "/parse?a=b"])
def test_where_the_socket_is(site: Site, path: str) -> None:
    with connect(f"{site.address}{path}") as link:
        assert Listener(link).connect()["op"] == "connected"


KEY_NAMES = {
    "PARSE_REST_API_KEY": "restAPIKey",
    "PARSE_JAVASCRIPT_KEY": "javascriptKey",
    "PARSE_CLIENT_KEY": "clientKey",
    "PARSE_MASTER_KEY": "masterKey",
}


def test_any_right_key_lets_in_and_no_wrong_one(listen: Listen) -> None:
    ear = listen()
    for setting, name in KEY_NAMES.items():
        assert ear.say(op="connect", applicationId="crm", **{name: KEYS[setting]})["op"] == "connected"
    for wrong in (
        {},
        {"applicationId": "crm"},
        {"applicationId": "crm", "javascriptKey": "rest"},
        {"applicationId": "crm", "javascriptKey": ""},
        {"applicationId": "crm", "masterKey": "js"},
        {"applicationId": "other", "masterKey": "master"},
        {"javascriptKey": "js"},
    ):
        answer = listen().say(op="connect", **wrong)
        assert (answer["code"], answer["reconnect"], answer["requestId"]) == (4, True, None)


def test_the_master_key_works_from_where_rest_takes_it(site: Site, settings: Settings) -> None:
    settings.CRM_PROXY_HOPS = 1
    hello = {"op": "connect", "applicationId": "crm", "masterKey": "master"}
    for address, code in (("203.0.113.9", 4), ("198.51.100.7", None)):
        settings.PARSE_MASTER_KEY_IPS = [ip_network("198.51.100.0/24")]
        with connect(f"{site.address}/parse", additional_headers={"X-Forwarded-For": address}) as link:
            assert Listener(link).say(**hello).get("code") == code


def test_cookies_mean_nothing_here(site: Site, alice: User) -> None:
    with connect(f"{site.address}/parse", additional_headers={"Cookie": cookie_of(signed_in(alice))}) as link:
        ear = Listener(link)
        ear.connect()
        assert ear.subscribe("Deal")["code"] == 101


def test_to_connect_again_is_to_begin_anew(listen: Listen, alice: User, bob: User) -> None:
    ear = listen(alice)
    ear.follow("Deal")
    first = ear.connect(signed_in_app(bob).token)
    deal = make_deal(alice)
    assert ear.events(bob) == []
    refused = ear.say(op="connect", applicationId="crm", javascriptKey="wrong")
    assert refused["code"] == 4
    ear.follow("Deal")
    make_deal(bob, pk="n0tAlices1")
    event = ear.next()
    assert (event["object"]["objectId"], event["clientId"]) == ("n0tAlices1", first["clientId"])
    assert deal.pk != "n0tAlices1"


def test_a_request_id_taken_twice_is_another_query(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    ear.follow("Deal", {"stage": "lead"})
    ear.follow("Deal", {"stage": "won"})
    make_deal(alice, stage="lead")
    won = make_deal(alice, stage="won")
    assert ear.told(alice) == [("create", won.pk)]


def test_before_connect_there_is_nothing(listen: Listen) -> None:
    ear = listen()
    for operation in ("subscribe", "update", "unsubscribe"):
        ear.send(json.dumps({"op": operation, "requestId": 1, "query": ALL_DEALS}))
        answer = ear.answer()
        assert (answer["code"], answer["reconnect"], answer["requestId"]) == (2, True, None)


def test_who_does_not_connect_is_hung_up_on(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "CONNECT_SECONDS", 0.2)
    assert listen().end()[0] == 1008


def _query(**query: Any) -> Message:
    return {"op": "subscribe", "requestId": 7, "query": {"className": "Deal", "where": {}, **query}}


def _nested(levels: int) -> Any:
    where: Any = {"stage": "lead"}
    for _ in range(levels):
        where = {"$or": [where]}
    return where


_NO_IDS: list[Any] = [None, "7", 7.5, True, [7], {}, 2**53 + 1, 1e300]
_NO_QUERIES: list[Any] = [None, [], "Deal", 5, {}]
_NO_WHERES: list[Any] = [None, [], "{}", 5, False]
_NO_KEYS: list[Any] = ["title", {"title": 1}, [5], [None], 5, True, ["x" * 256]]
REFUSED: list[tuple[Any, int, bool, int | None]] = [
    # a message, the error's code, whether to reconnect, and its requestId
    ([], 1, True, None),
    ("connect", 1, True, None),
    (None, 1, True, None),
    (7, 1, True, None),
    ({}, 1, True, None),
    ({"op": None}, 1, True, None),
    ({"op": ["subscribe"]}, 1, True, None),
    ({"op": "dance", "requestId": 3}, 1, True, None),
    ({"op": "create", "requestId": 3}, 1, True, None),
    ({"op": "Subscribe", "requestId": 3}, 1, True, None),
    ({"op": "connect", "applicationId": 5}, 1, True, None),
    ({"op": "connect", "applicationId": "crm", "javascriptKey": ["js"]}, 1, True, None),
    ({"op": "connect", "applicationId": "crm", "javascriptKey": "js", "sessionToken": {}}, 1, True, None),
    ({"op": "connect", "applicationId": "crm", "javascriptKey": "js", "installationId": 1}, 1, True, None),
    ({"op": "connect", "applicationId": "crm", "javascriptKey": "js", "installationId": "x" * 256}, 1, True, None),
    *(({**_query(), "requestId": each}, 1, True, None) for each in _NO_IDS),
    *(({"op": "unsubscribe", "requestId": each}, 1, True, None) for each in _NO_IDS),
    ({"op": "unsubscribe"}, 1, True, None),
    ({"op": "unsubscribe", "requestId": 6}, 2, False, 6),
    ({"op": "subscribe", "requestId": 7}, 1, True, 7),
    *(({"op": "subscribe", "requestId": 7, "query": each}, 1, True, 7) for each in _NO_QUERIES),
    (_query(className=None), 1, True, 7),
    (_query(className=["Deal"]), 1, True, 7),
    *((_query(where=each), 1, True, 7) for each in _NO_WHERES),
    *((_query(keys=each), 1, True, 7) for each in _NO_KEYS),
    *((_query(fields=each), 1, True, 7) for each in _NO_KEYS),
    *((_query(watch=each), 1, True, 7) for each in _NO_KEYS),
    (_query(limit=5), 1, True, 7),
    ({**_query(), "sessionToken": 5}, 1, True, 7),
    ({**_query(), "sessionToken": "r:" + "0" * 32}, 209, False, 7),
    ({**_query(), "sessionToken": "\ud800"}, 1, True, None),
    ({**_query(), "sessionToken": "r:ä"}, 209, False, 7),
    (json.loads("[" * 99 + "0" + "]" * 99), 1, True, None),
    (json.loads("[" * 300 + "0" + "]" * 300), 1, True, None),
    *((_query(className=each), 101, False, 7) for each in ("_User", "_Role", "_Session", "_Join:users:_Role")),
    *((_query(className=each), 119, False, 7) for each in ("Nope", "", "deal", "auth_user", "Deal ", "x" * 5000)),
    *((_query(keys=[each]), 105, False, 7) for each in ("a b", "", ".", "company.", ".name", "a..b", "company.a b")),
    (_query(watch=["contact.name"]), 102, False, 7),
    (_query(where={"assignedTo.password": "x"}), 102, False, 7),
    (_query(where={"$where": "1"}), 105, False, 7),
    (_query(where={"": 1}), 105, False, 7),
    (_query(where={"ACL": {"$exists": True}}), 102, False, 7),
    (_query(where={"$or": {}}), 102, False, 7),
    (_query(where={"$or": []}), 102, False, 7),
    (_query(where={"$or": {"length": 1}}), 102, False, 7),
    (_query(where=_nested(30)), 102, False, 7),
    (_query(where=_nested(60)), 1, True, None),
    (_query(where={"title": {"$regex": "("}}), 102, False, 7),
    (_query(where={"title": {"$regex": "x{300}"}}), 102, False, 7),
    (_query(where={"title": {"$regex": r"(a)\1"}}), 102, False, 7),
    (_query(where={"title": {"$regex": ["a"]}}), 102, False, 7),
    (_query(where={"amount": {"$regex": "a"}}), 102, False, 7),
    (_query(where={"title": {"$nope": 1}}), 102, False, 7),
    (_query(where={"title": 5}), 102, False, 7),
    (_query(where={"amount": {"$gt": None}}), 102, False, 7),
    (_query(where={"title": {"$in": "a"}}), 107, False, 7),
    (_query(where={"createdAt": {"__type": "Date", "iso": "yesterday"}}), 111, False, 7),
    (_query(where={"contact": {"$inQuery": {"className": "_Session", "where": {}}}}), 119, False, 7),
    (_query(where={"assignedTo": {"$inQuery": {"className": "_User", "where": {"email": "a"}}}}), 119, False, 7),
    (_query(where={"assignedTo": {"$inQuery": {"className": "_User", "where": {"_hash": "a"}}}}), 105, False, 7),
    (_query(where={"title": "a\x00b"}), 1, True, None),
]  # fmt: skip


def test_what_is_no_right_message_is_answered_with_an_error(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    for message, *expected in REFUSED:
        ear.send(json.dumps(message))
        answer = ear.next()
        got = [answer.get(name) for name in ("op", "code", "reconnect", "requestId")]
        assert got == ["error", *expected], (message, answer)
        assert set(answer) == {"op", "error", "code", "reconnect", "requestId"}
        assert isinstance(answer["error"], str)
    ear.follow("Deal")
    deal = make_deal(alice)
    assert ear.told(alice) == [("create", deal.pk)]


def test_text_that_is_no_json_gets_no_answer(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    for text in ("", " ", "{", "hello", '{"op":"connect"', "{'op': 'connect'}", '{"a":NaN}', "[" * 200, "]",
                 "\x00", '"\ud7ff', "\ufeff{}", "[" * 30_000 + "]" * 30_000):  # fmt: skip
        ear.send(text)
    ear.follow("Deal")
    assert ear.heard == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from(["Deal", "title", "stage", "$or", "$in", "$regex", "Pointer", "Date", "(a+)+$", "r:0"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.text(max_size=3) | st.sampled_from(
            ["title", "amount", "contact", "createdAt", "$or", "$and", "$nor", "$in", "$nin", "$regex", "$options",
             "$not", "$exists", "$inQuery", "$select", "$text", "$search", "$term", "className", "where", "query",
             "key", "__type", "objectId", "iso", "$relatedTo", "$all", "$gt"]),
        inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
NAMES = ["op", "requestId", "query", "sessionToken", "applicationId", "javascriptKey", "installationId"]
MESSAGES = st.one_of(
    JSON,
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4),
    st.fixed_dictionaries(
        {"op": st.sampled_from(["subscribe", "update"]), "requestId": st.integers(0, 5)},
        optional={
            "query": st.fixed_dictionaries(
                {"className": st.sampled_from(["Deal", "Contact", "_User"]) | JSON},
                optional=dict.fromkeys(("where", "keys", "fields", "watch", "limit"), JSON),
            ),
            "sessionToken": JSON,
        },
    ),
)
ANSWERS = {"error", "subscribed", "unsubscribed", "connected"}


def test_random_messages_are_answered_and_harm_nobody(site: Site, listen: Listen, alice: User) -> None:
    bystander = listen(alice)
    bystander.follow("Deal")
    token = signed_in_app(alice).token
    ear = listen()
    answered = 0

    @settings(
        max_examples=250,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(MESSAGES)
    def check(message: Any) -> None:
        nonlocal answered, ear
        if answered % 150 == 0:  # more at once are too many
            ear = listen()
            ear.connect(token)
        ear.send(json.dumps(message))
        answer = ear.next(5)
        assert answer["op"] in ANSWERS
        assert answer["op"] != "error" or answer["code"] != 1 or answer["reconnect"]
        answered += 1

    check()
    deal = make_deal(alice)
    assert bystander.told(alice) == [("create", deal.pk)]
    assert site.ask(lambda: len(site.newsroom.queries)) >= 2
