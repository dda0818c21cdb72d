"""Included objects: which come, what of them is shown, and that each level passes the gate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from parse_api.caller import Caller
from parse_api.errors import ParseError
from parse_api.queries.find import find, get
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal

FIXED = {"objectId", "createdAt", "updatedAt", "ACL"}


def only(user: User, class_name: str = "Deal", **params: Any) -> dict[str, Any]:
    """Return the only row of a list."""
    (row,) = json.loads(find(Caller(user), class_name, params))["results"]
    return dict(row)


@pytest.fixture
def ann(alice: User) -> User:
    """Return alice with a deal whose contact and company have fields of their own."""
    company = make_company(alice, name="Alpha", industry="Steel")
    contact = make_contact(alice, name="Kim", company=company, email="kim@example.test")
    make_deal(alice, title="one", contact=contact, company=company)
    return alice


def test_include_puts_the_object_in_place_of_the_pointer(ann: User) -> None:
    row = only(ann, include="company", keys="title,company")
    assert set(row) == FIXED | {"title", "company"}
    assert set(row["company"]) == FIXED | {"name", "industry", "createdBy", "__type", "className"}
    assert (row["company"]["__type"], row["company"]["className"]) == ("Object", "Company")
    assert row["company"]["ACL"] == {ann.pk: {"read": True, "write": True}}
    assert json.loads(get(Caller(ann), "Deal", row["objectId"], {"include": "company", "keys": "title,company"})) == row


def test_nested_include_brings_the_levels_between(ann: User) -> None:
    row = only(ann, include="contact.company", keys="contact")
    assert row["contact"]["name"] == "Kim"
    assert row["contact"]["company"]["name"] == "Alpha"
    assert row["contact"]["createdBy"]["__type"] == "Pointer"


@pytest.mark.parametrize("params", [{"includeAll": True}, {"include": "*"}, {"includeAll": "true"}])
def test_include_all_brings_every_pointer_one_level(ann: User, params: dict[str, Any]) -> None:
    row = only(ann, **params)
    assert {name: row[name]["__type"] for name in ("company", "contact", "assignedTo")} == dict.fromkeys(
        ("company", "contact", "assignedTo"), "Object"
    )
    assert row["contact"]["company"]["__type"] == "Pointer"


def test_dotted_keys_pick_fields_and_include_by_themselves(ann: User) -> None:
    row = only(ann, keys="title,company.name,contact.company.industry")
    assert set(row["company"]) == FIXED | {"name", "__type", "className"}
    assert set(row["contact"]) == FIXED | {"company", "__type", "className"}
    assert set(row["contact"]["company"]) == FIXED | {"industry", "__type", "className"}
    assert "company" not in only(ann, keys="title", include="company")


def test_exclude_keys_reach_into_included_objects(ann: User) -> None:
    row = only(ann, include="company,contact", excludeKeys="contact,company.name,company.objectId")
    assert "contact" not in row
    assert set(row["company"]) == FIXED | {"industry", "createdBy", "__type", "className"}


def test_dotted_exclude_keys_include_by_themselves(ann: User) -> None:
    row = only(ann, excludeKeys="company.name,contact.company.industry")
    assert set(row["company"]) == FIXED | {"industry", "createdBy", "__type", "className"}
    assert set(row["contact"]) == FIXED | {"name", "email", "company", "createdBy", "__type", "className"}
    assert set(row["contact"]["company"]) == FIXED | {"name", "createdBy", "__type", "className"}
    assert row["assignedTo"]["__type"] == "Pointer"
    assert "company" not in only(ann, keys="title", excludeKeys="company.name")


def test_exclude_keys_win_over_dotted_keys(ann: User) -> None:
    assert set(only(ann, keys="title,company.name", excludeKeys="company.name")) == FIXED | {"title"}


def test_unknown_and_plain_names_are_ignored(ann: User) -> None:
    row = only(ann, include="nonesuch,title,company.nonesuch.x,,")
    assert row["title"] == "one"
    assert row["company"]["createdBy"]["__type"] == "Pointer"


def test_missing_pointer_stays_missing(alice: User) -> None:
    make_contact(alice, name="a")
    assert "company" not in only(alice, "Contact", include="company")


def test_what_one_may_not_read_is_left_out(alice: User, bob: User, mira: User) -> None:
    deal = make_deal(alice)
    about = make_activity(alice, related_deal=deal)
    share(about, bob, ("view",))
    assert "relatedTo" not in only(bob, "Activity", include="relatedTo")
    assert only(bob, "Activity")["relatedTo"]["objectId"] == deal.pk
    assert only(mira, "Activity", include="relatedTo")["relatedTo"]["title"] == deal.title


def test_what_follows_from_a_deal_is_included(alice: User, bob: User) -> None:
    contact = make_contact(alice, company=make_company(alice, name="Alpha"))
    share(make_deal(alice, contact=contact), bob, ("view",))
    row = only(bob, include="contact.company")
    assert row["contact"]["company"]["name"] == "Alpha"
    assert row["contact"]["ACL"] == {alice.pk: {"read": True, "write": True}}


def test_included_user_shows_what_a_get_would(alice: User, bob: User) -> None:
    share(make_deal(alice), bob, ("view",))
    assert only(alice, include="assignedTo")["assignedTo"]["email"] == alice.email
    assert not {"email", "ACL", "password"} & set(only(bob, include="assignedTo")["assignedTo"])


def test_related_to_includes_from_both_classes(alice: User) -> None:
    make_activity(alice, subject="a", related_deal=make_deal(alice, title="Big"))
    make_activity(alice, subject="b", related_contact=make_contact(alice, name="Kim"))
    rows = json.loads(find(Caller(alice), "Activity", {"include": "relatedTo.assignedTo", "order": "subject"}))[
        "results"
    ]
    assert [row["relatedTo"].get("title", row["relatedTo"].get("name")) for row in rows] == ["Big", "Kim"]
    assert [row["relatedTo"]["className"] for row in rows] == ["Deal", "Contact"]
    assert rows[0]["relatedTo"]["assignedTo"]["username"] == "alice"


@pytest.mark.parametrize("include", ["a" + ".a" * 10, ",".join(f"a{n}" for n in range(101)), {"a": 1}, [1], 5])
def test_too_much_is_refused(alice: User, include: object) -> None:
    with pytest.raises(ParseError) as caught:
        find(Caller(alice), "Deal", {"include": include})
    assert caught.value.code == 102
