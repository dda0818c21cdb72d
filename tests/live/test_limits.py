"""Nobody makes the others wait, or the memory run out, by what he asks."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from accounts.models import User
from deals.models import Deal
from parse_api.caller import Caller
from parse_api.livequery import decider, quotas, socket
from parse_api.livequery.changes import Change, change_of
from parse_api.livequery.index import Index
from parse_api.livequery.messages import Subscribe
from parse_api.livequery.queries import LiveQuery, read_query
from parse_api.livequery.subscriptions import Subscription
from parse_api.livequery.viewers import Viewer
from records.live.feed import LoggedChange, Snapshot
from records.live.sight import Sight
from records.models import Change as LoggedRow
from tests.factories import make_company, make_deal, make_role
from tests.live.conftest import Listen
from tests.live.following import eventually
from tests.live.listener import Listener, Message
from tests.live.newsroom import Site
from tests.parse_api.app import signed_in_app
from tests.parse_api.test_bad_queries import SLOW

TOO_MANY = 155
ANY = {"$regex": "[a-z]", "$options": "i"}
"""A condition that PostgreSQL decides."""


def code_of(answer: Message) -> Any:
    """Return the code of an answer that is an error."""
    return answer.get("code")


def test_a_connection_follows_a_hundred_queries(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    for number in range(100):
        ear.follow("Deal", {"stage": f"{number}"}, number)
    refused = ear.subscribe("Deal", {}, 100)
    assert (refused["code"], refused["reconnect"], refused["requestId"]) == (TOO_MANY, False, 100)
    ear.follow("Deal", {"stage": "other"}, 7)
    assert ear.say(op="unsubscribe", requestId=3)["op"] == "unsubscribed"
    ear.follow("Deal", {}, 100)
    assert code_of(ear.subscribe("Deal", {}, 101)) == TOO_MANY
    deal = make_deal(alice, stage="other")
    assert {(each["requestId"], each["object"]["objectId"]) for each in (ear.next(), ear.next())} == {
        (7, deal.pk),
        (100, deal.pk),
    }


def test_subscriptions_that_ended_take_no_place(
    listen: Listen, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parse_api.livequery.socket.SUBSCRIPTIONS", 2)
    ear, app = listen(bob), signed_in_app(alice)
    for number in (1, 2):
        query = {"className": "Deal", "where": {}}
        assert ear.say(op="subscribe", requestId=number, query=query, sessionToken=app.token)["op"] == "subscribed"
    assert code_of(ear.subscribe("Deal", {}, 3)) == TOO_MANY
    app.post("/logout")
    assert [ear.next()["code"], ear.next()["code"]] == [209, 209]
    ear.follow("Deal", {}, 3)


def test_a_person_has_twenty_connections(site: Site, listen: Listen, alice: User, bob: User) -> None:
    token = signed_in_app(alice).token
    ears = [listen() for _ in range(quotas.CONNECTIONS + 1)]
    for ear in ears:
        ear.connect(token)
    for ear in ears[:-1]:
        ear.follow("Deal")
    assert code_of(ears[-1].subscribe("Deal")) == TOO_MANY
    assert ears[-1].end()[0] == 1008
    others = listen(bob)
    others.follow("Deal")
    ears[0].link.close()
    eventually(lambda: site.ask(lambda: len(site.newsroom.queries)) == quotas.CONNECTIONS)
    again = listen()
    again.connect(token)
    again.follow("Deal")
    ears[1].follow("Deal", {}, 2)


def test_a_persons_queries_have_so_many_conditions(listen: Listen, alice: User, bob: User) -> None:
    """Else a hundred queries of a thousand conditions on each of twenty connections would be looked at each change."""
    large = {"stage": {"$in": [f"{number}" for number in range(quotas.CONDITIONS // 3)]}}
    first, second = listen(alice), listen(alice)
    first.follow("Deal", large, 1)
    second.follow("Deal", large, 1)
    assert code_of(first.subscribe("Deal", large, 2)) == TOO_MANY
    assert code_of(second.subscribe("Deal", {}, 2, watch=["title"] * 7_000)) is None
    assert code_of(second.subscribe("Deal", {}, 3, keys=[f"a{n}" for n in range(7_000)])) == TOO_MANY
    first.follow("Deal", large, 1)
    listen(bob).follow("Deal", large, 1)
    second.say(op="unsubscribe", requestId=1)
    first.follow("Deal", large, 2)
    second.link.close()
    eventually(lambda: code_of(first.subscribe("Deal", {"stage": {"$in": ["a"] * 5_000}}, 3)) is None)


def test_a_message_that_is_too_long_and_too_many_at_once_end_a_connection(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    ear.send(" " * 65_537)
    assert ear.end()[0] == 1009
    ear = listen(alice)
    with suppress(ConnectionClosed):
        for _ in range(400):
            ear.send("no JSON")
    assert ear.end()[0] == 1008


def test_what_waits_to_be_answered_is_bounded_in_size(
    listen: Listen, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = listen(alice)
    monkeypatch.setattr(socket, "_WAITING_CHARACTERS", 200)
    ear.follow("Deal", {"title": "x"})
    ear.send(json.dumps({"op": "unsubscribe", "requestId": 1, "padding": "x" * 200}))
    assert ear.end()[0] == 1008


def test_only_the_where_of_somebody_is_read(listen: Listen, alice: User) -> None:
    """A long one takes its time; what is wrong with it is for those who may ask."""
    wrong = {"title": {"$nonsense": 1}}
    stranger = listen()
    stranger.connect()
    assert code_of(stranger.subscribe("Deal", wrong)) == 101
    assert code_of(stranger.say(op="connect", applicationId="crm", javascriptKey="js", sessionToken="r:x")) is None
    assert code_of(stranger.subscribe("Deal", wrong)) == 209
    assert code_of(listen(alice).subscribe("Deal", wrong)) == 102


def test_a_burst_of_subscriptions_is_answered_in_its_order(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    for number in range(150):
        operation = "subscribe" if number % 2 == 0 else "unsubscribe"
        ear.send(f'{{"op":"{operation}","requestId":{number // 2},"query":{{"className":"Deal","where":{{}}}}}}')
    answers = [ear.next() for _ in range(150)]
    assert [each["op"] for each in answers] == ["subscribed", "unsubscribed"] * 75
    assert [each["requestId"] for each in answers] == [number // 2 for number in range(150)]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_that_hang_other_servers(listen: Listen, alice: User, pattern: str) -> None:
    ear, other = listen(alice), listen(alice)
    other.follow("Deal")
    ear.subscribe("Deal", {"notes": {"$regex": pattern}})
    deal = make_deal(alice, notes="a" * 5_000 + "!")
    assert other.told(alice) == [("create", deal.pk)]
    assert ear.events(alice) is not None


def test_a_query_that_takes_too_long_ends_and_holds_nobody_up(
    site: Site, listen: Listen, alice: User, bob: User
) -> None:
    """One person's queries take turns, so that the threads are there for others."""
    slow, same, others = listen(alice), listen(alice), listen(bob)
    for number in range(6):
        slow.follow("Deal", {"notes": {"$regex": f"{SLOW}|{number}(x|y)"}}, number)
    same.follow("Deal")
    others.follow("Deal", {"title": ANY})
    make_deal(alice, notes="a" * 48_000)
    deal, role = make_deal(bob), make_role("Sales")
    assert others.told(bob) == [("create", deal.pk)]
    role.user_set.add(bob)
    signed_in_app(bob).post("/logout")
    assert others.told(bob) == []
    assert site.ask(lambda: sum(len(each.waiting) for each in _followed(site))) > 0, "the slow ones still wait"
    ended = [slow.next() for _ in range(6)]
    assert {(each["op"], each["code"]) for each in ended} == {("error", 102)}
    assert len(same.told(alice)) == 1


