"""Tells a device whose pages it gets, so that it shows them to nobody else, and erases them at the sign-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from crm_site.offline.assets import shell

ERASE = '"cache", "storage"'


class Device(NamedTuple):
    """Whose a request is: `person` outlives a sign-in, `sign_in` does not; both are empty for nobody.

    `is_background` tells that the device fetches a page to keep it, not to show it.
    """

    version: str
    person: str
    sign_in: str
    is_background: bool
    has_worker: bool


class DeviceMiddleware:
    """Puts `CRM-Device: <version> <person> <sign-in>` on every page, and `request.device` at the templates' service."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; refuse what was kept on a device for somebody else (412)."""
        device = device_of(request)
        request.device = device  # type: ignore[attr-defined]
        meant = request.headers.get("CRM-Person")
        if meant is not None and meant != device.person:
            return HttpResponse(render_to_string("412.html"), status=412, headers={"Cache-Control": "no-store"})
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers["CRM-Device"] = " ".join(filter(None, device[:3]))
        if device.person and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = ERASE
        return response


def device_of(request: HttpRequest) -> Device:
    """Return whose a request is."""
    person = sign_in = ""
    if request.user.is_authenticated:
        person = salted_hmac("crm_site.offline.person", request.user.pk, algorithm="sha256").hexdigest()[:32]
        key = request.session.session_key or ""
        sign_in = salted_hmac("crm_site.offline.sign_in", key, algorithm="sha256").hexdigest()[:32]
    return Device(shell().version, person, sign_in, "CRM-Keep" in request.headers, not settings.DEBUG)
