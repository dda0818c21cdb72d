"""Moves by somebody whose board is old, who names what is hidden, or who sends what no board sends."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from accounts.models import User
from deals.models import Deal
from records.access import share
from records.log import acting
from tests.deals.moving import HTMX, LOST, WON, column, many, move, version
from tests.deals.reading import columns_of, titles
from tests.factories import make_deal, make_user, signed_in
from tests.pages.reading import text_of

DIALOG = HTMX | {"HX-Target": "move-form"}


@pytest.fixture
def shared(alice: User, bob: User) -> Deal:
    """Return a deal of alice's that bob may change, too."""
    deal = make_deal(alice, title="Alpha")
    share(deal, bob, ("view", "change"))
    return deal


def test_dialog_of_an_old_card_is_refused(shared: Deal, alice: User, bob: User) -> None:
    """Who drops an old card on Lost must hear that it was won meanwhile."""
    seen = version(shared)
    move(signed_in(bob), shared, "won", **WON)
    browser = signed_in(alice)
    answer = browser.get(f"/deals/{shared.pk}/move/", {"stage": "lost", "version": seen}, headers=DIALOG)
    assert answer.status_code == 409
    assert "moved to Won by Bob" in text_of(answer)
    query = {"deal": f"{shared.pk}.{seen}", "stage": "lost"}
    assert browser.get("/deals/board/selected/", query, headers=DIALOG).status_code == 409
    query |= {"action": "assign"}
    assert browser.get("/deals/board/selected/", query, headers=DIALOG).status_code == 409
    assert browser.get(f"/deals/{shared.pk}/move/", {"stage": "lost"}, headers=DIALOG).status_code == 200


@pytest.mark.parametrize("headers", [{}, DIALOG])
def test_what_was_typed_is_shown_again_on_top_of_what_is_true_now(
    shared: Deal, alice: User, bob: User, headers: dict[str, str]
) -> None:
    seen = version(shared)
    move(signed_in(bob), shared, "proposal")
    browser, url = signed_in(alice), f"/deals/{shared.pk}/move/"
    sent = {"stage": "lost", "version": seen, **LOST, "lost_note": "A long story"}
    answer = browser.post(url, sent, headers=headers)
    assert answer.status_code == 409
    assert "A long story" in answer.content.decode()
    assert "moved to Proposal by Bob" in text_of(answer)
    fresh = re.search(r'name="version" value="([^"]+)"', answer.content.decode())
    assert fresh
    assert browser.post(url, sent | {"version": fresh[1]}, headers=headers).status_code in (200, 302)
    assert Deal.objects.get().lost_note == "A long story"


def test_refusal_counts_every_column_anew(shared: Deal, alice: User, bob: User) -> None:
    seen = version(shared)
    move(signed_in(bob), shared, "proposal")
    answer = move(signed_in(alice), shared, "qualified", version=seen).content.decode()
    assert [key for key in ("lead", "qualified", "proposal") if f'id="head-{key}"' not in answer] == []


@pytest.mark.django_db(transaction=True)
def test_refusal_names_who_moved_it_not_who_shared_it(shared: Deal, alice: User, bob: User, mallory: User) -> None:
    seen = version(shared)
    move(signed_in(bob), shared, "proposal")
    with acting(mallory):
        share(shared, mallory, ("view",))
    assert "moved to Proposal by Bob" in text_of(move(signed_in(alice), shared, "qualified", version=seen))


def test_hidden_neighbour_counts_for_nothing(alice: User, bob: User) -> None:
    """Else the place of one's own card would tell in which stage somebody else's deal is."""
    hidden = [make_deal(bob, stage="proposal") for _ in range(3)]
    mine = make_deal(alice, title="mine")
    move(signed_in(alice), mine, "proposal", above=hidden[0].pk)
    assert column("proposal")[0] == "mine"


