"""Refuses requests that no view should have to think about."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

from crm_site.errors import too_large

_CHUNK_BYTES = 65_536
_DRAIN_SECONDS = 5


class RequestLimitsMiddleware:
    """Answers 413 to a body that says it is too large, and 400 to a NUL in the address or in a cookie.

    PostgreSQL cannot store NUL, so what carries one names nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse, or pass on."""
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path or "\0" in query or "%00" in query:
            raise BadRequest("NUL in the address")
        if any("\0" in value for value in request.COOKIES.values()):
            raise BadRequest("NUL in a cookie")
        if _content_length(request) > _limit(request):
            _drain(request)
            return too_large(request)
        return self.get_response(request)


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise BadRequest("Content-Length is no number") from error


def _limit(request: HttpRequest) -> int:
    """Return the most bytes of a body; files come as multipart and may be larger than anything typed."""
    is_upload = request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data")
    limit: int = settings.CRM_UPLOAD_MAX_SIZE if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit


def _drain(request: HttpRequest) -> None:
    """Throw the body away as it comes, for a while: a browser that is cut off while it sends reads no answer."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    while request.read(_CHUNK_BYTES) and time.monotonic() < deadline:
        pass
