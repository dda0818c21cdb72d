"""What the board answers when it or others wrote: what is true now, as fragments for htmx, or where to go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.requests import PersonRequest, own_path
from deals.board import moves
from deals.board.cards import Card
from deals.board.columns import cards_of, column_heads
from deals.board.moves import StaleDealError
from deals.board.scope import Scope
from deals.filters import OTHER
from deals.templatetags.pipeline import pipeline

NAMED = 3
"""Deals that a refusal names."""


@dataclass(frozen=True)
class Placed:
    """Where a deal stands on the board now, below which card: None in a folded column; no card where it is hidden."""

    pk: str
    card: Card | None = None
    above: str | None = None


def answer(
    request: PersonRequest, pks: Iterable[str], stages: Iterable[str | None] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer where these deals stand, and the heads of the columns of these stages (None: of all columns)."""
    if not getattr(request, "htmx", False):
        return redirect(next_path(request))
    ours = pipeline(request)
    board = QueryDict(request.POST.get("board") or request.GET.get("board", ""))
    scope = Scope(request.user, board, ours.values(), is_shown=False)
    heads = column_heads(scope, [*ours, OTHER] if stages is None else {key if key in ours else OTHER for key in stages})
    pks = list(pks)
    cards = cards_of(scope, pks)
    placed = [Placed(pk, *cards.get(pk, ())) for pk in pks]
    context = {"placed": _in_order(placed), "heads": heads, "stages": ours.values()}
    return render(request, "deals/_moved.html", context, status=status)


def _in_order(placed: list[Placed]) -> list[Placed]:
    """Let each card come after the one that it is put below."""
    ordered: list[Placed] = []
    waiting = list(placed)
    while waiting:
        pks = {deal.pk for deal in waiting}
        ready = [deal for deal in waiting if deal.above not in pks] or waiting
        ordered += ready
        waiting = [deal for deal in waiting if deal not in ready]
    return ordered


def refusal(request: PersonRequest, error: StaleDealError) -> str:
    """Say that somebody else was first, and who."""
    stages = pipeline(request)
    words = [moves.who_was_first(deal, request.user, stages) for deal in error.changed[:NAMED]]
    words += [f"So were {len(error.changed) - NAMED} more."] if len(error.changed) > NAMED else []
    return " ".join([*words, "Nothing was moved."])


def refuse(request: PersonRequest, error: StaleDealError) -> HttpResponse:
    """Answer that somebody else was first, with what is true now (409)."""
    messages.error(request, refusal(request, error))
    return answer(request, [deal.pk for deal in error.changed], status=409)


def offer_undo(request: PersonRequest, text: str) -> None:
    """Tell what was done, with a button that takes it back."""
    query = urlencode({"transaction": moves.current_transaction(), "next": next_path(request)})
    messages.success(request, text, extra_tags=f"{reverse('deals:undo_move')}?{query}")


def next_path(request: PersonRequest) -> str:
    """Return where to go afterwards: an address of ours, else the board."""
    return own_path(request.POST.get("next") or request.GET.get("next")) or reverse("deals:board")