@pytest.mark.parametrize("deal", ["\x00.x", "x.y", "\N{SNOWMAN}.z", "." * 50])
@pytest.mark.parametrize("action", ["move", "assign"])
def test_what_is_no_objectid_is_not_found(alice: User, deal: str, action: str) -> None:
    browser = signed_in(alice, raise_request_exception=False)
    for chosen in ([deal], [deal, f"{make_deal(alice).pk}.x"]):
        sent = {"deal": chosen, "action": action, "stage": "lead"}
        assert browser.post("/deals/board/selected/", sent, headers=HTMX).status_code in (400, 404)


@pytest.mark.parametrize("after", ["0e2000000000", "0e999999", "1e-16384", "1e309", "sNaN", "9" * 400])
def test_cursor_that_no_amount_has_is_refused(alice: User, after: str) -> None:
    query = {"stage": "lead", "sort": "value", "after": f"{after}~0123456789"}
    assert signed_in(alice).get("/deals/board/cards/", query).status_code == 400


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_dates_at_the_edge_of_the_calendar_are_shown(db: None, zone: str) -> None:
    del db
    person = make_user("far", time_zone=zone)
    for year in (1, 9999):
        make_deal(person, expected_close_date=datetime(year, 12 if year > 1 else 1, 31, 23, tzinfo=UTC))
    deal = make_deal(person, expected_close_date=datetime(1, 1, 1, tzinfo=UTC))
    for path in ("/deals/board/", "/deals/", f"/deals/{deal.pk}/", f"/deals/{deal.pk}/edit/"):
        assert signed_in(person).get(path).status_code == 200, path


def test_long_filter_does_not_keep_a_card_from_moving(alice: User) -> None:
    deal = make_deal(alice)
    board = urlencode({"q": "\N{GRINNING FACE}" * 200, "owner": alice.pk, "close": "overdue", "sort": "value"})
    assert move(signed_in(alice), deal, "proposal", board=board).status_code == 200


def test_amount_is_cleared_when_a_deal_is_won_without_one(alice: User) -> None:
    deal = make_deal(alice, amount=5)
    assert move(signed_in(alice), deal, "won", **WON | {"amount": ""}).status_code == 200
    assert Deal.objects.get().amount is None


@pytest.mark.parametrize("sort", ["value", "stalest"])
def test_each_card_of_several_comes_after_the_one_above_it(alice: User, sort: str) -> None:
    cards = [make_deal(alice, amount=10), make_deal(alice, amount=20, stage="qualified")]
    answer = many(signed_in(alice), cards, action="move", stage="proposal", board=f"sort={sort}").content.decode()
    places = re.findall(r'<ul hx-swap-oob="([^"]*)"', answer)
    assert [place.partition(":")[0] for place in places] == ["afterbegin", "afterend"]


def test_next_page_begins_where_its_last_card_stands_now(alice: User) -> None:
    browser = signed_in(alice)
    cards = {f"{number:02}": make_deal(alice, title=f"{number:02}") for number in range(45, 0, -1)}
    new = make_deal(alice, title="new", stage="qualified")
    Deal.objects.filter(title="11").update(position=Deal.objects.get(title="10").position + 1)
    lead = columns_of(browser)["lead"]
    assert move(browser, new, "lead", above=cards["10"].pk).status_code == 200
    later = browser.get(lead.more_url)
    assert titles(lead.cards) + titles(later.context["cards"]) == sorted(cards)


def test_colleague_is_found_by_name_without_script(alice: User) -> None:
    for number in range(105):
        make_user(f"a{number:03}", display_name=f"Aa {number:03}")
    make_user("zoe", display_name="Zoe Zebra")
    deal = make_deal(alice)
    sent = {"deal": f"{deal.pk}.{version(deal)}", "action": "assign", "owner-search": "Zoe", "find": "owner"}
    answer = signed_in(alice).post("/deals/board/selected/", sent | {"next": "/deals/board/?q=x"}).content.decode()
    assert "Zoe Zebra" in answer
    assert "/deals/board/?q=x" in answer
