"""For random writes of random people: only what each may change does, and an app that keeps the answer is right.

What an SDK holds after a save is what it sent with the answer put over it; that has to be what is stored.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, User
from crm_site.invariants import findings
from parse_api.access import rows_for
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.classes import CLASSES, Field, Kind
from parse_api.errors import ParseError
from parse_api.queries.find import get
from parse_api.writes import objects, updating
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal, make_manager, make_role, make_user
from tests.parse_api.objects import NOBODY

NAMES = ["Company", "Contact", "Deal", "Activity"]
MASTER = Caller(is_master=True)
JUNK: list[Any] = [
    5,
    True,
    "x",
    [],
    {},
    {"a": 1},
    {"__type": "Date"},
    {"__type": "Nope"},
    {"__op": "Add", "objects": []},
]
VALID: dict[Kind, list[Any]] = {
    Kind.STRING: [
        "",
        " ",
        "lead",
        "won",
        "lost",
        "Other \u20ac",
        "x" * 600,
        {"__op": "SetOnInsert", "amount": "first"},
    ],
    Kind.NUMBER: [0, -1.5, 2**53, 1e300, {"__op": "Increment", "amount": 0.1}, {"__op": "Increment", "amount": -3}],
    Kind.DATE: [{"__type": "Date", "iso": iso} for iso in ("2030-01-02T03:04:05.678Z", "1901-01-01", "9999-12-31")],
}
Snapshot = dict[tuple[str, str], Any]


def snapshot() -> Snapshot:
    """Return everything that is stored, as the master key sees it."""
    rows = ((name, pk) for name in NAMES for pk in rows_for(CLASSES[name], MASTER, "view").values_list("pk", flat=True))
    return {(name, pk): json.loads(get(MASTER, name, pk, {})) for name, pk in rows}


def bodies(name: str, stored: Snapshot, holders: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for bodies that are often valid."""
    known = [*stored, *(("_User", pk) for pk in holders if ":" not in pk), ("Company", NOBODY)]
    pointers = [{"__type": "Pointer", "className": each, "objectId": pk} for each, pk in known]
    rights = st.dictionaries(st.sampled_from(["read", "write"]), st.booleans())
    fields = {
        each.name: values(each, pointers)
        for each in CLASSES[name].fields.values()
        if each.kind in (*VALID, Kind.POINTER)
    }
    for fixed in ("objectId", "lostReason"):  # the first cannot be set, the second goes with the stage
        fields.pop(fixed, None)
    fields["ACL"] = st.dictionaries(st.sampled_from([*holders, "*", "role:Gone", NOBODY]), rights, max_size=3)
    fields["zip"] = st.none()
    names = st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({each: fields[each] for each in chosen}))


def values(field: Field, pointers: list[dict[str, Any]]) -> st.SearchStrategy[Any]:
    """Return a strategy for what a body says of a field: what fits, nothing, or at times what never fits."""
    fitting = VALID.get(field.kind) or [each for each in pointers if each["className"] in field.targets]
    return st.one_of(
        *[st.sampled_from(fitting)] * 5,
        st.sampled_from([None, {"__op": "Delete"}]),
        st.sampled_from([*JUNK, *pointers]),
    )


def merged(before: dict[str, Any], sent: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return what an SDK holds after a save."""
    held = before | {key: value for key, value in sent.items() if not (key == "ACL" and value is None)} | answer
    held["ACL"] = {
        who: given for who, rights in held["ACL"].items() if (given := {key: True for key in rights if rights[key]})
    }
    operations = {key for key, value in held.items() if isinstance(value, dict) and "__op" in value}
    cleared = {key for key in operations if held[key] == {"__op": "Delete"}}
    held |= {key: None if key in cleared else before.get(key) for key in operations}
    return {key: value for key, value in held.items() if value is not None}


def write(caller: Caller, name: str, pk: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Update an object, or make one where `pk` is empty; return the answer, None when it is refused."""
    try:
        with transaction.atomic():
            if pk:
                return updating.update(caller, CLASSES[name], pk, body)
            [outcome] = objects.create_many(caller, name, [body])
    except ParseError:
        return None
    return outcome.body if isinstance(outcome, Answer) else None


class Cast:
    """People and roles with all kinds of rights on a few records."""

    def __init__(self) -> None:
        alice, bob, mira = make_user("alice"), make_user("bob"), make_manager("mira")
        role: Role = make_role("Team", bob)
        company = make_company(alice)
        contact = make_contact(bob, company=company)
        deals = [make_deal(alice, contact=contact, amount=5), make_deal(bob, company=company), make_deal(None)]
        activity = make_activity(alice, related_deal=deals[1])
        share(deals[0], role, ("view", "change"))
        share(activity, bob, ("change",))
        share(contact, alice, ("view",))
        self.people: list[User] = [alice, bob, mira, make_user("mallory")]
        self.holders = [*(person.pk for person in self.people), "role:Team", "role:Managers"]

    def callers(self) -> list[Caller]:
        """Return each person as at the beginning of a request, and the master key."""
        people = [User.objects.get(pk=person.pk) for person in self.people]
        return [*(Caller(user=person) for person in people), MASTER]


RANDOM = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.django_db
def test_random_writes() -> None:
    cast, accepted = Cast(), 0

    @RANDOM
    @given(data=st.data())
    def write_some(data: st.DataObject) -> None:
        nonlocal accepted
        with transaction.atomic():
            accepted += sum(one_write(cast, data) for _ in range(4))
            assert findings() == []
            transaction.set_rollback(True)

    write_some()
    assert accepted > 60


def one_write(cast: Cast, data: st.DataObject) -> bool:
    """Send one write and look at everything; return whether it was accepted."""
    before = snapshot()
    caller = data.draw(st.sampled_from(cast.callers()))
    name, pk = data.draw(st.sampled_from([*before, *((each, "") for each in NAMES)]))
    body = data.draw(bodies(name, before, cast.holders))
    mine = {
        (each, pk) for each in NAMES for pk in rows_for(CLASSES[each], caller, "change").values_list("pk", flat=True)
    }
    answer = write(caller, name, pk, body)
    after = snapshot()
    if answer is None:
        assert after == before
        return False
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed == {(name, pk or answer["objectId"])}
    assert not pk or (name, pk) in mine
    made = {"updatedAt": answer.get("createdAt"), "ACL": {}} if not pk else before[name, pk]
    assert merged(made, body, answer) == after[name, pk or answer["objectId"]]
    return True
