"""The view that adds a deal to a column of the board."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, own_path
from deals.board.columns import cards_of, column_heads
from deals.board.quick_add import QuickDealForm
from deals.board.scope import Scope
from deals.models import Deal
from deals.templatetags.pipeline import pipeline
from records.pages import save_new


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def board_new(request: PersonRequest) -> HttpResponse:
    """Show the form of a new deal in a column of the board, or add the deal: once, however often the form is sent.

    htmx gets the form alone, and after the deal was added a fresh one with what changed on the board.
    """
    if request.method != "POST":
        return _asked(request)
    if "find" in request.POST:
        return _shown(request, QuickDealForm.finding(request.POST, user=request.user))
    form = QuickDealForm(request.POST, user=request.user)
    again = form.was_sent_before()
    if not again and not form.is_valid():
        return _shown(request, form, status=422)
    deal: Deal | None = form.made_before() if again else save_new(form)
    return _added(request, deal)


def _asked(request: PersonRequest) -> HttpResponse:
    """Answer the empty form of the column `stage`, of the first one unless it is said."""
    first = next((key for key, stage in pipeline(request).items() if stage.is_open), "")
    form = QuickDealForm(user=request.user, initial={"stage": request.GET.get("stage", first)})
    if form.column is None:
        raise Http404
    return _shown(request, form)


def _shown(request: PersonRequest, form: QuickDealForm, *, status: int = 200) -> HttpResponse:
    """Answer the form, in a page of its own unless htmx puts it into the board."""
    sent = request.POST if request.method == "POST" else request.GET
    context = {"form": form, "board": sent.get("board", ""), "next": own_path(sent.get("next"))}
    template = "deals/_quick_add.html" if getattr(request, "htmx", False) else "deals/quick_add.html"
    return render(request, template, context, status=status)


def _added(request: PersonRequest, deal: Deal | None) -> HttpResponse:
    """Answer a fresh form with the new card and the totals of its column, or go back to the board."""
    sent = request.POST
    if not getattr(request, "htmx", False):
        _tell(request, deal)
        board = f"{reverse('deals:board')}{f'#{deal.pk}' if deal else ''}"
        return redirect(own_path(sent.get("next")) or board)
    scope = Scope(request.user, QueryDict(sent.get("board", "")), pipeline(request).values(), is_shown=False)
    card, above = cards_of(scope, [deal.pk] if deal else []).get(deal.pk if deal else "", (None, None))
    is_shown = card is not None and above is not None
    _tell(request, deal, "" if is_shown else " This board does not show it.")
    key = sent.get("stage", "")
    context = {
        "form": QuickDealForm(user=request.user, initial={"stage": key}),
        "board": sent.get("board", ""),
        "next": own_path(sent.get("next")),
        "card": card if is_shown else None,
        "above": above,
        "heads": column_heads(scope, [key]),
    }
    return render(request, "deals/_quick_added.html", context)


def _tell(request: PersonRequest, deal: Deal | None, more: str = "") -> None:
    if deal:
        messages.success(request, f"Deal “{deal}” was created.{more}")
    else:
        messages.info(request, "This deal was created before.")
