"""Reads the board as the page's context has it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.test import Client

from accounts.models import User
from deals.board.cards import Card
from deals.board.columns import Board, Column
from deals.board.scope import Scope
from deals.models import Stage


def board_of(browser: Client, query: str = "") -> Board:
    """Return the board that a browser is shown under a query string."""
    answer: Any = browser.get(f"/deals/board/?{query}")
    assert answer.status_code == 200
    found: Board = answer.context["board"]
    return found


def columns_of(browser: Client, query: str = "") -> dict[str, Column]:
    """Return its columns by key."""
    return {column.key: column for column in board_of(browser, query).columns}


def titles(cards: list[Card]) -> list[str]:
    """Return what the cards are called."""
    return [card.title for card in cards]


def all_cards(browser: Client, key: str, query: str = "") -> list[Card]:
    """Return every card of a column, page after page."""
    column = columns_of(browser, query)[key]
    cards, more_url = list(column.cards), column.more_url
    while more_url:
        answer: Any = browser.get(more_url)
        assert answer.status_code == 200
        cards += answer.context["cards"]
        more_url = answer.context["more_url"]
    return cards


def scope_of(user: User, query: str = "") -> Scope:
    """Return what a query string of the board means to a person who has just signed in."""
    return Scope(User.objects.get(pk=user.pk), QueryDict(query), Stage.objects.in_order())
