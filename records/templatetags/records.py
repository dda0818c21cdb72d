"""Template tags of record pages: addresses of a record, its tabs and its socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse

from accounts.models import User
from records.live.missed import since
from records.models import Record

register = template.Library()

TABS = (("overview", "Overview", "detail"), ("sharing", "Sharing", "sharing"), ("history", "History", "history"))


@register.simple_tag
def record_address(record: Record, name: str) -> str:
    """`{% record_address record "edit" %}`: the address of one of a record's pages, or of its class's list."""
    return reverse(f"{record._meta.app_label}:{name}", args=[] if name == "list" else [record.pk])


@register.simple_tag
def live_since(user: User) -> str:
    """`{% live_since user %}`: what tells the page's socket what the page was made of."""
    return quote(since(user))


@register.simple_tag
def record_tabs(record: Record, current: str) -> list[dict[str, Any]]:
    """`{% record_tabs record tab as tabs %}`: the tabs of a record's page for `_tabs.html`."""
    return [
        {"label": label, "url": record_address(record, name), "current": key == current} for key, label, name in TABS
    ]
