"""Moves deals in tests as the board does."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from deals.models import Deal

HTMX = {"HX-Request": "true"}
WON = {"confirmed": "1", "closed_at": "2026-01-31", "amount": "1000"}
LOST = {"confirmed": "1", "lost_reason": "price"}


def version(deal: Deal) -> str:
    """Return the version that somebody sees now."""
    deal.refresh_from_db()
    return deal.updated_at.isoformat()


def move(browser: Client, deal: Deal, stage: str, **sent: Any) -> Any:
    """Move a deal as the board does."""
    return browser.post(f"/deals/{deal.pk}/move/", {"stage": stage, "version": version(deal)} | sent, headers=HTMX)


def column(stage: str) -> list[str]:
    """Return the titles of a column in their order."""
    return list(Deal.objects.filter(stage=stage).order_by("position", "id").values_list("title", flat=True))


def undo_url(answer: Any) -> str:
    """Return where the answer's Undo button posts to."""
    found = re.search(r'action="(/deals/board/undo/[^"]*)"', answer.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def everything(deal: Deal) -> dict[str, Any]:
    """Return what is stored of a deal but the stamps that always move on."""
    row = Deal.objects.filter(pk=deal.pk).values().get()
    return {name: value for name, value in row.items() if name not in ("updated_at", "touched_at")}


def many(browser: Client, deals: list[Deal], **sent: Any) -> Any:
    """Do something with several deals."""
    chosen = [f"{deal.pk}.{version(deal)}" for deal in deals]
    return browser.post("/deals/board/selected/", {"deal": chosen} | sent, headers=HTMX)
