"""The cast of every test: alice owns, bob was granted, mallory has nothing, mira manages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from tests import seeds
from tests.factories import make_manager, make_user
from tests.live_site import LiveSite


@pytest.fixture(scope="session")
def live_server(django_db_setup: None) -> Iterator[LiveSite]:
    """Serve the site on the test database; pytest-django's would not speak WebSocket."""
    del django_db_setup
    with LiveSite().serving() as site:
        yield site


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Talk over WebSockets to who uses the live server, as long as the test has its database."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    site: LiveSite = request.getfixturevalue("live_server")
    with site.talking():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Put back what the migrations left after each test that commits, sooner than Django does."""
    del django_db_setup
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        seeds.keep()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: seeds.put_back())
        yield


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
