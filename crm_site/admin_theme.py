"""How the admin looks and what its sidebar leads to (the settings of django-unfold)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _file(path: str) -> Callable[[HttpRequest], str]:
    return lambda _request: static(path)


def _item(title: str, model: str, icon: str) -> dict[str, Any]:
    app, _, name = model.partition(".")

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")

    link = reverse_lazy(f"admin:{app}_{name}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_view}


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": items}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "CRM admin",
    "SITE_HEADER": "CRM",
    "SITE_SUBHEADER": "Administration",
    "SITE_URL": reverse_lazy("home"),
    "SITE_ICON": _file("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _file("favicon.svg")}],
    "SITE_DROPDOWN": [{"icon": "arrow_back", "title": "Back to the CRM", "link": reverse_lazy("home")}],
    "BORDER_RADIUS": "6px",
    "STYLES": [_file("css/admin.css")],
    "SCRIPTS": [_file("js/admin.js"), _file("js/admin_names.js")],
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {"navigation": [{"title": "Profile", "link": reverse_lazy("accounts:profile")}]},
    "SIDEBAR": {
        "navigation": [
            _group(
                "Sales",
                _item("Companies", "companies.company", "domain"),
                _item("Contacts", "contacts.contact", "contacts"),
                _item("Deals", "deals.deal", "handshake"),
                _item("Activities", "activities.activity", "event_available"),
            ),
            _group(
                "Pipeline",
                _item("Stages", "deals.stage", "view_column"),
                _item("Lost reasons", "deals.lostreason", "thumb_down"),
                _item("Stage history", "deals.stagechange", "moving"),
            ),
            _group(
                "People",
                _item("Users", "accounts.user", "person"),
                _item("Roles", "accounts.role", "group"),
            ),
            _group("Log", _item("Change log", "records.change", "history")),
        ],
    },
}
