"""Pieces of the board that every card repeats, drawn once for a request."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from deals.templatetags.pipeline import pipeline

register = template.Library()

BUTTON = '<button class="{}" type="submit" name="stage" value="{}">{}</button>'


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
