"""/deals/board/new/: a deal typed right into a column of the board."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from companies.models import Company
from deals.models import Deal, Stage
from tests.factories import make_company, make_deal, signed_in
from tests.pages.reading import errors_of, form_of, text_of

URL = "/deals/board/new/"
LEAST = {"title": "Big", "stage": "proposal"}
QUERIES = 5
"""session, person; stages, open stages; companies to choose from."""
QUERIES_TO_ADD = 28
"""As above, and: begin, commit, whose transaction it is, and nobody's; was the form sent before; three checks and the
insert, each between savepoints; then for the board: stages, owners to filter by, the card, its column's count, what is
above it, the totals of the column; the fresh form: stages, companies."""


@pytest.fixture
def browser(alice: User) -> Client:
    """Return Alice's browser."""
    return signed_in(alice)


def add(browser: Client, **typed: str) -> Any:
    """Send the form as htmx does."""
    return browser.post(URL, LEAST | typed, headers={"HX-Request": "true", "HX-Target": "quick-add-proposal"})


def test_form_of_a_column(browser: Client) -> None:
    page = text_of(browser.get(URL, {"stage": "proposal", "board": "q=x&sort=value", "next": "/deals/board/?q=x"}))
    assert "New deal in Proposal" in page
    form = form_of(browser.get(URL, {"stage": "proposal", "board": "q=x&sort=value", "next": "/deals/board/?q=x"}))
    assert form["key"]
    assert {name: form[name] for name in ("stage", "board", "next", "title", "company", "amount")} == {
        "stage": "proposal", "board": "q=x&sort=value", "next": "/deals/board/?q=x",
        "title": "", "company": "", "amount": "",
    }  # fmt: skip
    assert form_of(browser.get(URL))["stage"] == "lead"


