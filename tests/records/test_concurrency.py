"""Writes that meet: whatever the order, no access outlives its reason and no reason goes without access."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connections, transaction

from accounts.models import Role, User
from activities.models import Activity
from companies.models import Company
from deals.models import Deal, LostReason, Stage
from records.access import may, share
from records.access_list import grants
from records.derived import all_wrong_rows
from records.models import Change
from records.restore import restore
from tests.clock import somebody_waits
from tests.factories import make_activity, make_company, make_contact, make_deal, make_user

pytestmark = pytest.mark.django_db(transaction=True)
Step = Callable[[], object]
PATIENCE = 20.0


def in_thread(step: Step, outcomes: list[object]) -> threading.Thread:
    """Run `step` with a connection of its own; add what it returns, or its error, to `outcomes`."""

    def run() -> None:
        try:
            with transaction.atomic():
                outcomes.append(step())
        except Exception as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def overlap(first: Step, second: Step) -> list[object]:
    """Commit `first` only when `second` is done or waits for it; return their outcomes."""
    outcomes: list[object] = []
    wrote, commit = threading.Event(), threading.Event()

    def held() -> object:
        outcome = first()
        wrote.set()
        commit.wait(PATIENCE)
        return outcome

    threads = [in_thread(held, outcomes)]
    assert wrote.wait(PATIENCE), outcomes
    threads.append(in_thread(second, outcomes))
    deadline = time.monotonic() + PATIENCE
    while threads[1].is_alive() and not somebody_waits() and time.monotonic() < deadline:
        time.sleep(0.005)
    commit.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    return outcomes


def fine(outcomes: list[object]) -> bool:
    """Tell whether both were done and everything derived is right."""
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    return len(outcomes) == 2 and all_wrong_rows() == []


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    "ways", [("delete", "delete"), ("untie", "unshare"), ("unshare", "delete"), ("untie", "untie")]
)
def test_both_reasons_go_at_once(order: int, ways: tuple[str, str]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    company = make_company(alice)
    deal, contact = make_deal(alice, company=company), make_contact(alice, company=company)
    share(deal, bob, ("view",))
    share(contact, bob, ("view",))
    steps: list[Step] = []
    for record, way in zip((deal, contact), ways, strict=True):
        rows = type(record).objects.filter(pk=record.pk)
        steps.append(
            {
                "delete": lambda rows=rows: rows.delete(),
                "untie": lambda rows=rows: rows.update(company=None),
                "unshare": lambda record=record: share(record, bob, ()),
            }[way]
        )
    assert fine(overlap(*steps[::order]))
    assert not may(bob, "view", company)


@pytest.mark.parametrize("order", [1, -1])
def test_one_reason_goes_while_another_comes(order: int) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    company = make_company(alice)
    old = make_deal(bob, company=company)
    steps: list[Step] = [lambda: Deal.objects.filter(pk=old.pk).delete(), lambda: make_deal(bob, company=company)]
    assert fine(overlap(*steps[::order]))
    assert may(bob, "view", company)


@pytest.mark.parametrize("order", [1, -1])
def test_share_and_reassign_at_once(order: int) -> None:
    alice, bob, carol = (make_user(name) for name in ("alice", "bob", "carol"))
    company = make_company(alice)
    deal = make_deal(alice, company=company)
    steps: list[Step] = [
        lambda: share(deal, bob, ("view",)),
        lambda: Deal.objects.filter(pk=deal.pk).update(assigned_to=carol),
    ]
    assert fine(overlap(*steps[::order]))
    assert grants(deal) == {bob.pk: {"view"}, carol.pk: {"view", "change"}}
    assert [may(person, "view", company) for person in (bob, carol)] == [True, True]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("actions", [("view",), ()])
def test_activity_is_logged_while_the_readers_of_its_deal_change(order: int, actions: tuple[str, ...]) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    deal = make_deal(alice)
    share(deal, bob, () if actions else ("view",))
    steps: list[Step] = [lambda: share(deal, bob, actions), lambda: make_activity(alice, related_deal=deal)]
    assert fine(overlap(*steps[::order]))
    assert may(bob, "view", Activity.objects.get()) is bool(actions)


@pytest.mark.parametrize("order", [1, -1])
def test_activity_moves_while_the_readers_of_its_new_deal_change(order: int) -> None:
    alice, bob = make_user("alice"), make_user("bob")
    deal, activity = make_deal(alice), make_activity(alice)
    steps: list[Step] = [
        lambda: share(deal, bob, ("view",)),
        lambda: Activity.objects.filter(pk=activity.pk).update(related_deal=deal),
    ]
    assert fine(overlap(*steps[::order]))
    assert may(bob, "view", activity)


def test_a_deleted_deal_comes_back_once() -> None:
    alice = make_user("alice")
    deal = make_deal(alice)
    deal_pk = deal.pk
    deal.delete()
    deletion = Change.objects.get(object_id=deal_pk, operation="delete")
    outcomes = overlap(lambda: restore(Deal, deletion), lambda: restore(Deal, deletion))
    assert fine(outcomes)
    assert sorted(map(bool, outcomes)) == [False, True]
    assert Change.objects.filter(object_id=deal_pk, operation="insert").count() == 2


def test_a_company_goes_while_a_deal_comes_to_it() -> None:
    alice = make_user("alice")
    company, deal = make_company(alice), make_deal(alice)
    outcomes = overlap(
        lambda: Company.objects.get(pk=company.pk).delete(),
        lambda: Deal.objects.filter(pk=deal.pk).update(company=company),
    )
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1  # the pointer to nothing is refused
    assert Deal.objects.get(pk=deal.pk).company is None
    assert all_wrong_rows() == []


def test_changes_of_a_deal_its_contact_and_their_company_do_not_deadlock() -> None:
    alice, people = make_user("alice"), [make_user() for _ in range(10)]
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact)
    start = threading.Barrier(3)
    outcomes: list[object] = []

    def rounds(record: object) -> None:
        start.wait(PATIENCE)
        for person in people:
            with transaction.atomic():
                share(record, person, ("view",))  # type: ignore[arg-type]
            with transaction.atomic():
                share(record, person, ())  # type: ignore[arg-type]

    def run(record: object) -> None:
        try:
            rounds(record)
        except Exception as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(record,)) for record in (deal, contact, company)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 3)
    assert outcomes == []
    assert Company.objects.values_list("readers", flat=True).get() == [alice.pk]
    assert all_wrong_rows() == []


def test_a_flushed_database_is_seeded_again() -> None:
    call_command("flush", interactive=False, verbosity=0)
    managers = Group.objects.get(name="Managers")
    assert Permission.objects.filter(group=managers, codename="change_deal").exists()
    assert set(Role.objects.values_list("name", flat=True)) == {"*", "Managers"}
    assert Stage.objects.count() == 6
    assert LostReason.objects.exists()
    mira = make_user("mira")
    mira.groups.add(managers)
    assert may(User.objects.get(pk=mira.pk), "change", make_deal(None))
