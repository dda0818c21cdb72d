"""What the board is told after others changed deals: where these stand now, for who asks, in few queries."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from deals.models import Deal
from records.access import share
from tests.deals.moving import HTMX, WON, move, version
from tests.factories import make_deal, signed_in

URL = "/deals/board/changes/"
EMPTY = ("qualified", "proposal", "negotiation", "won", "lost")


def asked(browser: Client, *deals: Deal, board: str = "") -> Any:
    """Ask where deals stand."""
    return browser.get(URL, {"ids": ",".join(deal.pk for deal in deals), "board": board}, headers=HTMX)


def placed(answer: Any) -> dict[str, str]:
    """Return what each card is put next to."""
    text = answer.content.decode()
    assert answer.status_code == 200
    return {pk: place for place, pk in re.findall(r'<ul hx-swap-oob="([^"]*)">\s*<li[^>]*? id="(\w{10})"', text, re.S)}


def gone(answer: Any) -> list[str]:
    """Return the deals whose old cards go."""
    return re.findall(r'<li id="(\w{10})"\s+hx-swap-oob="delete"', answer.content.decode())


def test_says_where_deals_stand_and_how_much_is_in_all_columns(alice: User) -> None:
    third, second, first = (make_deal(alice, title=title, amount=10) for title in ("C", "B", "A"))
    answer = asked(signed_in(alice), second, first)
    assert placed(answer) == {
        first.pk: "afterbegin:[id='cards-lead']",
        second.pk: f"afterend:[id='{first.pk}']",
    }
    assert sorted(gone(answer)) == sorted([second.pk, first.pk])
    assert third.pk not in answer.content.decode()
    heads = re.findall(r'id="head-(\w+)"\s+data-count="(\d+)"\s+hx-swap-oob="true"', answer.content.decode())
    assert dict(heads) == {"lead": "3"} | dict.fromkeys((*EMPTY, "other"), "0")


def test_hidden_deals_go_and_say_nothing(alice: User, bob: User) -> None:
    hidden, seen = make_deal(alice, title="Secret"), make_deal(alice, title="Shown")
    share(seen, bob, ("view",))
    answer = asked(signed_in(bob), hidden, seen)
    assert list(placed(answer)) == [seen.pk]
    assert sorted(gone(answer)) == sorted([hidden.pk, seen.pk])
    text = answer.content.decode()
    assert "Secret" not in text
    assert version(hidden) not in text
    assert 'id="head-lead"\n        data-count="1"' in text


def test_deal_that_was_never_there_is_as_one_that_is_hidden(alice: User, mallory: User) -> None:
    deal = make_deal(alice)
    browser = signed_in(mallory)
    hidden = asked(browser, deal).content.decode().replace(deal.pk, "")
    deal.pk = "Abcdefghij"
    assert asked(browser, deal).content.decode().replace(deal.pk, "") == hidden


def test_filter_of_the_board_counts(alice: User) -> None:
    small, large = make_deal(alice, amount=1), make_deal(alice, amount=100)
    answer = asked(signed_in(alice), small, large, board="amount_min=50")
    assert list(placed(answer)) == [large.pk]
    assert 'id="head-lead"\n        data-count="1"' in answer.content.decode()


def test_folded_column_takes_no_card_but_says_whose_it_was(alice: User) -> None:
    deal = make_deal(alice, title="Rockets")
    browser = signed_in(alice)
    move(browser, deal, "won", **WON)
    answer = asked(browser, deal)
    assert placed(answer) == {}
    (line,) = re.findall(rf'<li id="{deal.pk}".*?</li>', answer.content.decode(), re.S)
    assert 'data-stage="won"' in line
    assert f'data-version="{version(deal)}"' in line
    assert "Rockets" not in line


@pytest.mark.parametrize(
    "ids",
    ["", "x", "Abcdefghij,", "Abcdefghij,'--", "Abcdefghij\n", ",".join(f"A{number:09}" for number in range(201))],
)
def test_bad_ids_are_refused(alice: User, ids: str) -> None:
    answer = signed_in(alice).get(URL, {"ids": ids}, headers=HTMX)
    assert answer.status_code == 400
    assert b"1 to 200 deals" in answer.content


def test_without_htmx_it_leads_to_the_board(alice: User) -> None:
    deal = make_deal(alice)
    answer = signed_in(alice).get(f"{URL}?{urlencode({'ids': deal.pk})}")
    assert (answer.status_code, answer["Location"]) == (302, "/deals/board/")


@pytest.mark.parametrize("board", ["", "q=deal", "sort=value", "sort=close&amount_min=1"])
@pytest.mark.parametrize("person", ["alice", "mira"])
def test_queries_are_as_many_for_one_deal_as_for_many(
    request: pytest.FixtureRequest, alice: User, person: str, board: str
) -> None:
    stages = ("lead", "proposal", "odd")
    deals = [make_deal(alice, amount=number + 1, stage=stages[number % 3]) for number in range(30)]
    browser = signed_in(request.getfixturevalue(person))
    counts = []
    for number in (3, 6, 30):
        with CaptureQueriesContext(connection) as queries:
            assert len(placed(asked(browser, *deals[:number], board=board))) == number
        counts.append(len(queries))
    # session, person, pipeline, rights (two), totals, cards, what is above each in stages, and in "other"
    assert counts == [counts[0]] * 3
    assert counts[0] <= 9
