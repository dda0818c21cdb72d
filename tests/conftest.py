"""The cast of every test: alice owns, bob was granted, mallory has nothing, mira manages."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_manager, make_user


@pytest.fixture
def alice(db: None) -> User:
    """Return the owner."""
    del db
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Return the colleague with whom things are shared."""
    del db
    return make_user("bob")


@pytest.fixture
def mallory(db: None) -> User:
    """Return the colleague who has no right to anything."""
    del db
    return make_user("mallory")


@pytest.fixture
def mira(db: None) -> User:
    """Return the manager."""
    del db
    return make_manager("mira")
