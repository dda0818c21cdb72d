"""The admin, whose pages are django-unfold's: what axe finds there, but for the rules that it breaks by itself."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.e2e.conftest import OpenAs
from tests.e2e.test_every_page import ALL_RULES, violations
from tests.factories import make_company, make_contact, make_deal

THEIRS = {
    "landmark-one-main": "unfold frames its pages without <main>",
    "landmark-unique": "its two scrolling regions have one name",
    "region": "follows from the missing <main>",
    "list": "import_export's links in <ul class=object-tools> stand in no <li>",
    "target-size": "the magnifier and the sort arrows in unfold's lists are below 24 px",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin(open_as: OpenAs, mira: User, scheme: str) -> None:
    company = make_company(mira, name="Acme")
    deal = make_deal(mira, company=company, contact=make_contact(mira))
    page = open_as(mira, color_scheme=scheme)
    problems = []
    for path in (
        "",
        "deals/deal/",
        f"deals/deal/{deal.pk}/change/",
        f"deals/deal/{deal.pk}/delete/",
        "companies/company/add/",
        "deals/stage/",
        "accounts/user/",
        "records/change/",
        "companies/company/import/",
        "companies/company/export/",
    ):
        page.goto(f"/admin/{path}")
        found = violations(page, ALL_RULES)
        problems += [f"/admin/{path} in {scheme}: {line}" for line in found if line.partition(":")[0] not in THEIRS]
    assert not problems, "\n".join(problems)
