"""Reading a record because of another one: every line of the table, and when the reason goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from records.access import may, share
from records.derived import all_wrong_rows
from records.implied import REASONS, Kind, Reason
from records.models import Record
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

pytestmark = pytest.mark.django_db
MAKERS: dict[str, Any] = {
    "company": make_company,
    "contact": make_contact,
    "deal": make_deal,
    "activity": make_activity,
}
LINES = [pytest.param(line, id=f"{line.target.model}-through-{line.source.model}") for line in REASONS]


def tied(reason: Reason, owner: User) -> tuple[Record, Record]:
    """Make a source and a target that `reason` ties, both `owner`'s."""

    def make(kind: Kind, **fields: Any) -> Record:
        record: Record = MAKERS[kind.model](owner, **fields)
        return record

    if reason.pointer_on_target:
        source = make(reason.source)
        return source, make(reason.target, **{reason.pointer: source.pk})
    target = make(reason.target)
    return make(reason.source, **{reason.pointer: target.pk}), target


def untie(reason: Reason, source: Record, target: Record) -> None:
    """Clear the pointer."""
    holder = target if reason.pointer_on_target else source
    type(holder).objects.filter(pk=holder.pk).update(**{reason.pointer: None})


def hand_over(source: Record, person: User | None) -> None:
    """Make `person` the owner."""
    type(source).objects.filter(pk=source.pk).update(**{source.owner_field: person})


@pytest.mark.parametrize("reason", LINES)
def test_who_reads_the_source_reads_the_target_and_no_more(
    reason: Reason, alice: User, bob: User, mallory: User
) -> None:
    source, target = tied(reason, alice)
    assert not may(bob, "view", target)
    share(source, bob, ("view", "change"))
    assert may(bob, "view", target)
    assert not may(bob, "change", target)
    assert not may(mallory, "view", target)
    assert type(target).objects.values_list("acl", flat=True).get(pk=target.pk) == {
        alice.pk: {"read": True, "write": True}
    }
    assert all_wrong_rows() == []


@pytest.mark.parametrize("reason", LINES)
@pytest.mark.parametrize("end", ["unshare", "untie", "delete"])
def test_access_goes_with_its_reason(reason: Reason, end: str, alice: User, bob: User) -> None:
    source, target = tied(reason, alice)
    share(source, bob, ("view",))
    if end == "unshare":
        share(source, bob, ())
    elif end == "untie" or reason.pointer_on_target:
        untie(reason, source, target)
    else:
        source.delete()
    assert not may(bob, "view", target)
    assert may(alice, "view", target)
    assert all_wrong_rows() == []


@pytest.mark.parametrize("reason", LINES)
def test_hand_over_of_the_source_moves_what_follows(reason: Reason, alice: User, bob: User, mallory: User) -> None:
    source, target = tied(reason, alice)
    hand_over(source, bob)
    assert may(bob, "view", target)
    hand_over(source, mallory)
    assert not may(bob, "view", target)
    assert may(mallory, "view", target)
    hand_over(source, None)
    assert not may(mallory, "view", target)
    assert all_wrong_rows() == []


@pytest.mark.parametrize("reason", LINES)
@pytest.mark.parametrize("name", ["Team", "*"])
def test_roles_and_everybody_read_what_follows(reason: Reason, name: str, alice: User, bob: User) -> None:
    make_role("Team", bob)
    source, target = tied(reason, alice)
    group = Group.objects.get(name=name)
    share(source, group, ("view",))
    assert may(bob, "view", target)
    share(source, group, ())
    assert not may(bob, "view", target)


@pytest.mark.parametrize("reason", LINES)
def test_a_grant_of_ones_own_outlives_the_reason(reason: Reason, alice: User, bob: User) -> None:
    source, target = tied(reason, alice)
    share(source, bob, ("view",))
    share(target, bob, ("view",))
    share(source, bob, ())
    assert may(bob, "view", target)
    share(source, bob, ("view",))
    share(target, bob, ())
    assert may(bob, "view", target)


def test_one_of_two_reasons_is_enough(alice: User, bob: User) -> None:
    company = make_company(alice)
    deals = [make_deal(bob, company=company) for _ in range(2)]
    deals[0].delete()
    assert may(bob, "view", company)
    deals[1].delete()
    assert not may(bob, "view", company)


def test_reasons_reach_through_a_chain(alice: User, bob: User) -> None:
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, contact=contact)
    on_deal, on_contact = make_activity(alice, related_deal=deal), make_activity(alice, related_contact=contact)
    chain = (deal, contact, company, on_deal, on_contact)

    def seen() -> list[bool]:
        return [may(bob, "view", record) for record in chain]

    share(deal, bob, ("view",))
    assert seen() == [True] * 5
    share(deal, bob, ())
    assert seen() == [False] * 5
    share(contact, bob, ("view",))
    assert seen() == [False, True, True, False, True]
    assert all_wrong_rows() == []


@pytest.mark.parametrize("make", [make_company, make_contact])
def test_reading_a_parent_shows_nothing_below(make: Callable[[User], Record], alice: User, bob: User) -> None:
    parent = make(alice)
    deal = make_deal(alice, **{str(parent._meta.model_name): parent})
    share(parent, bob, ("view", "change"))
    assert not may(bob, "view", deal)
