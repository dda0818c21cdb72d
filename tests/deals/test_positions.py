"""Cards keep a strict order, however often one is dropped into the same gap."""

from __future__ import annotations

import random

import pgtrigger
import pytest
from django.db import connection

from accounts.models import User
from crm_site.invariants import findings
from deals.board.positions import place
from deals.models import Deal
from records.models import Change
from tests.factories import make_deal

DROPS = 10_000


def column(stage: str = "lead") -> list[str]:
    """Return the cards of a column in their order."""
    return list(Deal.objects.filter(stage=stage).order_by("position", "id").values_list("pk", flat=True))


def drop(deal: Deal, stage: str, above: str = "", below: str = "") -> None:
    """Put a card into its place, by its owner; in plain SQL, for it is done ten thousand times."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stage, position FROM deals_deal WHERE id = %s", [deal.pk])
        deal.stage, deal.position = cursor.fetchone()
        position = place(deal, stage, deal.assigned_to or User(), above, below)
        cursor.execute("UPDATE deals_deal SET stage = %s, position = %s WHERE id = %s", [stage, position, deal.pk])


def test_new_cards_come_on_top(alice: User) -> None:
    first, second = make_deal(alice), make_deal(alice)
    assert column() == [second.pk, first.pk]


def test_card_goes_below_the_one_above_it_else_above_the_one_below_it_else_on_top(alice: User) -> None:
    c, b, a = (make_deal(alice, title=title) for title in "cba")
    new = make_deal(alice, stage="proposal")
    drop(new, "lead", above=a.pk, below=c.pk)
    assert column() == [a.pk, new.pk, b.pk, c.pk]
    drop(new, "lead", below=c.pk)
    assert column() == [a.pk, b.pk, new.pk, c.pk]
    drop(new, "lead", above=c.pk)
    assert column() == [a.pk, b.pk, c.pk, new.pk]
    drop(new, "lead", below=a.pk)
    assert column() == [new.pk, a.pk, b.pk, c.pk]
    drop(c, "lead")
    assert column() == [c.pk, new.pk, a.pk, b.pk]


@pytest.mark.parametrize("neighbour", ["", "nosuchdeal", "\x00", "x" * 1000])
def test_neighbours_that_are_not_there_count_for_nothing(alice: User, neighbour: str) -> None:
    old, elsewhere, new = make_deal(alice), make_deal(alice, stage="won"), make_deal(alice, stage="proposal")
    drop(new, "lead", above=neighbour, below=elsewhere.pk)
    assert column() == [new.pk, old.pk]


def test_ten_thousand_drops_into_one_gap_keep_a_strict_order(alice: User) -> None:
    dice = random.Random(7)  # noqa: S311 - no secrets
    _, *movable, first = (make_deal(alice) for _ in range(42))
    top, expected = first.pk, column()
    versions, logged = dict(Deal.objects.values_list("pk", "updated_at")), Change.objects.count()
    for number in range(DROPS):
        card = dice.choice(movable)
        drop(card, "lead", above=top)
        expected.remove(card.pk)
        expected.insert(1, card.pk)
        if number % 250 == 0:
            assert column() == expected
    assert column() == expected
    assert findings() == []
    assert dict(Deal.objects.values_list("pk", "updated_at")) == versions
    assert Change.objects.count() == logged


def test_gaps_are_made_wider_in_the_middle_of_a_long_column(alice: User) -> None:
    cards = [make_deal(alice) for _ in range(120)]
    expected = column()
    place_of = expected.index(cards[60].pk)
    for card in cards[:40]:
        drop(card, "lead", above=cards[60].pk)
        expected.remove(card.pk)
        expected.insert(expected.index(cards[60].pk) + 1, card.pk)
    assert column() == expected
    assert expected.index(cards[60].pk) == place_of
    assert findings() == []


def test_place_that_is_taken_is_not_taken_twice(alice: User) -> None:
    """What comes back from the log may find its place taken."""
    old, new = make_deal(alice), make_deal(alice, stage="proposal")
    Deal.objects.filter(pk=new.pk).update(stage="lead", position=old.position)
    back = make_deal(alice, position=old.position)
    assert len(set(Deal.objects.values_list("position", flat=True))) == 3
    assert column() == [old.pk, new.pk, back.pk]


def test_spacing_out_makes_no_new_version_of_other_cards(alice: User) -> None:
    cards = {f"{number:02}": make_deal(alice, title=f"{number:02}") for number in range(40, 0, -1)}
    new = make_deal(alice, stage="proposal")
    Deal.objects.filter(title="36").update(position=Deal.objects.get(title="35").position + 1)
    before, logged = versions(new), Change.objects.count()
    drop(new, "lead", above=cards["35"].pk)
    assert versions(new) == before
    assert Change.objects.count() == logged + 1


def versions(moved: Deal) -> dict[str, object]:
    """Return the version of every deal but the one that is moved."""
    return dict(Deal.objects.exclude(pk=moved.pk).values_list("pk", "updated_at"))


def test_two_cards_in_one_place_are_parted_by_the_next_drop(alice: User) -> None:
    first, second, third = (make_deal(alice) for _ in range(3))
    with pgtrigger.ignore("deals.Deal:stage_move"):
        Deal.objects.filter(pk__in=[first.pk, second.pk]).update(position=5)
        Deal.objects.filter(pk=third.pk).update(position=6)
    drop(make_deal(alice, stage="proposal"), "lead", above=first.pk)
    assert findings() == []


def test_card_whose_own_number_is_the_middle_of_the_gap(alice: User) -> None:
    low, high, last = (make_deal(alice, title=title) for title in ("low", "high", "last"))
    card = make_deal(alice, title="card", stage="proposal")
    for deal, position in ((high, 0), (low, 2), (last, 3), (card, 1)):
        Deal.objects.filter(pk=deal.pk).update(position=position)
    drop(card, "lead", above=high.pk)
    assert column() == [high.pk, card.pk, low.pk, last.pk]
