"""Adding deals right in a column of the board: Enter after Enter on a desk, on a phone, and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from deals.models import Deal
from tests.e2e.conftest import SCREENS, OpenAs
from tests.e2e.waiting import picker
from tests.factories import make_company, make_deal


def opened(page: Page, stage: str) -> Any:
    """Open the form of a column and return it."""
    page.goto("/deals/board/")
    page.locator(f'[data-add="{stage}"]').click()
    form = page.locator(f"#quick-add-{stage}")
    expect(form.get_by_label("Title")).to_be_focused()
    return form


def test_enter_saves_and_keeps_the_form_open(open_as: OpenAs, alice: User) -> None:
    make_company(alice, name="Acme")
    make_deal(alice, stage="proposal", title="Older", amount=100)
    page = open_as(alice)
    form = opened(page, "proposal")
    title = form.get_by_label("Title")
    title.fill("First")
    picker(form, "Company").fill("Acm")
    page.get_by_role("option", name="Acme").click()
    form.get_by_label("Amount").fill("50")
    form.get_by_label("Amount").press("Enter")
    expect(page.locator("#cards-proposal > [data-card] .row-link")).to_have_text(["First", "Older"])
    expect(page.locator("#head-proposal")).to_contain_text("$150")
    expect(title).to_have_value("")
    expect(title).to_be_focused()
    title.fill("Second")
    title.press("Enter")
    expect(page.locator("#cards-proposal > [data-card] .row-link")).to_have_text(["Second", "First", "Older"])
    found = Deal.objects.order_by("created_at").values_list("title", "stage", "amount", "company__name")
    assert list(found)[1:] == [("First", "proposal", 50, "Acme"), ("Second", "proposal", None, None)]
    page.reload()
    expect(page.locator("#cards-proposal > [data-card] .row-link")).to_have_text(["Second", "First", "Older"])


def test_typed_values_stay_where_something_is_wrong(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice)
    form = opened(page, "lead")
    form.get_by_label("Title").fill("Big")
    picker(form, "Company").fill("Brand New Inc")
    page.get_by_role("option", name="Create “Brand New Inc”").click()
    form.get_by_label("Amount").fill("a lot")
    form.get_by_label("Amount").press("Enter")
    expect(form.get_by_label("Amount")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Amount")).to_be_focused()
    expect(form.get_by_label("Title")).to_have_value("Big")
    expect(form.get_by_role("combobox", name="Company")).to_have_value("Brand New Inc")
    form.get_by_label("Amount").fill("12")
    form.get_by_label("Amount").press("Enter")
    expect(page.locator("#cards-lead > [data-card]")).to_contain_text("Brand New Inc")
    assert Deal.objects.get().company is not None


@pytest.mark.parametrize("answer", [None, 500, 403])
def test_server_that_fails_loses_nothing_that_was_typed(open_as: OpenAs, alice: User, answer: int | None) -> None:
    page = open_as(alice).context.new_page()  # not watched: htmx reports what fails
    form = opened(page, "lead")
    page.route("**/deals/board/new/", lambda route: route.abort() if answer is None else route.fulfill(status=answer))
    form.get_by_label("Title").fill("Big")
    form.get_by_label("Title").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("What you typed is still there")
    expect(form.get_by_label("Title")).to_have_value("Big")
    page.unroute("**/deals/board/new/")
    form.get_by_label("Title").press("Enter")
    expect(page.locator("#cards-lead > [data-card]")).to_contain_text("Big")
    assert Deal.objects.count() == 1


def test_on_a_phone(open_as: OpenAs, alice: User) -> None:
    page = open_as(alice, **SCREENS["phone"])
    form = opened(page, "lead")
    form.get_by_label("Title").fill("Big")
    form.get_by_role("button", name="Add deal").click()
    expect(page.locator("#cards-lead > [data-card]")).to_contain_text("Big")


def test_without_javascript(open_as: OpenAs, alice: User) -> None:
    make_company(alice, name="Acme")
    page = open_as(alice, **SCREENS["desk without JavaScript"])
    page.goto("/deals/board/new/?stage=negotiation&next=/deals/board/%3Fq%3DBig")
    page.get_by_label("Title").fill("Big")
    page.get_by_label("or make a new company").fill("Brand New Inc")
    page.locator("main").get_by_role("button", name="Add deal").last.click()
    expect(page.get_by_role("status")).to_contain_text("“Big” was created")
    expect(page.locator("#cards-negotiation > [data-card]")).to_contain_text("Brand New Inc")
    assert page.url.endswith("/deals/board/?q=Big")