def test_htmx_gets_the_form_alone_with_ids_of_its_column(browser: Client) -> None:
    part = text_of(browser.get(URL, {"stage": "proposal"}, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert part.count("<form") == 1
    assert 'id="quick-proposal-title"' in part
    assert 'id="quick-add-proposal"' in part


@pytest.mark.parametrize("stage", ["won", "lost", "nonsense", "open", "other", "LEAD", "", "x\x00"])
def test_only_open_stages_have_a_form(browser: Client, stage: str) -> None:
    assert browser.get(URL, {"stage": stage}).status_code in (400, 404)


def test_pipeline_without_an_open_stage_takes_none(browser: Client) -> None:
    Stage.objects.exclude(kind="won").delete()
    assert browser.get(URL).status_code == 404
    answer = browser.post(URL, LEAST)
    assert (answer.status_code, list(errors_of(answer))) == (422, ["stage"])


def test_adds_a_deal_of_ones_own(browser: Client, alice: User) -> None:
    company = make_company(alice)
    answer = browser.post(URL, LEAST | {"company": company.pk, "amount": "1,234.50"})
    deal = Deal.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/deals/board/#{deal.pk}")
    assert (deal.title, deal.stage, deal.amount, deal.company) == ("Big", "proposal", Decimal("1234.50"), company)
    assert (deal.assigned_to, deal.closed_at, deal.probability) == (alice, None, None)
    assert "Deal “Big” was created." in text_of(browser.get("/deals/"))


@pytest.mark.parametrize(
    ("back", "where"),
    [
        ("/deals/board/?q=x&sort=value", "/deals/board/?q=x&sort=value"),
        ("/deals/\r\nX: y", "/deals/%0D%0AX:%20y"),
        ("", "board"),
        ("https://evil.example/", "board"),
        ("//evil.example/", "board"),
        ("/\\evil.example/", "board"),
        ("javascript:alert(1)", "board"),
        ("deals/", "board"),
        ("x" * 5000, "board"),
    ],
)
def test_goes_back_only_to_a_page_of_ours(browser: Client, back: str, where: str) -> None:
    answer = browser.post(URL, LEAST | {"next": back})
    board = f"/deals/board/#{Deal.objects.get().pk}"
    assert answer["Location"] == (board if where == "board" else where)


@pytest.mark.parametrize("back", ["javascript:alert(1)", "https://evil.example/", "//evil.example/"])
def test_links_only_to_a_page_of_ours(browser: Client, back: str) -> None:
    for answer in (browser.get(URL, {"next": back}), browser.post(URL, {"next": back}), add(browser, next=back)):
        assert back not in text_of(answer)
        assert 'href="/deals/board/" data-quick-close' in text_of(answer)


def test_htmx_gets_a_fresh_form_the_card_and_the_head(browser: Client, alice: User) -> None:
    make_deal(alice, stage="proposal", amount=100)
    first = form_of(browser.get(URL, {"stage": "proposal"}))
    answer = add(browser, **first | {"title": "Big <b>", "amount": "50"})
    deal, page = Deal.objects.get(title="Big <b>"), text_of(answer)
    assert answer.status_code == 200
    fresh = form_of(answer)
    assert (fresh["title"], fresh["amount"], fresh["stage"]) == ("", "", "proposal")
    assert fresh["key"] != first["key"]
    assert page.index("afterbegin:[id=&#x27;cards-proposal&#x27;]".replace("&#x27;", "'")) < page.index(
        f'id="{deal.pk}"'
    )
    assert "Big &lt;b&gt;" in page
    head = page[page.index('id="head-proposal"') :]
    assert 'hx-swap-oob="true"' in head.partition(">")[0]
    assert "$150" in head
    assert "Deal “Big &lt;b&gt;” was created." in page
    assert 'id="head-lead"' not in page


def test_card_that_the_filter_hides_stays_away(browser: Client) -> None:
    page = text_of(add(browser, board="q=zzz"))
    assert f'id="{Deal.objects.get().pk}"' not in page
    assert "This board does not show it." in page
    assert 'id="head-proposal"' in page


@pytest.mark.parametrize("board", ["q=\x00", "%00", "sort=nonsense", "owner=x&amount_min=y&close=z", "q=" + "x" * 9000])
def test_odd_board_does_no_harm(browser: Client, board: str) -> None:
    assert add(browser, board=board).status_code in (200, 400)


@pytest.mark.parametrize("htmx", [True, False])
def test_refused_form_keeps_what_was_typed(browser: Client, *, htmx: bool) -> None:
    typed = {"title": "", "amount": "a lot", "company-new": "Acme <b>", "board": "q=x", "next": "/deals/board/?q=x"}
    answer = add(browser, **typed) if htmx else browser.post(URL, LEAST | typed)
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {"title", "amount"}
    assert ("<html" in text_of(answer)) is not htmx
    kept = form_of(answer)
    assert {name: kept[name] for name in (*typed, "stage")} == typed | {"stage": "proposal"}
    assert not Deal.objects.exists()
    assert not Company.objects.exists()


@pytest.mark.parametrize(
    "stage", ["won", "lost", "", "nonsense", "open", "other", "Proposal", "x" * 5000, "proposal\n"]
)
def test_stage_must_be_an_open_one_and_says_why(browser: Client, stage: str) -> None:
    for answer in (browser.post(URL, LEAST | {"stage": stage}), add(browser, stage=stage)):
        assert answer.status_code == 422
        assert list(errors_of(answer)) == ["stage"]
        reason = "open stage" if stage else "Choose a column"
        assert reason in text_of(answer)
        assert form_of(answer)["title"] == "Big"
    assert not Deal.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 501),
        ("amount", "-1"),
        ("amount", "NaN"),
        ("amount", "1e400"),
        ("amount", "1,2"),
        ("amount", "\N{FULLWIDTH DIGIT ONE}"),
        ("amount", "9" * 5000),
        ("company", "AAAAAAAAAA"),
        ("company", "x" * 5000),
        ("company", "' OR 1=1 --"),
        ("company-new", "x" * 501),
    ],
)
def test_bad_values_are_errors_of_their_field(browser: Client, field: str, value: str) -> None:
    answer = add(browser, **{field: value})
    assert (answer.status_code, list(errors_of(answer))) == (422, [field.partition("-")[0]])
    assert not Deal.objects.exists()
    assert not Company.objects.exists()


