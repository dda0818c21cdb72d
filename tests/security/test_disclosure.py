"""Where redirects lead, and what of a colleague is shown (SECURITY_CASES.md, 18 and 93)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD, make_activity, make_company, signed_in

ELSEWHERE = (
    "//evil.example", "https:evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example",
    "/\\evil", "/\t/evil.example", "\x01//evil.example", "http:///evil.example", "https://testserver@evil.example",
)  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_redirects_stay_on_the_site(address: str, alice: User, mira: User) -> None:
    activity = make_activity(alice)
    done = signed_in(alice).post(f"{activity.get_absolute_url()}done/", {"done": "1", "next": address})
    assert done["Location"] == activity.get_absolute_url()
    entry = Client().post("/accounts/login/", {"login": "alice", "password": PASSWORD, "next": address})
    assert (entry.status_code, entry["Location"]) == (302, "/")
    assert signed_in(mira).get("/admin/login/", {"next": address})["Location"] == "/admin/"


def test_a_colleague_is_a_name_and_nothing_else(alice: User, bob: User) -> None:
    assert alice.email == "alice@example.com"
    make_company(bob)
    browser = signed_in(bob)
    pages = ["/people/options/?q=", "/people-and-roles/options/?q=alice", "/deals/new/", "/companies/", "/"]
    html = "".join(browser.get(page).content.decode() for page in pages)
    assert "Alice" in html
    assert "alice@example.com" not in html
    assert "alice" not in browser.get("/people/options/?q=alice@example").content.decode().lower()
