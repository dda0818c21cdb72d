"""Queries of one form share their SQL, and nothing else: no value, no person, no right."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from parse_api.caller import Caller
from parse_api.queries import find as finding
from parse_api.queries import recipes
from parse_api.queries.find import find, get
from records.access import share
from tests.factories import make_company, make_contact, make_deal, make_role

SOON, LATER = ({"__type": "Date", "iso": f"203{digit}-01-01T00:00:00.000Z"} for digit in "01")


def titles(user: User, **params: Any) -> list[str]:
    """Return the titles of the deals that the user finds, in order."""
    rows = json.loads(find(Caller(user), "Deal", {"order": "title", **params}))["results"]
    return [row["title"] for row in rows]


@pytest.fixture
def deals(alice: User, bob: User) -> None:
    """Make deals of alice and bob that differ in every way that a where can ask for."""
    company = make_company(alice, name="Acme")
    for number, (owner, stage) in enumerate([(alice, "lead"), (alice, "won"), (bob, "lead"), (bob, "x'y\"%s")]):
        make_deal(
            owner,
            title=f"{owner.username} {number}",
            stage=stage,
            amount=Decimal(number),
            company=company if number == 0 else None,
            expected_close_date=datetime(2030 + number, 1, 1, tzinfo=UTC),
        )


@pytest.mark.usefixtures("deals")
def test_one_form_has_one_recipe_for_every_value_and_person(alice: User, bob: User) -> None:
    titles(alice, where={"stage": "anything"})
    before = recipes._recipe.cache_info()
    assert titles(alice, where={"stage": "lead"}) == ["alice 0"]
    assert titles(alice, where={"stage": "won"}) == ["alice 1"]
    assert titles(bob, where={"stage": "lead"}) == ["bob 2"]
    assert titles(bob, where={"stage": "x'y\"%s"}) == ["bob 3"]
    after = recipes._recipe.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (4, 0)


@pytest.mark.usefixtures("deals")
def test_a_manager_has_a_recipe_of_his_own(alice: User, mira: User) -> None:
    for _ in range(2):
        assert titles(alice, where={"stage": "lead"}) == ["alice 0"]
        assert titles(mira, where={"stage": "lead"}) == ["alice 0", "bob 2"]


@pytest.mark.usefixtures("deals")
def test_roles_count_from_the_next_request(alice: User, bob: User) -> None:
    deal = make_deal(bob, title="shared", stage="lead")
    assert titles(alice, where={"stage": "lead"}) == ["alice 0"]
    share(deal, make_role("Sales", alice), ("view",))
    assert titles(User.objects.get(pk=alice.pk), where={"stage": "lead"}) == ["alice 0", "shared"]


@pytest.mark.usefixtures("deals")
def test_who_was_deactivated_finds_nothing(alice: User) -> None:
    assert titles(alice, where={"stage": "lead"})
    alice.is_active = False
    assert titles(alice, where={"stage": "lead"}) == []


WHERES: list[dict[str, Any]] = [
    {},
    {"stage": "lead"},
    {"stage": {"$ne": "lead"}},
    {"stage": {"$gt": "l", "$lt": "w"}},
    {"amount": 1},
    {"amount": {"$gte": 1, "$lt": 3}},
    {"amount": {"$gte": 1e300}},
    {"expectedCloseDate": SOON},
    {"expectedCloseDate": {"$gt": SOON, "$lte": LATER}},
    {"createdAt": {"$gt": {"__type": "Date", "iso": "2020-01-01T00:00:00.000Z"}}},
    {"company": {"$exists": True}},
    {"company": {"$exists": False}, "stage": "won"},
    {"company": {"__type": "Pointer", "className": "Company", "objectId": "aaaaaaaaaa"}},
    {"company": {"__type": "Pointer", "className": "Contact", "objectId": "aaaaaaaaaa"}},
    {"company": {"$inQuery": {"className": "Company", "where": {"name": "Acme"}}}},
    {"company": {"$notInQuery": {"className": "Company", "where": {"name": "Acme"}}}},
    {"$or": [{"stage": "won"}, {"amount": 0}]},
    {"$nor": [{"stage": "won"}, {"amount": 0}]},
    {"$and": [{"stage": "lead"}, {"stage": "lead"}]},
    {"stage": ""},
    {"stage": None},
    {"stage": {"$in": ["lead", "won"]}},
    {"stage": {"$regex": "^l"}},
    {"nosuch": 1},
]


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize("where", WHERES, ids=json.dumps)
def test_a_recipe_finds_what_the_query_finds(
    alice: User, mira: User, monkeypatch: pytest.MonkeyPatch, where: dict[str, Any]
) -> None:
    params = {"where": where, "order": "-amount", "count": 1, "include": "company", "skip": 0}
    with_recipe = [find(Caller(user), "Deal", params) for user in (alice, mira)]
    monkeypatch.setattr(finding, "SHARED", ())
    assert [find(Caller(user), "Deal", params) for user in (alice, mira)] == with_recipe


@pytest.mark.usefixtures("deals")
def test_a_form_with_very_many_values_has_no_recipe(alice: User) -> None:
    before = recipes._recipe.cache_info()
    assert titles(alice, where={"$or": [{"stage": "lead"}] * 30}) == ["alice 0"]
    assert recipes._recipe.cache_info() == before


def test_conditions_without_values_are_not_kept_without_end(alice: User) -> None:
    before = recipes._recipe.cache_info()
    assert titles(alice, where={"$or": [{"stage": {"$exists": True}}] * 320}) == []
    assert titles(alice, where={"$and": [{}] * 320}) == []
    assert recipes._recipe.cache_info() == before


def test_options_that_are_not_remembered_push_no_recipe_out(alice: User) -> None:
    before = recipes._recipe.cache_info()
    long = ",".join(f"nosuch{number}" for number in range(100))
    for _ in range(2):
        assert titles(alice, include=long) == []
        assert json.loads(get(Caller(alice), "_User", alice.pk, {"include": long}))["objectId"] == alice.pk
    assert recipes._recipe.cache_info() == before


def test_names_that_a_client_makes_up_are_not_kept(alice: User) -> None:
    before = recipes._recipe.cache_info()
    pointer = {"__type": "Pointer", "className": "x" * 1000, "objectId": "aaaaaaaaaa"}
    assert titles(alice, where={"company": pointer}) == []
    assert titles(alice, where={"x" * 1000: 1}) == []
    assert recipes._recipe.cache_info() == before


def test_single_objects_share_a_recipe_too(alice: User, bob: User) -> None:
    contacts = [make_contact(owner, name=owner.username) for owner in (alice, bob)]
    for contact, owner in zip(contacts, (alice, bob), strict=True):
        assert json.loads(get(Caller(owner), "Contact", contact.pk, {}))["name"] == owner.username
    users = [json.loads(get(Caller(alice), "_User", user.pk, {})) for user in (alice, bob)]
    assert ["email" in user for user in users] == [True, False]
