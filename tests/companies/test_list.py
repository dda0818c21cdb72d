"""/companies/: its columns, its filters and what it costs."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_company, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 5
"""session, person; owners to filter by; count, rows."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser over three companies."""
    make_company(alice, name="beta", industry="Tools")
    make_company(alice, name="Alpha", industry="banking")
    make_company(alice, name="gamma", industry=None)
    return signed_in(alice)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["Alpha", "beta", "gamma"]),
        ("name", ["Alpha", "beta", "gamma"]),
        ("-name", ["gamma", "beta", "Alpha"]),
        ("industry", ["Alpha", "beta", "gamma"]),  # blank last
        ("-industry", ["gamma", "beta", "Alpha"]),
        ("updated", ["beta", "Alpha", "gamma"]),
        ("-updated", ["gamma", "Alpha", "beta"]),
        ("website", ["Alpha", "beta", "gamma"]),  # not sortable
    ],
)
def test_sorts(browser: Client, sort: str, names: list[str]) -> None:
    assert rows_of(browser.get("/companies/", {"sort": sort})) == names


def test_filters_by_industry(browser: Client) -> None:
    assert rows_of(browser.get("/companies/?industry=Tools")) == ["beta"]
    assert rows_of(browser.get("/companies/?industry=tools")) == []
    assert 'name="industry" value="Tools"' in text_of(browser.get("/companies/?industry=Tools"))  # kept while searching


def test_searches_every_text(alice: User) -> None:
    make_company(alice, name="N", website="https://w-word.example", industry="I-word", address="A-word", notes="X-word")
    browser = signed_in(alice)
    for text in ("n", "i-word", "a-word", "x-word"):
        assert rows_of(browser.get("/companies/", {"q": text})) == ["N"], text


def test_links_only_web_addresses(alice: User) -> None:
    make_company(alice, name="Good", website="https://www.example.com/about/")
    make_company(alice, name="Bad", website="javascript:alert(1)")
    make_company(alice, name="Worse", website="data:text/html,x")
    page = text_of(signed_in(alice).get("/companies/"))
    assert 'href="https://www.example.com/about/"' in page
    assert 'href="javascript' not in page
    assert 'href="data' not in page


def test_takes_as_many_queries_for_13_rows_as_for_3(browser: Client, alice: User) -> None:
    assert count_queries(browser, "/companies/") == QUERIES
    for _number in range(10):
        make_company(alice)
    assert count_queries(browser, "/companies/") == QUERIES