def _followed(site: Site) -> list[Subscription]:
    viewers = site.newsroom.queries._viewers.values()
    return [each for viewer in viewers for each in viewer.subscriptions]


def test_one_that_falls_too_far_behind_asks_again(listen: Listen, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "_WAITING", 3)
    ear = listen(alice)
    ear.follow("Deal", {"title": ANY})
    Deal._base_manager.bulk_create([Deal(title="a", stage="lead", assigned_to=alice) for _ in range(8)])
    *_, error = ear.events(alice)
    assert (error["op"], error["code"], error["reconnect"]) == ("error", 102, True)


def test_many_changes_at_once_are_decided_in_their_order(listen: Listen, alice: User) -> None:
    ear = listen(alice)
    ear.follow("Deal", {"title": ANY})
    deals = [Deal(title=f"a {n}" if n % 2 else "1", stage="lead", assigned_to=alice) for n in range(300)]
    Deal._base_manager.bulk_create(deals)
    found = [ear.next() for _ in range(150)]
    assert [each["object"]["objectId"] for each in found] == [each.pk for each in deals if each.title != "1"]
    assert ear.events(alice) == []


def test_who_does_not_read_is_cut_off_and_the_others_hear(site: Site, listen: Listen, alice: User) -> None:
    deaf, ear = listen(alice), listen(alice)
    deaf.follow("Company")
    ear.follow("Company", {}, keys=["name"])
    deaf.link.recv_messages.pause()
    companies = [make_company(alice, notes="x" * 300_000) for _ in range(60)]
    assert ear.told(alice) == [("create", each.pk) for each in companies]
    eventually(lambda: site.ask(lambda: len(site.newsroom.queries)) == 1)
    deaf.link.recv_messages.resume()


