"""When a deal was last touched by a person, and when its next step is due: kept by triggers, through any door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pgtrigger
import pytest
from django.utils import timezone

from accounts.models import User
from activities.models import Activity
from deals.models import Deal
from records.access import share
from records.log import acting
from records.models import Change
from tests.factories import make_activity, make_deal

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TOMORROW = timezone.now() + timedelta(days=1)


def old_deal(owner: User) -> Deal:
    """Make a deal that was last touched long ago."""
    deal = make_deal(owner, stage_changed_at=LONG_AGO)
    with pgtrigger.ignore("deals.Deal:stage_move"):
        Deal.objects.filter(pk=deal.pk).update(touched_at=LONG_AGO)
    deal.refresh_from_db()
    return deal


def was_touched(deal: Deal) -> bool:
    """Tell whether it was touched just now."""
    deal.refresh_from_db()
    assert deal.touched_at
    return timezone.now() - deal.touched_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("field", "value", "is_touch"),
    [("title", "New", True), ("stage", "won", True), ("notes", "x", True), ("position", 5, False)],
)
def test_change_by_a_person_is_a_touch_and_one_of_place_is_none(
    alice: User, field: str, value: object, *, is_touch: bool
) -> None:
    deal = old_deal(alice)
    with acting(alice):
        Deal.objects.filter(pk=deal.pk).update(**{field: value})
    assert was_touched(deal) is is_touch


def test_change_by_the_system_is_no_touch(alice: User) -> None:
    deal = old_deal(alice)
    Deal.objects.filter(pk=deal.pk).update(title="Imported", stage="won")
    assert not was_touched(deal)


def test_activity_of_a_person_is_a_touch_and_makes_no_new_version(alice: User) -> None:
    deal = old_deal(alice)
    version, logged = deal.updated_at, Change.objects.filter(object_id=deal.pk).count()
    with acting(alice):
        make_activity(alice, related_deal=deal, due_date=TOMORROW)
    assert was_touched(deal)
    assert deal.next_step_at == TOMORROW
    assert deal.updated_at == version
    assert Change.objects.filter(object_id=deal.pk).count() == logged


def test_imported_activity_touches_when_it_was_done(alice: User) -> None:
    deal, done = old_deal(alice), LONG_AGO + timedelta(days=9)
    make_activity(alice, related_deal=deal, completed_at=done)
    make_activity(alice, related_deal=deal, completed_at=LONG_AGO - timedelta(days=9))
    deal.refresh_from_db()
    assert deal.touched_at == done


def test_sharing_is_no_touch(alice: User, bob: User) -> None:
    deal = old_deal(alice)
    make_activity(alice, related_deal=deal)
    with acting(alice):
        share(deal, bob, ("view",))
    assert not was_touched(deal)


def test_next_step_is_the_first_that_is_pending(alice: User) -> None:
    deal, other = make_deal(alice), make_deal(alice)
    first = make_activity(alice, related_deal=deal, due_date=TOMORROW)
    second = make_activity(alice, related_deal=deal, due_date=TOMORROW + timedelta(days=1))
    make_activity(alice, related_deal=deal, due_date=LONG_AGO, completed_at=LONG_AGO)
    assert next_steps(deal, other) == (first.due_date, None)
    Activity.objects.filter(pk=first.pk).update(completed_at=timezone.now())
    assert next_steps(deal, other) == (second.due_date, None)
    Activity.objects.filter(pk=second.pk).update(related_deal=other)
    assert next_steps(deal, other) == (None, second.due_date)
    second.delete()
    assert next_steps(deal, other) == (None, None)


def next_steps(*deals: Deal) -> tuple[datetime | None, ...]:
    """Return what the database says of each."""
    return tuple(Deal.objects.values_list("next_step_at", flat=True).get(pk=deal.pk) for deal in deals)


def test_nobody_else_writes_them(alice: User) -> None:
    deal = old_deal(alice)
    make_activity(alice, related_deal=deal, due_date=TOMORROW)
    deal.touched_at, deal.next_step_at, deal.title = timezone.now(), None, "Saved from an old copy"
    deal.save()
    assert not was_touched(deal)
    assert deal.next_step_at == TOMORROW


def test_deal_saved_from_memory_keeps_when_it_came_into_its_stage(alice: User) -> None:
    deal = make_deal(alice)
    deal.title = "Made, and saved again without being fetched"
    deal.save()
    assert Deal.objects.exclude(stage_changed_at=None).filter(pk=deal.pk).exists()
