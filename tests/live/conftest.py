"""A newsroom at work, and apps that listen to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.test import Client

from accounts.models import User
from tests.live.listener import Listener, cookie_of, listening, visiting
from tests.live.newsroom import Site
from tests.parse_api.app import signed_in_app
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts


@pytest.fixture
def site(transactional_db: None, keys: None) -> Iterator[Site]:
    """A newsroom that is open during the test."""
    del transactional_db, keys
    with Site().open() as site:
        yield site


Listen = Callable[..., Listener]
Visit = Callable[..., Listener]


@pytest.fixture
def listen(site: Site) -> Iterator[Listen]:
    """Return a function that opens a connection, connected in somebody's name when he is given."""
    with ExitStack() as stack:

        def start(user: User | None = None, **connect: str) -> Listener:
            listener = stack.enter_context(listening(site.address))
            if user is not None:
                listener.connect(signed_in_app(user).token, **connect)
            elif connect:
                listener.connect(**connect)
            return listener

        yield start


@pytest.fixture
def visit(site: Site) -> Iterator[Visit]:
    """Return a function that opens the socket of a page in a browser and hears its greeting."""
    with ExitStack() as stack:

        def start(browser: Client, since: str = "") -> Listener:
            page = stack.enter_context(visiting(site.address, cookie_of(browser), since=since))
            assert page.next() == {"op": "hello"}
            return page

        yield start