def _query(where: Message) -> LiveQuery:
    return read_query(Subscribe(1, "Deal", where, None, None, ""), is_master=False)


def _follower(reader: str, query: LiveQuery) -> Subscription:
    viewer = Viewer(Caller())
    viewer.sight = Sight(frozenset({reader}))
    return Subscription(1, query, viewer, Snapshot(0, 0, frozenset()), _unheard, "")


def _unheard(text: str) -> None:
    raise AssertionError(text)


def _change(deal: Deal, operation: str) -> Change:
    row = LoggedRow.objects.filter(object_id=deal.pk, operation=operation).latest("pk")
    old, new = (None if each is None else json.dumps(each) for each in (row.old, row.new))
    return change_of(LoggedChange(row.pk, "Deal", deal.pk, "", row.transaction, old, new))


@pytest.mark.parametrize("where", [{}, {"stage": "lead"}, {"title": ANY}, {"amount": {"$gt": 5}}])
def test_what_others_follow_costs_a_change_nothing(alice: User, where: Message) -> None:
    index, query = Index(), _query(where)
    for number in range(10_000):
        index.add(_follower(f"p{number:09}", query))
    change = _change(make_deal(alice, stage="lead"), "insert")
    assert index.concerned(change) == set()
    mine = _follower(alice.pk, query)
    index.add(mine)
    assert index.concerned(change) == {mine}
    index.remove(mine)
    assert index.concerned(change) == set()


def test_queries_by_a_value_are_found_by_it(alice: User) -> None:
    index = Index()
    by_stage = [_follower(alice.pk, _query({"stage": f"{number}"})) for number in range(500)]
    for each in by_stage:
        index.add(each)
    deal = make_deal(alice, stage="7")
    Deal._base_manager.filter(pk=deal.pk).update(stage="8")
    assert index.concerned(_change(deal, "update")) == {by_stage[7], by_stage[8]}
    for each in by_stage:
        index.remove(each)
    assert (len(index), index._readers) == (0, {})


def test_a_connection_that_goes_leaves_nothing_behind(site: Site, listen: Listen, alice: User) -> None:
    ears: list[Listener] = [listen(alice) for _ in range(3)]
    for ear in ears:
        ear.follow("Deal", {"stage": "lead"}, 1)
        ear.follow("Deal", {"title": ANY}, 2)
        ear.link.close()
    hub = site.newsroom.queries
    eventually(lambda: site.ask(lambda: len(hub)) == 0)
    assert site.ask(lambda: (hub._viewers, [len(each) for each in hub._indexes.values()])) == ({}, [0] * 4)
    assert site.ask(lambda: (hub.quotas._connections, hub.quotas._people, hub.quotas._conditions)) == ({}, {}, {})
