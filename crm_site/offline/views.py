"""What makes the site an application of a device: its manifest, its worker, and the page about what is kept."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm_site.offline.assets import names_are_hashed, shell
from crm_site.offline.device import device_of

_HOUR = "public, max-age=3600"


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """Answer what an installed application is called and looks like."""
    icons = [
        {"src": static(f"icons/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for name, purpose in ((f"icon-{size}", "any"), (f"maskable-{size}", "maskable"))
    ]
    places = {"Deals": "deals:board", "Contacts": "contacts:list", "To do": "activities:list"}
    described = {
        "id": "/",
        "name": "CRM",
        "short_name": "CRM",
        "description": "Companies, contacts, deals and activities of one sales team.",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f6f4",
        "theme_color": "#2b5fd9",
        "icons": icons,
        "shortcuts": [{"name": name, "url": reverse(view)} for name, view in places.items()],
    }
    return _text(json.dumps(described), "application/manifest+json", _HOUR)


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Answer the worker: what it has to know, then its scripts, whose names change with what is in them."""
    kept = shell()
    known = {
        "version": kept.version,
        "files": kept.files,
        "freshness": "default" if names_are_hashed() else "reload",
        "static": settings.STATIC_URL,
        "page": reverse("offline"),
        "session": reverse("offline_session"),
        "signIn": reverse("account_login"),
        "signOut": reverse("account_logout"),
    }
    text = f"self.CRM = {json.dumps(known)};\nimportScripts(...{json.dumps(kept.worker)});\n"
    return _text(text, "text/javascript", "no-cache")


@require_safe
@never_cache
def offline(request: HttpRequest) -> HttpResponse:
    """Show what waits on the device to be sent, and what is kept on it; the device itself fills it in."""
    return render(request, "offline.html")


@require_safe
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Answer who is signed in, in the words of the CRM-Device header, with a token to send what was kept."""
    device = device_of(request)
    return JsonResponse({"person": device.person, "signIn": device.sign_in, "token": get_token(request)})


def _text(text: str, kind: str, caching: str) -> HttpResponse:
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers={"Cache-Control": caching})
