"""What every request meets first: limits, and the policy that says what a page may load."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

from crm_site.errors import too_large


class PagePolicyMiddleware(CSPMiddleware):
    """Gives an answer the content security policy of pages unless it has one, as those of the API do."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Write the policy only where it goes out: that takes 0.1 ms."""
        return response if HEADER in response else super().process_response(request, response)


class RequestLimitsMiddleware:
    """Answers 413 to a body that is too large, and 400 to a NUL in the address or in a cookie.

    PostgreSQL cannot store NUL, so what carries one names nothing. `crm_site.server.bodies` lets no more than the limit
    into memory, and no body that breaks off to a view.
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
        if _content_length(request) > largest_body(request.META.get("CONTENT_TYPE", "")):
            return too_large(request)
        return self.get_response(request)


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise BadRequest("Content-Length is no number") from error


def largest_body(content_type: str) -> int:
    """Return the most bytes of a body; files come as multipart and may be larger than anything typed."""
    is_upload = content_type.startswith("multipart/form-data")
    limit: int = settings.CRM_UPLOAD_MAX_SIZE if is_upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit
