"""Whichever statement a request loses its connection at, it wrote all or nothing (SECURITY_CASES.md, P and Q)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import User
from crm_site.invariants import findings
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = (
    *(f"{record}{kind}" for record in ("companies_company", "contacts_contact", "deals_deal", "activities_activity")
      for kind in ("", "usergrant", "groupgrant")),
    "deals_stagechange", "records_change",
)  # fmt: skip
MOST = 200
"""Statements of a request; more would never end."""


class Failing:
    """Lets the statement of this number fail and all that follow, as if the connection were lost in the middle."""

    def __init__(self, number: int) -> None:
        self.left = number

    @property
    def has_failed(self) -> bool:
        return self.left <= 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.left -= 1
        if self.has_failed:
            raise OperationalError("the connection is lost")
        return execute(*statement)


class Write(NamedTuple):
    """What a request writes: its address and its data."""

    url: str
    data: dict[str, str]


def everything() -> str:
    """Return a digest of all rows of all tables that a page writes."""
    rows = " || ".join(
        f"coalesce((SELECT string_agg(t::text, '' ORDER BY t::text) FROM {name} t), '')"  # noqa: S608
        for name in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5({rows})")
        return str(cursor.fetchone()[0])


def prepared(what: str, alice: User, bob: User) -> Write:
    """Make what the request is about, and return the request."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact, amount=5)
    activity = make_activity(alice, related_deal=deal)
    share(deal, bob, ("view",))
    url, version = deal.get_absolute_url(), deal.updated_at.isoformat()
    if what == "restore":
        assert signed_in(alice).post(f"{contact.get_absolute_url()}delete/").status_code == 302
    if what == "undo":
        signed_in(alice).post(f"{url}edit/", {"title": "Better", "stage": "won", "version": version})
    change = Change.objects.filter(object_id=deal.pk).latest("id").pk
    return {
        "create": Write("/contacts/new/", {"name": "Ann", "company-new": "Acme"}),
        "log": Write("/activities/log/", {"type": "call", "subject": "x", "when": "now", "related_deal": deal.pk}),
        "edit": Write(f"{url}edit/", {"title": "Better", "stage": "won", "company-new": "Acme", "version": version}),
        "undo": Write(f"{url}undo/", {"change": str(change)}),
        "share": Write(f"{url}sharing/", {"holder": "*", "level": "edit"}),
        "unshare": Write(f"{url}sharing/remove/", {"take_back": bob.pk}),
        "hand-over": Write(f"{url}hand-over/", {"holder": bob.pk, "keep": "on"}),
        "delete": Write(f"{company.get_absolute_url()}delete/", {}),
        "restore": Write(f"{contact.get_absolute_url()}restore/", {}),
        "done": Write(f"{activity.get_absolute_url()}done/", {"done": "1"}),
    }[what]


WRITES = ("create", "log", "edit", "undo", "share", "unshare", "hand-over", "delete", "restore", "done")


@pytest.mark.parametrize("what", WRITES)
def test_loss_at_any_statement_is_clean(what: str, alice: User, bob: User) -> None:
    write = prepared(what, alice, bob)
    browser: Client = signed_in(alice, raise_request_exception=False)
    before = everything()
    for number in range(1, MOST):
        failing = Failing(number)
        with connection.execute_wrapper(failing):
            answer = browser.post(write.url, write.data)
        if not failing.has_failed:
            break
        assert (answer.status_code, answer.get("Retry-After")) == (503, "5"), number
        assert everything() == before, number
        assert not connection.in_atomic_block
        assert browser.get("/companies/").status_code == 200, number
    assert number > 5
    assert answer.status_code == 302
    assert everything() != before
    assert findings() == []
