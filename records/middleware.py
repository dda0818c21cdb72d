"""What every request shares: the person's time zone, one transaction per write, answers that htmx understands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from records.log import written_by

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class HtmxResponseMiddleware:
    """Turns redirects into what htmx follows, and brings messages along with fragments."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and adapt the answer."""
        response = self.get_response(request)
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        if not getattr(request, "htmx", False):
            return response
        if response.status_code in (301, 302, 303):
            return _redirect(response)
        if isinstance(response, HttpResponse) and response.headers.get("Content-Type", "").startswith("text/html"):
            _append_messages(request, response)
        return response


def _redirect(response: HttpResponseBase) -> HttpResponse:
    """Name the new address: a whole page load for sign-in, else a swap of the body."""
    url = response.headers["Location"]
    if url.startswith(resolve_url(settings.LOGIN_URL)):
        adapted = HttpResponse(status=204, headers={"HX-Redirect": url})
    else:
        adapted = HttpResponse(status=204, headers={"HX-Location": json.dumps({"path": url, "target": "body"})})
    adapted.cookies = response.cookies
    adapted.headers["Vary"] = response.headers["Vary"]
    return adapted


def _append_messages(request: HttpRequest, response: HttpResponse) -> None:
    messages = get_messages(request)
    if b'id="messages"' not in response.content and len(messages):
        response.write(render_to_string("_messages.html", {"messages": messages, "oob": True}, request))


class PersonMiddleware:
    """Uses the signed-in person's time zone, and lets no cache keep what was shown to him."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the person's time zone."""
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        with timezone.override(user.time_zone):
            response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class WriteMiddleware:
    """Runs each request that may write as one transaction in the name of the person, so that no half write stays."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Leave everything to `process_view`."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], options: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Run the view of an unsafe request; run it again, from the start, when it lost against another write."""
        if request.method in SAFE_METHODS:
            return None
        actor = request.user if request.user.is_authenticated else None
        return written_by(actor, lambda: view(request, *args, **options), lambda: _forget_messages(request))


def _forget_messages(request: HttpRequest) -> None:
    request._messages = default_storage(request)  # type: ignore[attr-defined]
