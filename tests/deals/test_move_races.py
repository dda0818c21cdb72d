"""People move the same cards at the same moment: one wins, the others are told, and the board stays right."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from crm_site.invariants import findings
from deals.models import Deal, Stage, StageChange
from records.access import share
from tests.factories import make_deal, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 500
OPEN = ("lead", "qualified", "proposal", "negotiation")
PATIENCE = 30.0


class Mover(threading.Thread):
    """Somebody who moves cards, each round one, when everybody is at the barrier."""

    def __init__(self, user: User, barrier: threading.Barrier, rounds: list[dict[str, str]]) -> None:
        super().__init__(daemon=True)
        self.browser = signed_in(user, raise_request_exception=False)
        self.barrier, self.rounds = barrier, rounds
        self.statuses: list[int] = []

    def run(self) -> None:
        """Send the moves of all rounds; the version is what stands in the database before the round."""
        try:
            for sent in self.rounds:
                data = sent | {"version": self.seen(sent["deal"])}
                self.barrier.wait(PATIENCE)
                answer = self.browser.post(f"/deals/{sent['deal']}/move/", data, headers={"HX-Request": "true"})
                self.statuses.append(answer.status_code)
                self.barrier.wait(PATIENCE)
        finally:
            connections.close_all()

    @staticmethod
    def seen(pk: str) -> str:
        """Return the version that one sees now."""
        return str(Deal.objects.values_list("updated_at", flat=True).get(pk=pk).isoformat())


def play(movers: list[Mover]) -> None:
    """Let them all move."""
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(ROUNDS)
        assert not mover.is_alive()


def test_two_move_the_same_card_five_hundred_times(alice: User, bob: User) -> None:
    cards = [make_deal(alice, amount=10**number, stage=stage) for number, stage in enumerate(OPEN * 3)]
    for card in cards:
        share(card, bob, ("view", "change"))
    dice, barrier = random.Random(3), threading.Barrier(2)  # noqa: S311 - no secrets
    rounds: list[list[dict[str, str]]] = [[], []]
    for _ in range(ROUNDS):
        card = dice.choice(cards)
        for stage, sent in zip(dice.sample(OPEN, 2), rounds, strict=True):
            sent.append({"deal": card.pk, "stage": stage, "above": dice.choice(cards).pk})
    movers = [Mover(user, barrier, sent) for user, sent in zip((alice, bob), rounds, strict=True)]
    play(movers)
    pairs = list(zip(movers[0].statuses, movers[1].statuses, strict=True))
    assert len(pairs) == ROUNDS
    assert {tuple(sorted(pair)) for pair in pairs} == {(200, 409)}
    assert {pair.index(200) for pair in pairs} == {0, 1}
    assert findings() == []
    _heads_are_right(alice)
    assert StageChange.objects.exclude(from_stage=None).count() <= ROUNDS


def test_many_drop_different_cards_into_one_gap(alice: User, bob: User) -> None:
    """Four people at once: no two cards get one place, however the gap is spaced anew under them."""
    top = make_deal(alice, stage="proposal")
    share(top, bob, ("view",))
    make_deal(alice, stage="proposal", position=top.position + 2)
    cards = [make_deal(alice) for _ in range(4)]
    barrier = threading.Barrier(4)
    movers = []
    for number, card in enumerate(cards):
        share(card, bob, ("view", "change"))
        there: dict[str, str] = {"deal": card.pk, "stage": "proposal", "above": top.pk}
        back: dict[str, str] = {"deal": card.pk, "stage": "lead", "above": ""}
        movers.append(Mover((alice, bob)[number % 2], barrier, [there, back] * 25 + [there]))
    play(movers)
    assert [status for mover in movers for status in mover.statuses if status != 200] == []
    assert findings() == []
    assert Deal.objects.filter(stage="proposal").order_by("position").first() == top


def _heads_are_right(user: User) -> None:
    """Compare the totals in the heads with what the rows sum up to."""
    from django.http import QueryDict

    from deals.board.columns import column_heads
    from deals.board.scope import Scope

    stages = list(Stage.objects.in_order())
    heads = column_heads(Scope(user, QueryDict(), stages), OPEN)
    for head in heads:
        amounts: list[Any] = list(Deal.objects.filter(stage=head.key).values_list("amount", flat=True))
        assert (head.count, head.total) == (len(amounts), sum(amounts))
