"""The addresses that move deals: one, several as one step, and back again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, own_path
from deals.board import moves
from deals.board.cards import Card
from deals.board.columns import card_of, column_heads
from deals.board.move_forms import AssignForm, MoveForm
from deals.board.moves import StaleDealError
from deals.board.scope import Scope
from deals.filters import OTHER
from deals.models import Deal
from deals.stages import Stage
from deals.templatetags.pipeline import pipeline
from records.access import get_record
from records.forms import stamp
from records.render import render_page

MOST = 200
"""Deals that move in one step."""


@dataclass(frozen=True)
class Placed:
    """Where a deal stands on the board now, below which card; no card where the board does not show it."""

    pk: str
    card: Card | None
    above: str


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deal_move(request: PersonRequest, pk: str) -> HttpResponse:
    """Ask what there is to say about a move, or move a deal."""
    if request.method != "POST":
        return _ask_one(request, get_record(Deal.objects.all(), request.user, pk, "change"))
    try:
        stage = moves.lock_stage(request.POST.get("stage", ""))
    except ValidationError as error:
        deal = get_record(Deal.objects.all(), request.user, pk, "change")
        return _one_page(request, deal, None, None, conflict=" ".join(error.messages), status=422)
    try:
        (deal,) = moves.lock_deals(request.user, {pk: request.POST.get("version", "")})
    except StaleDealError as error:
        return _refuse(request, error, stage)
    form = MoveForm(request.POST, deals=[deal], stage=stage)
    if not form.is_answered:
        return _one_page(request, deal, stage, _first_asked(request, [deal], stage), status=422)
    if not form.is_valid():
        return _one_page(request, deal, stage, form, status=422)
    before = deal.stage
    moves.move(deal, form.step(), request.user)
    words = f"moved to {stage.label}" if before != stage.key else "moved"
    _offer_undo(request, f"“{deal}” was {words}.")
    return _answer(request, [deal.pk], [before, stage.key])


def _ask_one(request: PersonRequest, deal: Deal) -> HttpResponse:
    stage = pipeline(request).get(request.GET.get("stage", ""))
    form = _first_asked(request, [deal], stage) if stage else None
    return _one_page(request, deal, stage, form)


def _first_asked(request: PersonRequest, deals: list[Deal], stage: Stage) -> MoveForm:
    """Return the form as it is shown first, with what the board said about the move."""
    said = request.POST if request.method == "POST" else request.GET
    initial = {name: said.get(name, "") for name in ("above", "below", "next", "board")}
    return MoveForm(deals=deals, stage=stage, initial=initial)


def _one_page(
    request: PersonRequest,
    deal: Deal,
    stage: Stage | None,
    form: MoveForm | None,
    *,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "record": deal,
        "version": stamp(deal),
        "stage": stage,
        "stages": pipeline(request).values(),
        "form": form,
        "conflict": conflict,
        "next": _next(request),
    }
    return render_page(request, "deals/deal_move.html", context, partials=("move-form",), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move_many(request: PersonRequest) -> HttpResponse:
    """Ask what there is to say about several deals, or move them or hand them over as one step."""
    said = request.POST if request.method == "POST" else request.GET
    wanted = dict(text.partition(".")[::2] for text in said.getlist("deal")[: MOST + 1])
    if not wanted or len(wanted) > MOST:
        text = f"Choose at most {MOST} deals." if wanted else "Choose some deals first."
        messages.error(request, text)
        return _answer(request, [], [], status=422)
    is_move = said.get("action", "move") == "move"
    return _move_many(request, wanted) if is_move else _assign_many(request, wanted)


def _move_many(request: PersonRequest, wanted: dict[str, str]) -> HttpResponse:
    if request.method != "POST":
        deals = _visible(request, wanted)
        stage = pipeline(request).get(request.GET.get("stage", ""))
        return _many_page(request, deals, "move", stage, _first_asked(request, deals, stage) if stage else None)
    try:
        stage = moves.lock_stage(request.POST.get("stage", ""))
    except ValidationError as error:
        conflict = " ".join(error.messages)
        return _many_page(request, _visible(request, wanted), "move", None, None, conflict=conflict, status=422)
    try:
        deals = moves.lock_deals(request.user, wanted)
    except StaleDealError as error:
        return _refuse(request, error, stage)
    form = MoveForm(request.POST, deals=deals, stage=stage)
    if not form.is_answered:
        return _many_page(request, deals, "move", stage, _first_asked(request, deals, stage), status=422)
    if not form.is_valid():
        return _many_page(request, deals, "move", stage, form, status=422)
    before = [deal.stage for deal in deals]
    for deal in reversed(deals):
        moves.move(deal, form.step(), request.user)
    _offer_undo(request, f"{_count(deals)} moved to {stage.label}.")
    return _answer(request, [deal.pk for deal in deals], [*before, stage.key])


def _assign_many(request: PersonRequest, wanted: dict[str, str]) -> HttpResponse:
    if request.method != "POST" or "find" in request.POST:
        deals = _visible(request, wanted)
        return _many_page(request, deals, "assign", None, AssignForm(user=request.user, initial=request.GET.dict()))
    try:
        deals = moves.lock_deals(request.user, wanted)
    except StaleDealError as error:
        return _refuse(request, error, None)
    form = AssignForm(request.POST, user=request.user)
    if not form.is_valid():
        return _many_page(request, deals, "assign", None, form, status=422)
    try:
        moves.hand_over(deals, form.cleaned_data["owner"], request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _many_page(request, deals, "assign", None, form, status=422)
    _offer_undo(request, f"{_count(deals)} handed over to {form.cleaned_data['owner']}.")
    return _answer(request, [deal.pk for deal in deals], [deal.stage for deal in deals])


def _visible(request: PersonRequest, wanted: dict[str, str]) -> list[Deal]:
    deals = list(Deal.objects.for_user(request.user, "view").filter(pk__in=list(wanted)))
    if len(deals) < len(wanted):
        raise Http404
    return deals


def _many_page(
    request: PersonRequest,
    deals: list[Deal],
    action: str,
    stage: Stage | None,
    form: Any,
    *,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "deals": [(deal, f"{deal.pk}.{stamp(deal)}") for deal in deals],
        "action": action,
        "stage": stage,
        "stages": pipeline(request).values(),
        "form": form,
        "conflict": conflict,
        "next": _next(request),
    }
    return render_page(request, "deals/deals_move.html", context, partials=("move-form",), status=status)


@require_POST
@login_required
def undo_move(request: PersonRequest) -> HttpResponse:
    """Take a step of the board back, if it is still the last thing that happened to all of its deals."""
    number = request.POST.get("transaction") or request.GET.get("transaction", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    try:
        deals = moves.take_back(int(number), request.user)
    except StaleDealError as error:
        return _refuse(request, error, None)
    what = f"The last move of “{deals[0]}” was" if len(deals) == 1 else f"The last step of {len(deals)} deals was"
    messages.success(request, f"{what} undone.")
    return _answer(request, [deal.pk for deal in deals], None)


def _refuse(request: PersonRequest, error: StaleDealError, stage: Stage | None) -> HttpResponse:
    """Answer that somebody else was first, with what is true now (409)."""
    stages = pipeline(request)
    words = [moves.who_was_first(deal, stages) for deal in error.changed[:3]]
    words += [f"So were {len(error.changed) - 3} more."] if len(error.changed) > 3 else []
    text = " ".join([*words, "Nothing was moved."])
    if not getattr(request, "htmx", False) and len(error.changed) == 1 and stage:
        deal = error.changed[0]
        return _one_page(request, deal, stage, _first_asked(request, [deal], stage), conflict=text, status=409)
    messages.error(request, text)
    keys = [*(deal.stage for deal in error.changed), *([stage.key] if stage else [])]
    response = _answer(request, [deal.pk for deal in error.changed], keys, status=409)
    response.headers["HX-Trigger"] = "board:refused"
    return response


def _offer_undo(request: PersonRequest, text: str) -> None:
    query = urlencode({"transaction": moves.current_transaction(), "next": _next(request)})
    messages.success(request, text, extra_tags=f"{reverse('deals:undo_move')}?{query}")


def _count(deals: list[Deal]) -> str:
    return "1 deal was" if len(deals) == 1 else f"{len(deals)} deals were"


def _answer(
    request: PersonRequest, pks: list[str], stages: Iterable[str | None] | None, *, status: int = 200
) -> HttpResponse:
    """Answer what changed on the board: these deals, and the heads of these stages (None: of all columns)."""
    if not getattr(request, "htmx", False):
        return redirect(_next(request))
    ours = pipeline(request)
    scope = Scope(request.user, QueryDict(request.POST.get("board", "")), list(ours.values()))
    keys = [*ours, OTHER] if stages is None else {key if key in ours else OTHER for key in stages}
    placed = []
    for pk in pks:
        card, above = card_of(scope, pk) or (None, "")
        placed.append(Placed(pk, card, above))
    context = {"placed": placed, "heads": column_heads(scope, keys), "stages": ours.values()}
    return render(request, "deals/_moved.html", context, status=status)


def _next(request: PersonRequest) -> str:
    """Return where to go afterwards: an address of ours, else the board."""
    return own_path(request.POST.get("next") or request.GET.get("next")) or reverse("deals:board")
