"""/companies/<id>/edit/: what apps stored stays."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from tests.factories import make_company, signed_in
from tests.pages.reading import errors_of, form_of


@pytest.mark.parametrize(
    "stored",
    [
        {"name": "x" * 10_000},
        {"name": " blanks "},
        {"website": "javascript:alert(1)"},
        {"website": "not an address"},
        {"website": "http://user:pass@host.example/"},
        {"website": ""},
        {"industry": "x" * 600},
        {"address": "\r\nlines\r\n"},
    ],
    ids=str,
)
def test_what_is_not_touched_stays_exactly(alice: User, stored: dict[str, Any]) -> None:
    company = make_company(alice, **stored)
    browser, url = signed_in(alice), f"/companies/{company.pk}/edit/"
    assert browser.post(url, form_of(browser.get(url)) | {"notes": "New"}).status_code == 302
    company.refresh_from_db()
    assert {name: getattr(company, name) for name in stored} == stored
    assert company.notes == "New"


def test_what_is_touched_is_checked(alice: User) -> None:
    company = make_company(alice, website="javascript:alert(1)")
    browser, url = signed_in(alice), f"/companies/{company.pk}/edit/"
    answer = browser.post(url, form_of(browser.get(url)) | {"website": "javascript:alert(2)"})
    assert list(errors_of(answer)) == ["website"]
