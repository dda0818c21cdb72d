"""The stage of a deal on a page, with one query for all deals of the page."""

from __future__ import annotations

from typing import Any

from django import template

from deals.models import Deal, Stage

register = template.Library()


@register.simple_tag(takes_context=True)
def stage_of(context: template.Context, deal: Deal) -> Stage | None:
    """`{% stage_of deal as stage %}`: the row of its stage; None when the pipeline has none."""
    return pipeline(context["request"]).get(deal.stage or "")


def pipeline(request: Any) -> dict[str, Stage]:
    """Return the stages by key, fetched once for a request."""
    if not hasattr(request, "pipeline"):
        request.pipeline = {stage.key: stage for stage in Stage.objects.in_order()}
    stages: dict[str, Stage] = request.pipeline
    return stages
