"""How long a deal was in each stage, from its stage history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from deals.models import Deal, Stage

UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
NO_TIME = timedelta()


@dataclass(frozen=True)
class StageTime:
    """All the time that a deal was in one stage; `stage` is None where the pipeline has none of that key.

    `since` is when it came into the stage last. A deal that is won or lost waits for nothing: no time runs.
    """

    key: str
    stage: Stage | None
    spent: timedelta
    since: datetime
    is_current: bool

    @property
    def is_closed(self) -> bool:
        """Tell whether this is where the deal ended."""
        return self.is_current and self.stage is not None and not self.stage.is_open

    @property
    def seconds(self) -> int:
        """Return the time as a number, for bars."""
        return int(self.spent.total_seconds())

    @property
    def words(self) -> str:
        """Return the time as people say it."""
        return in_words(self.spent)


def in_words(spent: timedelta) -> str:
    """Return the largest whole unit: "12 days", "1 hour", "under a minute"."""
    for unit, name in UNITS:
        if spent >= unit:
            count = spent // unit
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "under a minute"


def stage_times(deal: Deal, stages: Mapping[str, Stage], now: datetime | None = None) -> list[StageTime]:
    """Return the stages that `deal` was in: those of the pipeline `stages` in its order, others after them.

    The time in a stage that it came back to is summed; the present one runs until `now` unless it is closed.
    """
    now = now or timezone.now()
    starts = _starts(deal)
    spent, since = dict.fromkeys((key for key, _moment in starts), NO_TIME), dict(starts)
    ends = [moment for _key, moment in starts[1:]]
    if (last := stages.get(starts[-1][0])) is None or last.is_open:
        ends.append(now)
    for (key, start), end in zip(starts, ends, strict=False):
        spent[key] += max(end - start, NO_TIME)
    places = {key: place for place, key in enumerate(stages)}
    return [
        StageTime(key, stages.get(key), spent[key], since[key], is_current=key == (deal.stage or ""))
        for key in sorted(spent, key=lambda key: places.get(key, len(places)))
    ]


def _starts(deal: Deal) -> list[tuple[str, datetime]]:
    """Return which stages the deal came into and when, the present one last; one query.

    Moves are read in the order they were written, as an import may tell of moments out of order. What the history
    leaves out is filled in: a deal was in its first stage from when it was made.
    """
    moves = list(deal.stage_changes.order_by("id").values_list("from_stage", "to_stage", "changed_at"))
    starts = [(to_stage or "", moment) for _from, to_stage, moment in moves]
    if moves and moves[0][0] is not None:
        starts.insert(0, (moves[0][0], deal.created_at))
    if not starts or starts[-1][0] != (deal.stage or ""):
        starts.append((deal.stage or "", deal.stage_changed_at or deal.created_at))
    return starts
