"""For random queries and random writes: events say what the same query finds before and after."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from parse_api.caller import Caller
from parse_api.queries.find import find
from records.access import share
from records.models import Change, Record
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.live.conftest import Listen
from tests.live.listener import FENCE, Listener, Message
from tests.parse_api.test_where_properties import MOMENTS, NUMBERS, TEXTS, Memory, wheres
from tests.parse_api.test_where_properties import people as people

MODELS: dict[str, type[Record]] = {each.__name__: each for each in (Company, Contact, Deal, Activity)}
Objects = dict[str, Message]
TOLD = {"__type": "Object"}
ACROSS = ("$inQuery", "$notInQuery", "$select", "$dontSelect", "$relatedTo")
"""Operators that ask for other rows, of which a later moment counts than that of the change."""


@dataclass
class Follower:
    """Somebody with many queries, and what each of them found last."""

    caller: Caller
    ear: Listener
    queries: dict[int, tuple[str, Any]] = field(default_factory=dict)
    found: dict[int, Objects] = field(default_factory=dict)

    def follow(self, asked: list[tuple[str, Any]]) -> None:
        """Follow these queries in place of others."""
        for number in self.queries:
            assert self.ear.say(op="unsubscribe", requestId=number)["op"] == "unsubscribed"
        self.queries.clear()
        for number, (name, where) in enumerate(asked):
            if self.ear.subscribe(name, where, number)["op"] == "subscribed":
                self.queries[number] = (name, where)
        self.found = {number: self.find(*query) for number, query in self.queries.items()}

    def find(self, name: str, where: Any) -> Objects:
        """Run a query as REST does; return the objects as LiveQuery tells them, by id."""
        answer = json.loads(find(self.caller, name, {"where": where, "limit": 1000}))
        return {each["objectId"]: TOLD | {"className": name} | each for each in answer["results"]}

    def expected(self, changed: set[tuple[str, str]], made: set[str], gone: set[str]) -> list[Message]:
        """Return the events that are due when just these objects have changed, and know what is found by now."""
        events: list[Message] = []
        for number, (name, where) in self.queries.items():
            before, after = self.found[number], self.find(name, where)
            self.found[number] = after
            if _is_clear(name, where, changed):
                ids = (pk for class_name, pk in changed if class_name == name)
                due = (_due(before.get(pk), after.get(pk), pk in made, pk in gone) for pk in ids)
                events += [each | {"requestId": number} for each in due if each]
        return events

    def told(self, changed: set[tuple[str, str]]) -> Iterator[Message]:
        """Return the events that came, without what only REST knows to be there: what an object was before."""
        for event in self.ear.events(self.caller.user):
            name, where = self.queries[event["requestId"]]
            if _is_clear(name, where, changed):
                event.pop("clientId")
                yield event


def _is_clear(name: str, where: Any, changed: set[tuple[str, str]]) -> bool:
    """Tell whether a query finds by the changed object alone, whatever else the transaction changed."""
    return len(changed) == 1 or not any(operator in json.dumps(where) for operator in ACROSS)


def _due(before: Message | None, after: Message | None, is_made: bool, is_gone: bool) -> Message | None:  # noqa: FBT001
    if before and after:
        return {"op": "update", "object": after, "original": before} if before != after else None
    if after:
        return {"op": "create" if is_made else "enter", "object": after}
    if before:
        return {"op": "delete", "object": before} if is_gone else {"op": "leave", "original": before}
    return None


class Writes:
    """Random writes to random records, each in one transaction."""

    def __init__(self, seed: int, people: list[User]) -> None:
        """Throw dice that a seed begins."""
        self._dice, self._people = random.Random(seed), people  # noqa: S311 - a test's dice

    def some(self) -> None:
        """Do one to three things at once."""
        for _ in range(self._dice.choice([1, 1, 1, 2, 3])):
            self._dice.choice([self._edit, self._edit, self._edit, self._make, self._delete, self._share])()

    def _one(self, model: type[Record]) -> Record | None:
        rows = [row for row in model._base_manager.order_by("pk") if not str(row).startswith(FENCE)]
        return self._dice.choice(rows) if rows else None

    def _any(self) -> Record | None:
        return self._one(self._dice.choice(list(MODELS.values())))

    def _edit(self) -> None:
        record = self._any()
        if record is not None:
            type(record)._base_manager.filter(pk=record.pk).update(**self._values(type(record)))

    def _values(self, model: type[Record]) -> dict[str, Any]:
        text = self._dice.choice(TEXTS)
        choices: dict[type[Record], dict[str, Callable[[], Any]]] = {
            Company: {"name": lambda: text or "x", "industry": lambda: text, "notes": lambda: None},
            Contact: {
                "email": lambda: text, "phone": lambda: None, "company": lambda: self._one(Company),
                "created_by": self._person,
            },
            Deal: {
                "title": lambda: text or "x", "stage": lambda: text, "notes": lambda: None,
                "amount": lambda: Decimal(repr(self._dice.choice(NUMBERS))),
                "expected_close_date": lambda: self._dice.choice(MOMENTS),
                "company": lambda: self._one(Company), "contact": lambda: self._one(Contact),
                "assigned_to": self._person,
            },
            Activity: {
                "subject": lambda: text, "description": lambda: None, "related_contact": lambda: None,
                "due_date": lambda: self._dice.choice(MOMENTS), "created_by": self._person,
            },
        }  # fmt: skip
        names = self._dice.sample(sorted(choices[model]), self._dice.randint(1, 3))
        return {name: choices[model][name]() for name in names}

    def _person(self) -> User | None:
        return self._dice.choice([*self._people, None])

    def _make(self) -> None:
        make: Callable[..., Record] = self._dice.choice([make_company, make_contact, make_deal, make_activity])
        make(self._person())

    def _delete(self) -> None:
        record = self._any()
        if record is not None:
            type(record)._base_manager.filter(pk=record.pk).delete()

    def _share(self) -> None:
        record = self._any()
        holder = self._dice.choice([*self._people, *Role.objects.filter(name__in=["Lead", "Won"])])
        if record is not None:
            share(record, holder, self._dice.choice([(), ("view",), ("view", "change")]))


def _written(writes: Writes) -> tuple[set[tuple[str, str]], set[str], set[str]]:
    """Write; return the objects that changed, and the ids of those that came and went."""
    with transaction.atomic():
        writes.some()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            number = cursor.fetchone()[0]
    rows = list(Change.objects.filter(transaction=number, operation__in=["insert", "update", "delete"]).order_by("pk"))
    first, last = {row.object_id: row for row in reversed(rows)}, {row.object_id: row for row in rows}
    made = {pk for pk, row in first.items() if row.old is None}
    gone = {pk for pk, row in last.items() if row.new is None}
    changed = {(row.class_name, row.object_id) for row in rows if not {row.object_id} <= made & gone}
    return changed, made, gone


def test_events_say_what_the_query_finds_before_and_after(listen: Listen, people: list[Caller]) -> None:
    followers = [Follower(caller, listen(caller.user)) for caller in people]
    pointers = [each for caller in people for each in Memory(caller).pointers()]
    queries = st.one_of(*(st.tuples(st.just(name), wheres(name, pointers, 1)) for name in MODELS))
    users = [caller.user for caller in people if caller.user]
    told = 0

    @settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(queries, min_size=20, max_size=20), st.integers(0, 10**6))
    def check(asked: list[tuple[str, Any]], seed: int) -> None:
        nonlocal told
        for follower in followers:
            follower.follow([*((name, {}) for name in MODELS), *asked])
        writes = Writes(seed, users)
        for _ in range(7):
            changed, made, gone = _written(writes)
            for follower in followers:
                due, came = follower.expected(changed, made, gone), list(follower.told(changed))
                told += len(came)
                _compare(due, came)

    check()
    assert told > 40


def _compare(due: list[Message], came: list[Message]) -> None:
    expected, got = ({_key(each): each for each in events} for events in (due, came))
    assert len(got) == len(came), "two events about one object"
    assert {key: each["op"] for key, each in got.items()} == {key: each["op"] for key, each in expected.items()}
    for key, each in expected.items():
        assert {name: got[key].get(name) for name in each} == each


def _key(event: Message) -> tuple[int, str]:
    return event["requestId"], str((event.get("object") or event["original"])["objectId"])
