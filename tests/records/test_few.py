"""Rows that are found before they are sorted are the same rows in the same order."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from deals.models import Deal
from records import filters, models
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def test_rare_words_are_found_in_the_same_order(alice: User, bob: User) -> None:
    """Sorted, joined and passed through the gate as without."""
    for number in range(5):
        make_deal(alice, title=f"Word {number}")
    make_deal(bob, title="Word of bob")
    rows = Deal.objects.for_user(alice, "view").with_related("assigned_to").search("word").order_by("-title")
    assert [str(deal) for deal in rows.found_first()] == [f"Word {number}" for number in (4, 3, 2, 1, 0)]
    assert "readers" in rows.found_first()[0].get_deferred_fields()


def test_common_words_are_found_along_the_index(alice: User, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    """Above the limit nothing is cut off."""
    monkeypatch.setattr(models, "FEW", 2)
    monkeypatch.setattr(filters, "DEEPEST", 2)
    for number in range(5):
        make_deal(alice, title=f"Word {number}")
    assert len(Deal.objects.for_user(alice, "view").for_picking("word")) == 5
    client.force_login(alice)
    assert client.get("/deals/?q=word").content.decode().count("Word ") >= 5
