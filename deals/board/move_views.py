"""The addresses that move deals: one, several as one step, and back again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest
from deals.board import moves
from deals.board.answers import answer, next_path, offer_undo, refusal, refuse
from deals.board.move_forms import AssignForm, MoveForm
from deals.board.moves import StaleDealError
from deals.board.undo import take_back
from deals.models import Deal
from deals.stages import Stage
from deals.templatetags.pipeline import pipeline
from records.forms import stamp
from records.render import render_page

MOST = 200
"""Deals that move in one step."""
ONE, SEVERAL = "deals/deal_move.html", "deals/deals_move.html"
Wanted = dict[str, str]
"""The deals of a step: objectId to the version that was seen."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deal_move(request: PersonRequest, pk: str) -> HttpResponse:
    """Ask what there is to say about a move, or move a deal."""
    said = request.POST if request.method == "POST" else request.GET
    wanted = {pk: said.get("version") or request.GET.get("version", "")}
    return _move(request, wanted, ONE) if request.method == "POST" else _ask(request, wanted, ONE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move_many(request: PersonRequest) -> HttpResponse:
    """Ask what there is to say about several deals, or move them or hand them over as one step."""
    said = request.POST if request.method == "POST" else request.GET
    wanted = dict(text.partition(".")[::2] for text in said.getlist("deal")[: MOST + 1])
    if not wanted or len(wanted) > MOST:
        messages.error(request, f"Choose at most {MOST} deals." if wanted else "Choose some deals first.")
        return answer(request, [], [], status=422)
    is_asked = request.method != "POST" or "find" in request.POST
    if said.get("action", "move") == "move":
        return _ask(request, wanted, SEVERAL) if is_asked else _move(request, wanted, SEVERAL)
    return _ask_owner(request, wanted) if is_asked else _assign(request, wanted)


def _ask(
    request: PersonRequest, wanted: Wanted, template: str, *, conflict: str = "", status: int = 200
) -> HttpResponse:
    """Show what the stage that is wanted asks, or the stages to choose from."""
    try:
        deals = moves.chosen_deals(request.user, wanted, hold=False)
    except StaleDealError as error:
        return _conflict(request, wanted, template, error, None)
    said = request.POST if request.method == "POST" else request.GET
    stage = pipeline(request).get(said.get("stage", ""))
    form = _first_asked(request, deals, stage) if stage else None
    return _page(request, template, deals, stage, form, conflict=conflict, status=status)


def _move(request: PersonRequest, wanted: Wanted, template: str) -> HttpResponse:
    try:
        stage = moves.lock_stage(request.POST.get("stage", ""))
    except ValidationError as error:
        return _ask(request, dict.fromkeys(wanted, ""), template, conflict=" ".join(error.messages), status=422)
    try:
        deals = moves.chosen_deals(request.user, wanted, hold=True)
    except StaleDealError as error:
        return _conflict(request, wanted, template, error, stage)
    form = MoveForm(request.POST, deals=deals, stage=stage)
    if not form.is_answered or not form.is_valid():
        shown = form if form.is_answered else _first_asked(request, deals, stage)
        return _page(request, template, deals, stage, shown, status=422)
    before = [deal.stage for deal in deals]
    for deal in reversed(deals):
        moves.move(deal, form.step(), request.user)
    is_elsewhere = set(before) != {stage.key}
    offer_undo(request, f"{_these(deals)} moved{f' to {stage.label}' if is_elsewhere else ''}.")
    return answer(request, [deal.pk for deal in deals], [*before, stage.key] if is_elsewhere else [])


def _conflict(
    request: PersonRequest, wanted: Wanted, template: str, error: StaleDealError, stage: Stage | None
) -> HttpResponse:
    """Answer 409: with the form as it was filled in, on top of what is true now, or with that alone."""
    is_filled = stage is not None and bool(request.POST.get("confirmed"))
    if getattr(request, "htmx", False) and not is_filled:
        return refuse(request, error)
    deals = moves.chosen_deals(request.user, dict.fromkeys(wanted, ""), hold=False)
    form: MoveForm | None = None
    if stage is not None:
        form = MoveForm(request.POST, deals=deals, stage=stage) if is_filled else _first_asked(request, deals, stage)
    return _page(request, template, deals, stage, form, conflict=refusal(request, error), status=409)


def _first_asked(request: PersonRequest, deals: list[Deal], stage: Stage) -> MoveForm:
    """Return the form as it is shown first, with what the board said about the move."""
    said = request.POST if request.method == "POST" else request.GET
    initial = {name: said.get(name, "") for name in ("above", "below", "next", "board")}
    return MoveForm(deals=deals, stage=stage, initial=initial)


def _ask_owner(request: PersonRequest, wanted: Wanted) -> HttpResponse:
    said = request.POST if request.method == "POST" else request.GET
    try:
        deals = moves.chosen_deals(request.user, wanted, hold=False)
    except StaleDealError as error:
        return refuse(request, error)
    form = AssignForm(user=request.user, typed=said, initial=said.dict())
    return _page(request, SEVERAL, deals, None, form, action="assign")


def _assign(request: PersonRequest, wanted: Wanted) -> HttpResponse:
    try:
        deals = moves.chosen_deals(request.user, wanted, hold=True)
    except StaleDealError as error:
        return refuse(request, error)
    form = AssignForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, SEVERAL, deals, None, form, action="assign", status=422)
    owner = form.cleaned_data["owner"]
    try:
        handed = moves.hand_over(deals, owner, request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _page(request, SEVERAL, deals, None, form, action="assign", status=422)
    if handed:
        offer_undo(request, f"{_these(handed)} handed over to {owner}.")
    else:
        messages.info(request, f"{_these(deals)} with {owner} already.")
    return answer(request, [deal.pk for deal in deals], [deal.stage for deal in deals])


def _page(
    request: PersonRequest,
    template: str,
    deals: list[Deal],
    stage: Stage | None,
    form: Any,
    *,
    action: str = "move",
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "record": deals[0],
        "version": stamp(deals[0]),
        "deals": [(deal, f"{deal.pk}.{stamp(deal)}") for deal in deals],
        "action": action,
        "stage": stage,
        "stages": pipeline(request).values(),
        "form": form,
        "conflict": conflict,
        "next": next_path(request),
    }
    return render_page(request, template, context, partials=("move-form",), status=status)


def _these(deals: list[Deal]) -> str:
    return f"“{deals[0]}” was" if len(deals) == 1 else f"{len(deals)} deals were"


@require_POST
@login_required
def undo_move(request: PersonRequest) -> HttpResponse:
    """Take a step of the board back, if it is still the last thing that happened to all of its deals."""
    number = request.POST.get("transaction") or request.GET.get("transaction", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    try:
        deals = take_back(int(number), request.user)
    except StaleDealError as error:
        return refuse(request, error)
    except ValidationError as error:
        messages.error(request, f"This cannot be undone. {' '.join(error.messages)}")
        return answer(request, [], [], status=409)
    what = f"The last move of “{deals[0]}” was" if len(deals) == 1 else f"The last step of {len(deals)} deals was"
    messages.success(request, f"{what} undone.")
    return answer(request, [deal.pk for deal in deals])