def test_company_of_a_stranger_does_not_exist(browser: Client, mallory: User) -> None:
    hidden = make_company(mallory, name="Hidden Inc")
    answer = add(browser, company=hidden.pk)
    assert (answer.status_code, list(errors_of(answer))) == (422, ["company"])
    assert "Hidden Inc" not in text_of(answer)
    assert text_of(answer).replace(hidden.pk, "A" * 10).count("Select a valid choice") == text_of(
        add(browser, company="A" * 10)
    ).count("Select a valid choice")


def test_company_is_made_along(browser: Client, alice: User) -> None:
    assert add(browser, **{"company-new": " Acme "}).status_code == 200
    company = Company.objects.get()
    assert (company.name, company.created_by, Deal.objects.get().company) == ("Acme", alice, company)


def test_nothing_else_can_be_set(browser: Client, alice: User, bob: User) -> None:
    add(browser, assigned_to=bob.pk, probability="5", closed_at="2001-01-01", position="1", objectId="A" * 10, id="x")
    deal = Deal.objects.get()
    assert (deal.assigned_to, deal.probability, deal.closed_at) == (alice, None, None)
    assert deal.pk not in ("A" * 10, "x")


def test_find_narrows_the_companies_and_keeps_what_was_typed(browser: Client, alice: User) -> None:
    acme = make_company(alice, name="Acme")
    make_company(alice, name="Zebra")
    typed = form_of(browser.get(URL, {"stage": "proposal", "next": "/deals/board/?q=x"})) | {
        "title": "Big",
        "amount": "12",
    }
    found = browser.post(URL, typed | {"company-search": "acm", "find": "company"})
    assert found.status_code == 200
    assert f'<option value="{acme.pk}">Acme</option>' in text_of(found)
    assert "Zebra" not in text_of(found)
    after = form_of(found)
    assert {name: after[name] for name in typed if name != "company-search"} == {
        name: value for name, value in typed.items() if name != "company-search"
    }
    assert not Deal.objects.exists()
    assert browser.post(URL, after | {"company": acme.pk}).status_code == 302
    assert Deal.objects.get().company == acme


def test_sent_twice_makes_one(browser: Client) -> None:
    sent = form_of(browser.get(URL, {"stage": "proposal"})) | {"title": "Big", "company-new": "Acme"}
    assert [browser.post(URL, sent).status_code, add(browser, **sent).status_code] == [302, 200]
    deal = Deal.objects.get()
    assert Company.objects.count() == 1
    again = add(browser, **sent)
    assert f'id="{deal.pk}"' in text_of(again)
    deal.delete()
    gone = add(browser, **sent)
    assert gone.status_code == 200
    assert "This deal was created before." in text_of(gone)
    assert not Deal.objects.exists()
    assert browser.post(URL, sent)["Location"] == "/deals/board/"


def test_new_deal_is_on_top_of_its_column(browser: Client, alice: User) -> None:
    for number in range(3):
        make_deal(alice, stage="proposal", title=f"Old {number}")
    add(browser)
    first = Deal.objects.filter(stage="proposal").order_by("position", "id").first()
    assert first
    assert first.title == "Big"


def test_takes_as_many_queries_for_many_deals_as_for_few(browser: Client, alice: User) -> None:
    add(browser)
    counts = []
    for number in (1, 20):
        for _ in range(number):
            make_deal(alice, stage="proposal", company=make_company(alice))
        with CaptureQueriesContext(connection) as asked:
            browser.get(URL, {"stage": "proposal"})
        with CaptureQueriesContext(connection) as added:
            assert add(browser).status_code == 200
        counts.append((len(asked), len(added)))
    assert counts == [(QUERIES, QUERIES_TO_ADD)] * 2
