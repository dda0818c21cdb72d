"""Answers a request below the mount: reads it, finds out who calls, runs what the map of the API names."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.throttle import TooManyAttempts
from parse_api import protocol, server
from parse_api.answers import Answer, as_response, error_response, preflight
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError
from parse_api.identity import identify
from parse_api.routes import find_route
from records.log import written_by


@csrf_exempt
def parse(request: HttpRequest) -> HttpResponse:
    """Answer one request of the Parse protocol, always in JSON."""
    if request.method == "OPTIONS":
        return preflight()
    mount = request.build_absolute_uri(protocol.MOUNT)
    try:
        return as_response(_answer(request), mount)
    except ParseError as error:
        return error_response(error)
    except TooManyAttempts as refusal:
        message = f"Too many attempts. Try again in {refusal.seconds} seconds."
        return error_response(ParseError(Code.TOO_MANY, message), retry_after=refusal.seconds)


def _answer(request: HttpRequest) -> Answer:
    call = protocol.read(request)
    if call.path == "/health":
        return server.health()
    if call.path == "/login":
        return run(call, identify(call, takes_token=False))
    return run(call, identify(call))


def run(call: protocol.Call, caller: Caller) -> Answer:
    """Run one operation for a caller; a write is one transaction in his name, run again when it lost a race."""
    route, ids = find_route(call.method, call.path)
    if not route.is_write:
        return route.endpoint(call, caller, *ids)
    return written_by(caller.user, lambda: route.endpoint(call, caller, *ids))
