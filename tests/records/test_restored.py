"""A log that came with a backup: its transactions, of another database, count as long ago."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.rights import RightsChange
from records import moments
from records.changes import exactly, told
from records.live.sight import Sight
from records.log_windows import between
from records.models import Change
from records.restored import age_restored_changes
from tests.factories import make_deal

pytestmark = pytest.mark.django_db(transaction=True)
AHEAD = 10**9


def restored(alice: User) -> tuple[str, list[list[str]]]:
    """Make a deal with three changes, and move their transactions as a backup of an older database has them."""
    deal = make_deal(alice)
    for title in ("second", "third"):
        type(deal).objects.filter(pk=deal.pk).update(title=title)
    together = grouped(deal.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_change SET transaction = transaction + %s", [AHEAD])
    return deal.pk, together


def grouped(object_id: str) -> list[list[str]]:
    """Return the ids of the changes of a record, those of one transaction together."""
    groups: dict[int, list[str]] = {}
    for change in Change.objects.filter(object_id=object_id).order_by("id"):
        groups.setdefault(change.transaction, []).append(str(change.pk))
    return list(groups.values())


def test_changes_from_the_future_become_old_and_stay_together(alice: User) -> None:
    pk, together = restored(alice)
    assert len(together) == 3
    count = Change.objects.count()
    assert age_restored_changes() == count
    assert {change.transaction < 0 for change in Change.objects.all()} == {True}
    assert grouped(pk) == together
    assert age_restored_changes() == 0


def test_a_log_that_was_restored_twice_mixes_nothing(alice: User) -> None:
    pk, together = restored(alice)
    age_restored_changes()
    first = set(Change.objects.values_list("transaction", flat=True))
    other, more = restored_again(alice)
    age_restored_changes()
    second = set(Change.objects.exclude(object_id=pk).values_list("transaction", flat=True))
    assert not first & second
    assert (grouped(pk), grouped(other)) == (together, more)


def restored_again(alice: User) -> tuple[str, list[list[str]]]:
    """Make another deal whose changes have the very numbers that the first one's had."""
    deal = make_deal(alice)
    type(deal).objects.filter(pk=deal.pk).update(title="second")
    together = grouped(deal.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_change SET transaction = transaction + %s WHERE transaction > 0", [AHEAD - 3])
    return deal.pk, together


def test_what_is_restored_is_no_news_and_what_follows_is(alice: User) -> None:
    restored(alice)
    age_restored_changes()
    here, _ = moments.now()
    assert here.is_known()
    deal = make_deal(alice)
    window = between(here, moments.now()[0])
    assert {seen.object_id for seen in window.look(Sight(sees_all=frozenset({"Deal"})), ("Deal",), 100)} == {deal.pk}


def test_history_goes_on(alice: User) -> None:
    pk, _ = restored(alice)
    age_restored_changes()
    deal = type(make_deal(alice)).objects.get(pk=pk)
    type(deal).objects.filter(pk=pk).update(title="fourth")
    titles = [row.new.get("title") for row in exactly(told(deal)) if row.operation != "grant"]
    assert titles[-2:] == ["third", "fourth"]


def test_changes_of_this_database_stay_also_those_under_way(alice: User) -> None:
    make_deal(alice)
    with transaction.atomic():
        make_deal(alice)
        assert age_restored_changes() == 0
    assert age_restored_changes() == 0


def test_rights_that_changed_in_another_database_are_no_news(alice: User) -> None:
    RightsChange.objects.create(user_id=alice.pk, transaction=AHEAD, created_at=timezone.now())
    before = RightsChange.objects.exclude(transaction=AHEAD).count()
    age_restored_changes()
    assert RightsChange.objects.count() == before


def test_migrate_does_it(alice: User) -> None:
    restored(alice)
    call_command("migrate", verbosity=0)
    assert not Change.objects.filter(transaction__gte=AHEAD).exists()


def test_looking_costs_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_change (class_name, object_id, operation, transaction, created_at) "
            "SELECT 'Deal', 'old', 'insert', 1, now() FROM generate_series(1, 20000)"
        )
        cursor.execute("ANALYZE records_change")
    with CaptureQueriesContext(connection) as asked:
        assert age_restored_changes() == 0
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using change_by_transaction" in plan
    assert "Seq Scan" not in plan
