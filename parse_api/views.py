"""Answers a request below the mount: reads it, finds out who calls and has it run."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.throttle import TooManyAttempts
from parse_api import batch, protocol
from parse_api.answers import Answer, as_response, error_response, preflight
from parse_api.errors import ParseError, too_many
from parse_api.identity import identify
from parse_api.operations import run
from parse_api.service import server


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
        return error_response(too_many(refusal.seconds), retry_after=refusal.seconds)


def _answer(request: HttpRequest) -> Answer:
    if protocol.route_path(request.path_info) == "/health":
        return server.health()
    call = protocol.read(request)
    caller = identify(call, takes_token=call.path != "/login")
    return batch.run(call, caller) if (call.method, call.path) == ("POST", "/batch") else run(call, caller)
