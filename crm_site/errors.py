"""Answers to requests that no view answers: bad, too large, or while the database is away; to apps in JSON."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request as default_bad_request
from django.views.defaults import server_error as default_server_error

from parse_api.answers import error_response
from parse_api.errors import Code, ParseError
from parse_api.protocol import is_ours

_RETRY_SECONDS = 5
# SQLSTATE classes: connection exception, insufficient resources, operator intervention (shutdown).
_AWAY = ("08", "53", "57P")
_CANCELED = "57014"
# SQLSTATEs of who waited too long for a lock, or lost against another write again and again.
_BUSY = ("55P03", "40P01", "40001")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 to a body above the limit, else 400."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    if is_ours(request):
        return error_response(ParseError(Code.BAD_JSON, "This is no request that can be answered."))
    return default_bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 if the database was away or somebody else held a lock, 400 if a query took too long, else 500.

    Django calls this while it handles the exception.
    """
    error = sys.exc_info()[1]
    if isinstance(error, Error) and is_database_away(error):
        return _later(request, "503.html", "The database is away.")
    state = getattr(error.__cause__, "sqlstate", None) if isinstance(error, OperationalError) else None
    if state in _BUSY:
        return _later(request, "busy.html", "Somebody else is writing the same. Try again.")
    if state == _CANCELED:
        return _too_expensive(request)
    if is_ours(request):
        return error_response(ParseError(Code.INTERNAL, "Internal server error."))
    return default_server_error(request)


def is_database_away(error: Error) -> bool:
    """Tell whether the error says that the database cannot be reached or has no room, not that a query is wrong."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(_AWAY)


def _later(request: HttpRequest, template: str, message: str) -> HttpResponse:
    """Answer 503; the page asks nothing of the database."""
    if is_ours(request):
        return error_response(ParseError(Code.INTERNAL, message, status=503), retry_after=_RETRY_SECONDS)
    headers = {"Retry-After": str(_RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string(template), status=503, headers=headers)


def _too_expensive(request: HttpRequest) -> HttpResponse:
    """Answer 400 to a question that the database could not answer within the limit of `statement_limit`."""
    if is_ours(request):
        return error_response(ParseError(Code.BAD_QUERY, "This query takes too long."))
    return HttpResponse(render_to_string("too_expensive.html"), status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """Answer 413."""
    if is_ours(request):
        return error_response(ParseError(Code.BAD_JSON, "The body is too large.", status=413))
    return HttpResponse(render_to_string("413.html"), status=413)
