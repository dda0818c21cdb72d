"""The board of the pipeline, and the cards that load while one scrolls."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from deals.board.columns import board, next_cards
from deals.board.scope import Scope
from deals.templatetags.pipeline import pipeline
from records.render import render_page


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
