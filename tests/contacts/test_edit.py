"""/contacts/<id>/edit/: what apps stored stays."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.factories import make_contact, signed_in
from tests.pages.reading import errors_of, form_of


@pytest.mark.parametrize(
    "stored",
    [{"email": "no address"}, {"email": ""}, {"phone": "1" * 300}, {"name": " a\tb "}, {"name": "x" * 10_000}],
    ids=str,
)
def test_what_is_not_touched_stays_exactly(alice: User, stored: dict[str, Any]) -> None:
    contact = make_contact(alice, **stored)
    browser, url = signed_in(alice), f"/contacts/{contact.pk}/edit/"
    assert browser.post(url, form_of(browser.get(url)) | {"notes": "New"}).status_code == 302
    contact.refresh_from_db()
    assert {name: getattr(contact, name) for name in stored} == stored
    assert contact.notes == "New"


def test_what_is_touched_is_checked(alice: User) -> None:
    contact = make_contact(alice, email="no address")
    browser, url = signed_in(alice), f"/contacts/{contact.pk}/edit/"
    assert list(errors_of(browser.post(url, form_of(browser.get(url)) | {"email": "none either"}))) == ["email"]


def test_company_made_along_replaces_the_old_one(alice: User) -> None:
    contact = make_contact(alice)
    browser, url = signed_in(alice), f"/contacts/{contact.pk}/edit/"
    assert browser.post(url, form_of(browser.get(url)) | {"company-new": "Acme"}).status_code == 302
    contact.refresh_from_db()
    assert contact.company is not None
    assert (contact.company.name, contact.company.created_by) == ("Acme", alice)
