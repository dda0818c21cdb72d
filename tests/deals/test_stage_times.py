"""How long a deal was in each stage: with a history, with an imported one, and with none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deals.models import Deal, Stage, StageChange
from deals.stage_times import in_words, stage_times
from tests.factories import make_deal

BORN = datetime(2026, 1, 1, 9, tzinfo=UTC)
NOW = BORN + timedelta(days=100)
Move = tuple[str | None, str | None, float]


def pipeline() -> dict[str, Stage]:
    """Return the stages by key, in order."""
    return {stage.key: stage for stage in Stage.objects.in_order()}


def with_history(owner: User, *moves: Move, **fields: Any) -> Deal:
    """Return a deal made on 1 January that made `moves`: from which stage to which, and after how many days."""
    deal = make_deal(owner, stage=fields.pop("stage", moves[-1][1] if moves else "lead"), **fields)
    StageChange.objects.filter(deal=deal).delete()
    StageChange.objects.bulk_create(
        StageChange(deal=deal, from_stage=from_stage, to_stage=to_stage, changed_at=BORN + timedelta(days=days))
        for from_stage, to_stage, days in moves
    )
    deal.created_at, deal.stage_changed_at = BORN, BORN + timedelta(days=moves[-1][2] if moves else 40)
    return deal


def days_of(deal: Deal) -> dict[str, float]:
    """Return the days in each stage, in the order shown."""
    return {time.key: time.spent / timedelta(days=1) for time in stage_times(deal, pipeline(), NOW)}


def test_present_stage_runs_until_now(alice: User) -> None:
    deal = with_history(alice, (None, "lead", 0), ("lead", "qualified", 10), ("qualified", "proposal", 30))
    assert days_of(deal) == {"lead": 10, "qualified": 20, "proposal": 70}
    assert [time.key for time in stage_times(deal, pipeline(), NOW) if time.is_current] == ["proposal"]


def test_time_in_a_stage_that_it_came_back_to_is_summed_and_shown_in_order(alice: User) -> None:
    deal = with_history(
        alice, (None, "proposal", 0), ("proposal", "lead", 10), ("lead", "proposal", 15), ("proposal", "lead", 95)
    )
    assert list(days_of(deal).items()) == [("lead", 10), ("proposal", 90)]
    assert stage_times(deal, pipeline(), NOW)[0].since == BORN + timedelta(days=95)


def test_no_time_runs_in_a_closed_stage(alice: User) -> None:
    deal = with_history(alice, (None, "lead", 0), ("lead", "lost", 5))
    assert days_of(deal) == {"lead": 5, "lost": 0}
    assert [time.is_closed for time in stage_times(deal, pipeline(), NOW)] == [False, True]
    again = with_history(alice, (None, "won", 0), ("won", "lead", 20))
    assert days_of(again) == {"lead": 80, "won": 20}
    assert not any(time.is_closed for time in stage_times(again, pipeline(), NOW))


def test_stages_without_a_row_come_last(alice: User) -> None:
    deal = with_history(alice, (None, None, 0), (None, "odd", 1), ("odd", "lead", 3), ("lead", "", 50))
    assert list(days_of(deal).items()) == [("lead", 47), ("", 51), ("odd", 2)]
    assert [time.stage.label if time.stage else None for time in stage_times(deal, pipeline(), NOW)] == [
        "Lead", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(("stage", "days"), [("lead", {"lead": 60}), (None, {"": 60}), ("won", {"won": 0})])
def test_without_history_it_was_there_since_it_came_there(
    alice: User, stage: str | None, days: dict[str, float]
) -> None:
    assert days_of(with_history(alice, stage=stage)) == days


def test_without_any_stamp_it_was_there_from_the_start(alice: User) -> None:
    deal = with_history(alice)
    deal.stage_changed_at = None
    assert days_of(deal) == {"lead": 100}


def test_history_that_starts_late_or_ends_early_is_filled_in(alice: User) -> None:
    late = with_history(alice, ("lead", "proposal", 20))
    assert days_of(late) == {"lead": 20, "proposal": 80}
    early = with_history(alice, (None, "lead", 0), stage="proposal")
    early.stage_changed_at = BORN + timedelta(days=90)
    assert days_of(early) == {"lead": 90, "proposal": 10}


def test_moments_out_of_order_or_yet_to_come_take_no_time(alice: User) -> None:
    mixed = with_history(alice, (None, "lead", 50), ("lead", "qualified", 20), ("qualified", "proposal", 60))
    assert days_of(mixed) == {"lead": 0, "qualified": 40, "proposal": 40}
    assert days_of(with_history(alice, (None, "lead", 500))) == {"lead": 0}


def test_takes_one_query_whatever_the_history(alice: User) -> None:
    moves: list[Move] = [(None, "lead", 0)]
    moves += [(("lead", "proposal")[n % 2], ("proposal", "lead")[n % 2], n / 100) for n in range(1, 1001)]
    for deal in (with_history(alice, *moves), with_history(alice)):
        stages = pipeline()
        with CaptureQueriesContext(connection) as queries:
            stage_times(deal, stages)
        assert len(queries) == 1


def test_counts_what_the_database_wrote(alice: User) -> None:
    deal = make_deal(alice)
    deal.refresh_from_db()
    deal.stage = "proposal"
    deal.save()
    deal.refresh_from_db()
    lead, proposal = stage_times(deal, pipeline())
    assert (lead.key, proposal.key, proposal.since) == ("lead", "proposal", deal.stage_changed_at)
    assert (lead.words, proposal.words) == ("under a minute", "under a minute")


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (timedelta(0), "under a minute"),
        (timedelta(seconds=59), "under a minute"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=3, minutes=40), "3 hours"),
        (timedelta(hours=24), "1 day"),
        (timedelta(days=12, hours=23), "12 days"),
        (timedelta(days=4000), "4,000 days"),
    ],
)
def test_says_time_in_words(spent: timedelta, words: str) -> None:
    assert in_words(spent) == words
