"""/search/: words of everything that one may see."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in
from tests.pages.kinds import KINDS
from tests.pages.reading import text_of
from tests.records.queries import count_queries

QUERIES = 10
"""session, person; for each class the ids of the rows, as they are few, and the first rows."""


def test_finds_in_every_class_what_one_may_see(alice: User, mallory: User, mira: User) -> None:
    made = [kind.made(alice, "Northwind <b>") for kind in KINDS]
    for kind in KINDS:
        kind.made(mallory, "Northwind hidden")
    page = text_of(signed_in(alice).get("/search/", {"q": "north"}))
    for record in made:
        assert f'href="{record.get_absolute_url()}">Northwind &lt;b&gt;</a>' in page
    assert "Northwind hidden" not in page
    assert text_of(signed_in(mira).get("/search/", {"q": "north hid"})).count("Northwind hidden") == 4


def test_right_and_wrong_guesses_at_the_hidden_look_alike(alice: User, mallory: User) -> None:
    make_deal(alice, title="Secret")
    browser = signed_in(mallory)
    pages = [browser.get("/search/", {"q": text}, headers={"HX-Request": "true", "HX-Target": "search-results"})
             for text in ("secret", "wrong")]  # fmt: skip
    assert text_of(pages[0]) == text_of(pages[1])


def test_words_of_hidden_fields_find_nothing(alice: User, bob: User) -> None:
    make_deal(alice, stage="secretstage", lost_reason="secretreason")
    for text in (alice.email, alice.pk, "secretstage", "secretreason", "argon2"):
        assert "Nothing found" in text_of(signed_in(alice).get("/search/", {"q": text})), text
    assert bob.email not in text_of(signed_in(alice).get("/search/", {"q": "bob"}))


@pytest.mark.parametrize(
    "text",
    ["'", '"', "%", "_", "\\", ":*", "&!()", "a:*", "a & b", "!a", "a <-> b", "\u202e", "\U0001f9ff", "--", "a" * 9000,
     "' || pg_sleep(9) || '", "\\'", "a\\", "İ", "@", "@a", "x'y\\z:*", ". . .", "a." * 500],
)  # fmt: skip
def test_takes_any_text(text: str, alice: User) -> None:
    make_company(alice, name="Acme")
    answer = signed_in(alice).get("/search/", {"q": text})
    assert answer.status_code == 200
    assert "There is a problem" not in text_of(answer)


def test_text_is_shown_as_text(alice: User) -> None:
    page = text_of(signed_in(alice).get("/search/", {"q": "<img src=x onerror=alert(1)>"}))
    assert "<img" not in page
    assert "&lt;img" in page


def test_asks_for_words_when_there_are_none(alice: User) -> None:
    make_company(alice, name="Acme")
    for text in ("", "   "):
        page = text_of(signed_in(alice).get("/search/", {"q": text}))
        assert "Acme" not in page
        assert "What are you looking for?" in page


def test_shows_the_first_of_many_and_links_to_all(alice: User) -> None:
    for number in range(11):
        make_contact(alice, name=f"Northwind {number}")
    browser = signed_in(alice)
    page = text_of(browser.get("/search/?q=north"))
    assert page.count("Northwind") == 10
    assert 'href="/contacts/?q=north"' in page


def test_htmx_gets_the_part_it_asks_for(alice: User) -> None:
    make_contact(alice, name="Northwind")
    browser = signed_in(alice)
    part = text_of(browser.get("/search/?q=n", headers={"HX-Request": "true", "HX-Target": "search-results"}))
    assert part.lstrip().startswith('<div id="search-results"')
    assert " ".join(part.split()) in " ".join(text_of(browser.get("/search/?q=n")).split())


def test_takes_as_many_queries_for_13_rows_as_for_3(alice: User) -> None:
    browser = signed_in(alice)
    for rows in (3, 10):
        for _number in range(rows):
            company = make_company(alice, name="Word")
            deal = make_deal(alice, title="Word", contact=make_contact(alice, name="Word", company=company))
            make_activity(alice, subject="Word", related_deal=deal)
        assert count_queries(browser, "/search/?q=word") == QUERIES
