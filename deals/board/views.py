"""The board of the pipeline, the cards that load while one scrolls, and what others changed meanwhile."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from accounts.object_id import PATTERN
from accounts.requests import PersonRequest
from deals.board.answers import answer
from deals.board.columns import board, next_cards
from deals.board.scope import Scope
from deals.templatetags.pipeline import pipeline
from records.render import render_page

MOST = 200
"""Deals that one may ask about at a time."""


@require_safe
@login_required
def deal_board(request: PersonRequest) -> HttpResponse:
    """Show the deals that one may see by stage, narrowed and ordered as the query string says."""
    shown = board(Scope(request.user, request.GET, pipeline(request).values()))
    context = {"board": shown, "filters": shown.filters, "chips": shown.chips, "is_filtered": shown.is_filtered}
    return render_page(request, "deals/board.html", context, partials=("board",))


@require_safe
@login_required
def board_cards(request: PersonRequest) -> HttpResponse:
    """Answer the cards of the column `stage` that follow the cursor `after`, as HTML list items."""
    scope = Scope(request.user, request.GET, pipeline(request).values(), is_shown=False)
    stage = request.GET.get("stage", "")
    try:
        cards, more_url = next_cards(scope, stage, request.GET.get("after", ""))
    except ValueError as error:
        return HttpResponseBadRequest(escape(error))
    context = {"cards": cards, "more_url": more_url, "list_url": scope.list_url(stage)}
    return render(request, "deals/_cards.html", context)


@require_safe
@login_required
def board_changes(request: PersonRequest) -> HttpResponse:
    """Answer where the deals `ids` stand now under the filter `board`, and how much is in all columns."""
    pks = list(dict.fromkeys(request.GET.get("ids", "").split(",")))
    if len(pks) > MOST or not all(re.fullmatch(PATTERN, pk) for pk in pks):
        return HttpResponseBadRequest(f"Name 1 to {MOST} deals by their objectId.")
    return answer(request, pks)
