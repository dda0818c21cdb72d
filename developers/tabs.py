"""The tabs above every page for app developers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.requests import PersonRequest
from records.render import render_page

_TABS = {
    "index": "Overview",
    "playground": "Playground",
    "graphql": "GraphQL",
    "live": "Live queries",
    "diagram": "Diagram",
    "schema": "Schema",
}
_OF_MANAGERS = {"keys": "API keys"}


def page(
    request: PersonRequest, name: str, context: dict[str, Any], *, partials: tuple[str, ...] = (), status: int = 200
) -> HttpResponse:
    """Return a page below the tabs, those of managers only for them; or the one of `partials` that htmx asks for."""
    shown = _TABS | (_OF_MANAGERS if request.user.is_staff else {})
    tabs = [
        {"label": label, "url": reverse(f"developers:{tab}"), "current": tab == name, "count": None}
        for tab, label in shown.items()
    ]
    return render_page(request, f"developers/{name}.html", {"tabs": tabs, **context}, partials=partials, status=status)
