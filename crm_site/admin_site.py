"""The admin's front door: who gets in, where the others are sent, and what its pages may run."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from crm_site.admin_theme import UNFOLD

View = Callable[..., HttpResponseBase]

# What unfold needs beyond the policy of the site, on the admin's own pages and nowhere else: it is built on
# Alpine.js, which compiles the expressions in its attributes ('unsafe-eval'), and Alpine, Select2 and SimpleBar
# write style attributes. Inline scripts, style elements and foreign sources stay forbidden here too.
ADMIN_POLICY = {"script-src": [UNSAFE_EVAL], "style-src-attr": [UNSAFE_INLINE]}


class AdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """The admin for managers and superusers (`User.is_staff`), who sign in where everybody does."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Let in whom `has_permission` lets in; tell others from people who have not signed in yet."""
        inner = super().admin_view(view, cacheable)

        @csp_update(ADMIN_POLICY)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                return self._turn_away(request, request.get_full_path())
            response: HttpResponseBase = inner(request, *args, **options)
            return response

        return update_wrapper(guarded, view)

    def _turn_away(self, request: HttpRequest, wanted: str) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(wanted, resolve_url(settings.LOGIN_URL))

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's own sign-in, and those who have signed in where they wanted to go."""
        del extra_context
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
            wanted = reverse("admin:index")
        return redirect(wanted) if self.has_permission(request) else self._turn_away(request, wanted)

    @method_decorator(never_cache)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Sign out of the whole site."""
        del extra_context
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's own page for changing one's password."""
        del request, extra_context
        return redirect("account_change_password")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Answer 404: the sidebar has no search box, lists have their own."""
        del request, extra_context
        raise Http404

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Group the classes on the first page as the sidebar does."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {model["admin_url"]: model for app in apps for model in app["models"]}
        groups = [
            {
                "name": group["title"],
                "app_label": group["title"].lower(),
                "app_url": "",
                "has_module_perms": True,
                "models": [models[link] for item in group["items"] if (link := str(item["link"])) in models],
            }
            for group in UNFOLD["SIDEBAR"]["navigation"]
        ]
        return [group for group in groups if group["models"]]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Leave the theme's inline style element out; `static/css/admin.css` has the colours."""
        context: dict[str, Any] = super().each_context(request)
        return context | {"colors": None}
