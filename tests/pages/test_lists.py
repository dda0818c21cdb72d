"""What every list does: only what one may see, pages, sizes, unknown keys, hostile keys, parts for htmx."""

from __future__ import annotations

import re

import pytest

from accounts.models import User
from records.access import share
from tests.factories import make_user, signed_in
from tests.pages.kinds import KINDS, Kind
from tests.pages.reading import rows_of, text_of

EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path.strip("/"))
DASH = "\N{EN DASH}"
HOSTILE = (
    "sort=company__createdBy__password",
    "sort=-created_by__password",
    "sort=",
    "sort=--name",
    "sort=?",
    "sort=id);drop table deals_deal;--",
    "filter_company__name=x",
    "created_by__password__startswith=a",
    "_connector=OR&_negated=1",
    "owner=_connector:OR",
    "owner=nobody&company='&contact=%25&deal=%5C&stage=%F0%9F%98%80&state=x&close=y&type=z&industry=%27",
    "page=1000000000",
    "page=10**9",
    "page=-1",
    "page=0",
    "page=%D9%A1",
    "page=1e3",
    "size=1000000",
    "size=-1",
    "size=25&size=x",
    "owner=" + "a" * 3000,
    "stage[]=x&%5B%5D=&=&&&",
    "q=%FF%FE&owner=%FF",
)
SEARCHES = (
    "'",
    '"',
    "%",
    "_",
    "\\",
    ":*",
    "&!()",
    "a' OR '1'='1",
    "x:*",
    "_connector:OR",
    "<->",
    "\u202e",
    "İ",
    "a" * 9000,
)


@EACH
def test_shows_only_what_one_may_see(kind: Kind, alice: User, bob: User, mallory: User, mira: User) -> None:
    kind.made(alice, "Mine")
    shared = kind.made(alice, "Shared")
    share(shared, bob, ("view",))
    seen = {user.username: rows_of(signed_in(user).get(kind.path)) for user in (alice, bob, mallory, mira)}
    assert {name: sorted(rows) for name, rows in seen.items()} == {
        "alice": ["Mine", "Shared"],
        "bob": ["Shared"],
        "mallory": [],
        "mira": ["Mine", "Shared"],
    }


@EACH
def test_counts_and_says_nothing_of_what_one_may_not_see(kind: Kind, alice: User, mallory: User) -> None:
    kind.made(alice, "Secret")
    page = text_of(signed_in(mallory).get(kind.path))
    assert "0 in this list" in page
    assert "Secret" not in page
    assert "1 in this list" in text_of(signed_in(alice).get(kind.path))


@EACH
def test_searches_by_the_beginnings_of_words(kind: Kind, alice: User) -> None:
    for title in ("Northwind renewal", "Southwind", "Renewal of wind"):
        kind.made(alice, title)
    browser = signed_in(alice)
    assert sorted(rows_of(browser.get(kind.path, {"q": "renew"}))) == ["Northwind renewal", "Renewal of wind"]
    assert rows_of(browser.get(kind.path, {"q": "WIND ren"})) == ["Renewal of wind"]
    assert rows_of(browser.get(kind.path, {"q": "enewal"})) == []
    assert "Nothing matches" in text_of(browser.get(kind.path, {"q": "enewal"}))
    assert len(rows_of(browser.get(kind.path, {"q": "   "}))) == 3


@EACH
def test_hostile_query_strings_list_what_one_may_see(kind: Kind, alice: User, mallory: User) -> None:
    kind.made(mallory, "Hidden")
    kind.made(alice, "Mine")
    browser = signed_in(alice)
    for query in HOSTILE:
        answer = browser.get(f"{kind.path}?{query}")
        assert answer.status_code == 200, query
        assert rows_of(answer) in (["Mine"], []), query
    for text in SEARCHES:
        answer = browser.get(kind.path, {"q": text})
        assert answer.status_code == 200, text
        assert "Hidden" not in rows_of(answer), text


