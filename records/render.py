"""Renders a page whole, or only the part of it that htmx asked for."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    partials: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """Return the page, or, when HX-Target names one of `partials`, the inline partial of that name in `template`.

    The partial finds `is_part` set, and may bring along what changes outside of it.
    """
    htmx = cast("HtmxDetails", getattr(request, "htmx", None))
    target = (htmx.target or "").rpartition("#")[2] if htmx else ""
    if target in partials and not htmx.history_restore_request:
        template, context = f"{template}#{target}", context | {"is_part": True}
    return render(request, template, context, status=status)
