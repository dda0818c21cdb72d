"""The way of a deal through the pipeline, as steps: which are done, where it stands, what may come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import Truncator

from deals.models import Deal, Stage
from deals.stage_times import StageTime
from records.forms import stamp


@dataclass(frozen=True)
class Step:
    """One stage on the way: `state` is "done", "current" or "coming", `kind` that of the stage, or "other".

    `url` asks for what a won or lost deal needs; steps without one are moved to at once.
    """

    key: str
    label: str
    kind: str
    state: str
    url: str = ""


def stage_path(deal: Deal, stages: Mapping[str, Stage], times: Sequence[StageTime]) -> list[Step]:
    """Return the open stages in order, then won and lost; a stage that the pipeline lacks is a step where it stands."""
    here = stages.get(deal.stage or "")
    ways = [stage for stage in stages.values() if stage.is_open]
    reached = _reached(here, ways, {time.key for time in times})
    path = [
        Step(
            stage.key, stage.label, stage.kind, "current" if stage == here else "done" if place < reached else "coming"
        )
        for place, stage in enumerate(ways)
    ]
    if here is None:
        label = Truncator(deal.stage or "No stage").chars(40)
        path.insert(reached, Step(deal.stage or "", label, "other", "current"))
    return path + [_end(deal, stage, here) for stage in stages.values() if not stage.is_open]


def _reached(here: Stage | None, ways: Sequence[Stage], been: set[str]) -> int:
    """Return how many open stages are done: all of a won deal, of a lost or odd one those as far as it ever was."""
    if here in ways:
        return ways.index(here)
    if here and here.kind == Stage.Kind.WON:
        return len(ways)
    return max((place for place, stage in enumerate(ways, start=1) if stage.key in been), default=0)


def _end(deal: Deal, stage: Stage, here: Stage | None) -> Step:
    query = urlencode({"stage": stage.key, "version": stamp(deal), "next": deal.get_absolute_url()})
    url = f"{reverse('deals:move', args=[deal.pk])}?{query}"
    return Step(stage.key, stage.label, stage.kind, "current" if stage == here else "coming", url)