@EACH
def test_unknown_sort_key_sorts_as_usual(kind: Kind, alice: User) -> None:
    for title in ("b", "a", "c"):
        kind.made(alice, title)
    browser = signed_in(alice)
    usual = rows_of(browser.get(kind.path))
    for key in ("company__createdBy__password", "-nothing", "owner", "id", "--updated", "updated_at"):
        assert rows_of(browser.get(kind.path, {"sort": key})) == usual, key


@EACH
def test_pages_hold_every_row_once(kind: Kind, alice: User) -> None:
    titles = [f"Same {number % 2}" for number in range(57)]
    made = [kind.made(alice, title).pk for title in titles]
    browser = signed_in(alice)
    seen: list[str] = []
    for page in (1, 2, 3):
        answer = browser.get(kind.path, {"size": "25", "page": str(page), "sort": kind.title})
        seen += re.findall(rf'class="row-link" href="{kind.path}(\w{{10}})/"', text_of(answer))
    assert len(seen) == 57
    assert set(seen) == set(made)
    for number in ("99999", "1000000000", "9" * 4000):
        assert f"51{DASH}57 of 57" in text_of(browser.get(kind.path, {"size": "25", "page": number}))
    assert len(rows_of(browser.get(kind.path))) == 50
    assert len(rows_of(browser.get(kind.path, {"size": "100"}))) == 57
    assert len(rows_of(browser.get(kind.path, {"size": "7"}))) == 50


@EACH
def test_links_of_the_pager_keep_sort_and_filters(kind: Kind, alice: User) -> None:
    for _number in range(26):
        kind.made(alice, "Word")
    page = text_of(signed_in(alice).get(kind.path, {"q": "word", "size": "25", "sort": "-updated"}))
    assert 'rel="next"' in page
    assert 'href="?q=word&amp;size=25&amp;sort=-updated&amp;page=2"' in page


@EACH
def test_htmx_gets_the_part_it_asks_for(kind: Kind, alice: User) -> None:
    kind.made(alice, "Mine")
    browser = signed_in(alice)
    whole = text_of(browser.get(kind.path))
    part = text_of(browser.get(kind.path, headers={"HX-Request": "true", "HX-Target": "record-list"}))
    assert part.lstrip().startswith('<div id="record-list"')
    assert 'hx-swap-oob="true">1 in this list</p>' in part  # stands outside of the part
    assert 'hx-swap-oob="true">1 in this list</p>' not in whole
    assert " ".join(part.partition('<p id="list-count"')[0].split()) in " ".join(whole.split())
    for headers in (
        {"HX-Target": "record-list"},  # not htmx
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Target": "sidebar"},
        {"HX-Request": "true", "HX-Target": "record-list", "HX-History-Restore-Request": "true"},
    ):
        assert "<!DOCTYPE html>" in text_of(browser.get(kind.path, headers=headers)), headers


@EACH
def test_owner_filter_keeps_one_persons(kind: Kind, alice: User, bob: User) -> None:
    kind.made(alice, "Mine")
    share(kind.made(bob, "His"), alice, ("view",))
    browser = signed_in(alice)
    assert rows_of(browser.get(kind.path, {"owner": bob.pk})) == ["His"]
    assert rows_of(browser.get(kind.path, {"owner": alice.pk})) == ["Mine"]
    page = text_of(browser.get(kind.path, {"owner": bob.pk, "page": "1", "q": "h"}))
    assert 'aria-label="Remove filter Owner: Bob"' in page
    assert 'href="?q=h"' in page


@EACH
def test_sorted_columns_say_so(kind: Kind, alice: User) -> None:
    kind.made(alice)
    page = text_of(signed_in(alice).get(kind.path, {"sort": kind.title}))
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"' in page
    assert f'href="?sort=-{kind.title}"' in page


@EACH
def test_nobodys_record_is_listed_without_an_owner(kind: Kind, mira: User) -> None:
    kind.make(None)
    kind.made(make_user("gone", is_active=False))
    answer = signed_in(mira).get(kind.path)
    assert len(rows_of(answer)) == 2
    assert "nobody" in text_of(answer)
    assert "Gone" in text_of(answer)
