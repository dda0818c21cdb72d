"""What people do at random, one after the other: after each step a copy is right, and no id leaks."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import User
from tests.factories import make_role
from tests.parse_api.app import signed_in_app
from tests.parse_api.sync.copy import Copy, news, truth
from tests.parse_api.sync.test_concurrency import Writer

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = 40


class Watched:
    """A copy, and what its person was able to see whenever something was committed."""

    def __init__(self, person: User, limit: int) -> None:
        self.copy = Copy(signed_in_app(person), limit=limit)
        self.ever: set[str] = set()

    def look(self) -> None:
        """Note what he can see now."""
        self.ever |= {each for objects in truth(self.copy.app).values() for each in objects}

    def sync(self) -> None:
        """Bring the copy up to date and compare it."""
        told, gone = news(self.copy.sync())
        assert {each for ids in (*told.values(), *gone.values()) for each in ids} <= self.ever
        assert self.copy.records == truth(self.copy.app)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_step_leaves_every_copy_right(alice: User, bob: User, mallory: User, mira: User, seed: int) -> None:
    people = [alice, bob, mallory, mira]
    writer = Writer(seed, people, make_role("Sales", mallory, mira))
    watched = [Watched(person, limit) for person, limit in zip(people, (1, 1_000, 5, 3), strict=True)]
    for _ in range(STEPS):
        with transaction.atomic():
            for _ in range(writer.random.randint(1, 3)):
                writer.random.choice(writer.acts)()
            transaction.set_rollback(writer.random.random() < 0.2)
        for each in watched:
            each.look()
            if writer.random.random() < 0.3:
                each.sync()
    for each in watched:
        each.sync()
        assert each.copy.begun == 1
