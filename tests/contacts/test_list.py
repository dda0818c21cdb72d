"""/contacts/: its columns, its filters and what it costs."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import make_company, make_contact, signed_in
from tests.pages.reading import rows_of, text_of
from tests.records.queries import count_queries

QUERIES = 5
"""session, person; owners to filter by; count, rows with company and owner."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser over three contacts."""
    make_contact(alice, name="beta", email="a@example.com")
    make_contact(alice, name="Alpha", email="B@example.com")
    make_contact(alice, name="gamma", email=None)
    return signed_in(alice)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["Alpha", "beta", "gamma"]),
        ("name", ["Alpha", "beta", "gamma"]),
        ("-name", ["gamma", "beta", "Alpha"]),
        ("email", ["beta", "Alpha", "gamma"]),  # blank last
        ("-email", ["gamma", "Alpha", "beta"]),
        ("updated", ["beta", "Alpha", "gamma"]),
        ("-updated", ["gamma", "Alpha", "beta"]),
        ("company", ["Alpha", "beta", "gamma"]),  # not sortable
    ],
)
def test_sorts(browser: Client, sort: str, names: list[str]) -> None:
    assert rows_of(browser.get("/contacts/", {"sort": sort})) == names


def test_filters_by_company_one_may_see(alice: User, mallory: User) -> None:
    company, other = make_company(alice, name="Acme"), make_company(mallory, name="Hidden")
    make_contact(alice, name="Ada", company=company)
    make_contact(alice, name="Bert")
    browser = signed_in(alice)
    answer = browser.get("/contacts/", {"company": company.pk})
    assert rows_of(answer) == ["Ada"]
    assert "Remove filter Company: Acme" in text_of(answer)
    answers = [browser.get("/contacts/", {"company": pk}) for pk in (other.pk, "AAAAAAAAAA")]
    assert [rows_of(answer) for answer in answers] == [["Ada", "Bert"]] * 2
    assert "Hidden" not in text_of(answers[0])


def test_names_the_company_with_a_link(alice: User) -> None:
    company = make_company(alice, name="Acme")
    make_contact(alice, company=company)
    assert f'<a href="/companies/{company.pk}/">Acme</a>' in text_of(signed_in(alice).get("/contacts/"))


def test_searches_every_text(alice: User) -> None:
    make_contact(alice, name="N", email="mail@example.com", phone="+44 1234", notes="X-word")
    browser = signed_in(alice)
    for text in ("n", "mail", "mail@ex", "N Mail@Example.com", "1234", "x-word", "x-wo n"):
        assert rows_of(browser.get("/contacts/", {"q": text})) == ["N"], text


def test_takes_as_many_queries_for_13_rows_as_for_3(browser: Client, alice: User) -> None:
    assert count_queries(browser, "/contacts/") == QUERIES
    for _number in range(10):
        make_contact(alice, company=make_company(alice))
    assert count_queries(browser, "/contacts/") == QUERIES
