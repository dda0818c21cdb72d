"""Pieces of the board that pages repeat: its cards, each drawn once, the stages to move to, the way back."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from deals.board.cards import Card
from deals.templatetags.pipeline import pipeline

register = template.Library()

KEPT = 4_096
"""Cards that a process remembers, of some 3 KB each."""
MENU_BUTTON = '<button form="move" formaction="{}" name="stage" value="{}">{}</button>'
BUTTON = '<button class="{}" type="submit" name="stage" value="{}">{}</button>'


@register.simple_tag(takes_context=True)
def deal_card(context: template.Context, card: Card) -> SafeString:
    """`{% deal_card card %}`: a card. Drawing 100 of them anew is the larger part of a board's time."""
    request = context["request"]
    if not hasattr(request, "stage_names"):
        request.stage_names = tuple((stage.key, stage.label) for stage in pipeline(request).values())
    return _drawn(card, request.stage_names)


@lru_cache(maxsize=KEPT)
def _drawn(card: Card, stages: tuple[tuple[str, str], ...]) -> SafeString:
    url = card.move_url
    buttons = format_html_join("", MENU_BUTTON, ((url, *stage) for stage in stages))
    return render_to_string("deals/_card.html", {"card": card, "buttons": buttons})


@register.simple_tag(takes_context=True)
def stage_buttons(context: template.Context, look: str = "") -> SafeString:
    """`{% stage_buttons %}`: a submit button for each stage of the pipeline, of the CSS class `look`, within a form."""
    request = context["request"]
    if not hasattr(request, "stage_buttons"):
        request.stage_buttons = {}
    drawn: dict[str, SafeString] = request.stage_buttons
    if look not in drawn:
        stages = pipeline(request).values()
        drawn[look] = format_html_join("", BUTTON, ((look, stage.key, stage.label) for stage in stages))
    return drawn[look]


@register.simple_tag(takes_context=True)
def board_address(context: template.Context) -> str:
    """`{% board_address %}`: the board under the filter in use, where a form without a script comes back to."""
    request = context["request"]
    if not hasattr(request, "board_address"):
        board = reverse("deals:board")
        request.board_address = request.get_full_path() if request.path == board else board
    address: str = request.board_address
    return address
