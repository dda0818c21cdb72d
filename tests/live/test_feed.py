"""The feed tells each committed change once, none before its commit, whatever order transactions end in."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import ApiSession, User
from accounts.rights import KEPT, RightsChange
from deals.models import Deal
from records.live import feed
from records.live.feed import Snapshot
from records.models import Change
from tests.factories import make_deal, make_manager, make_role, make_user
from tests.live.following import PATIENCE, eventually, reading

pytestmark = pytest.mark.django_db(transaction=True)


class Writer:
    """A transaction on a connection of its own, which does its steps when it is told to."""

    def __init__(self) -> None:
        """Begin it."""
        self._steps: list[Callable[[], object] | None] = []
        self._more = threading.Condition()
        self._done = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            with transaction.atomic():
                while (step := self._next()) is not None:
                    step()
                    self._done.release()
        finally:
            connections.close_all()

    def _next(self) -> Callable[[], object] | None:
        with self._more:
            assert self._more.wait_for(lambda: self._steps, PATIENCE)
            return self._steps.pop(0)

    def do(self, step: Callable[[], object] | None) -> None:
        """Have a step done; None commits."""
        with self._more:
            self._steps.append(step)
            self._more.notify()
        if step is None:
            self._thread.join()
        else:
            assert self._done.acquire(timeout=PATIENCE)

    def commit(self) -> None:
        """Commit it."""
        self.do(None)


def retitle(deal: Deal, title: str) -> Callable[[], object]:
    """Return a step that gives a deal another title."""
    return lambda: Deal._base_manager.filter(pk=deal.pk).update(title=title)


def titles(changes: list[Any]) -> list[str]:
    """Return the titles that deals were given."""
    return [change.new["title"] for change in changes if change.new]


def test_a_transaction_that_commits_late_is_not_lost_and_holds_nobody_up(alice: User) -> None:
    slow, quick = make_deal(alice), make_deal(alice)
    with reading() as found:
        late = Writer()
        late.do(retitle(slow, "late"))
        Deal._base_manager.filter(pk=quick.pk).update(title="quick")
        eventually(lambda: titles(found.changes) == ["quick"])
        late.commit()
        eventually(lambda: titles(found.changes) == ["quick", "late"])


def test_one_deal_is_told_in_the_order_of_commits_though_the_later_transaction_began_first(alice: User) -> None:
    """The second to change the deal has the smallest number, and between the two an older one still runs."""
    deal, other, held = make_deal(alice), make_deal(alice), make_deal(alice)
    with reading() as found:
        second, oldest, first = Writer(), Writer(), Writer()
        second.do(retitle(other, "begins"))
        oldest.do(retitle(held, "still runs"))
        first.do(retitle(deal, "one"))
        first.commit()
        eventually(lambda: titles(found.changes) == ["one"])
        second.do(retitle(deal, "two"))
        second.commit()
        eventually(lambda: titles(found.changes) == ["one", "begins", "two"])
        oldest.commit()
        eventually(lambda: titles(found.changes) == ["one", "begins", "two", "still runs"])


def test_nothing_is_told_of_what_was_rolled_back(alice: User) -> None:
    deal = make_deal(alice)
    with reading() as found:
        with transaction.atomic():
            retitle(deal, "never")()
            transaction.set_rollback(True)
        retitle(deal, "after")()
        eventually(lambda: found.changes)
        assert titles(found.changes) == ["after"]


def test_what_was_committed_before_is_not_told(alice: User) -> None:
    deal = make_deal(alice)
    with reading() as found:
        retitle(deal, "after")()
        eventually(lambda: found.changes)
        assert titles(found.changes) == ["after"]


def test_more_than_a_page_in_one_transaction(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 20)
    with reading() as found:
        with transaction.atomic():
            Deal._base_manager.bulk_create([Deal(title=f"{n}", stage="lead", assigned_to=alice) for n in range(60)])
        with transaction.atomic():
            make_deal(alice, title="after")
        eventually(lambda: titles(found.changes)[-1:] == ["after"])
        assert sorted(map(int, titles(found.changes)[:-1])) == list(range(60))
        assert max(len(news.changes) for news in found.news) == 20


def _write_at_random(deals: list[Deal], seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    for _ in range(25):
        with transaction.atomic():
            for deal in sorted(dice.sample(deals, dice.randint(1, 3)), key=lambda each: each.pk):
                retitle(deal, f"{seed}/{dice.random()}")()
                time.sleep(dice.choice([0, 0, 0.001, 0.01]))
            transaction.set_rollback(dice.random() < 0.3)
    connections.close_all()


def test_random_transactions_are_told_once_each_and_in_order(alice: User) -> None:
    deals = [make_deal(alice) for _ in range(8)]
    start = Change.objects.latest("id").pk
    with reading() as found:
        writers = [threading.Thread(target=_write_at_random, args=(deals, seed)) for seed in range(6)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        retitle(deals[0], "the end")()
        eventually(lambda: titles(found.changes)[-1:] == ["the end"])
    committed = list(Change.objects.filter(pk__gt=start).order_by("pk").values_list("pk", "object_id"))
    assert Counter(change.id for change in found.changes) == Counter(pk for pk, _ in committed)
    for deal in deals:
        told = [change.id for change in found.changes if change.object_id == deal.pk]
        assert told == [pk for pk, object_id in committed if object_id == deal.pk]


def test_rights_come_ahead_of_what_is_told_by_them(alice: User, bob: User) -> None:
    role = make_role("Sales", bob)
    with reading() as found:
        with transaction.atomic():
            role.user_set.remove(bob)
            make_deal(alice, title="after")
        eventually(lambda: found.changes)
        assert bob.pk in next(news for news in found.news if news.changes).people


def _end_session(user: User) -> None:
    ApiSession.objects.of(user).delete()


def _deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _new_password(user: User) -> None:
    user.set_password("another good one")
    user.save()


def _leave_role(user: User) -> None:
    user.groups.clear()


def _own_permission(user: User) -> None:
    user.user_permissions.clear()


@pytest.mark.parametrize("change", [_end_session, _deactivate, _new_password, _leave_role, _own_permission])
def test_whatever_changes_rights_is_told(change: Callable[[User], None]) -> None:
    user = make_manager("rita")
    user.user_permissions.add(Permission.objects.filter(codename="view_deal").get())
    now = timezone.now()
    session = {"created_with": {}, "expires_at": now, "ip": "127.0.0.1", "user_agent": "", "last_seen_at": now}
    ApiSession.objects.create(user=user, token_hash="x", **session)
    with reading() as found:
        change(user)
        eventually(lambda: user.pk in found.people())


def test_what_a_role_may_concerns_everybody() -> None:
    role = make_role("Sales", make_user())
    with reading() as found:
        role.permissions.add(Permission.objects.get(codename="view_deal"))
        eventually(lambda: None in found.people())


def test_an_edit_of_a_persons_name_changes_no_rights(alice: User) -> None:
    with reading() as found:
        alice.display_name = "Alice the Second"
        alice.save()
        make_deal(alice)
        eventually(lambda: found.changes)
        assert found.people() == set()


def test_a_lost_database_is_noticed(alice: User) -> None:
    del alice
    with reading() as found:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'crm live' AND datname = current_database()"
            )
        eventually(lambda: found.is_lost)


def test_old_changes_of_rights_are_pruned(alice: User) -> None:
    make_role("Sales", alice)
    RightsChange.objects.update(created_at=timezone.now() - KEPT)
    make_role("Marketing", alice)
    assert RightsChange.prune() > 0
    assert RightsChange.objects.exists()


def test_a_snapshot_knows_who_was_still_running() -> None:
    snapshot = Snapshot.read("10:20:12,15")
    assert [snapshot.sees(each) for each in (9, 12, 13, 15, 19, 20)] == [True, False, True, False, True, False]
    assert Snapshot.read("10:10:").sees(9)
