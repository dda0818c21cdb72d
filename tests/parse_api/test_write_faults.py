"""Whichever statement a write of an app loses its connection at, it wrote all or nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from accounts.models import User
from records.access import share
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.app import signed_in_app
from tests.parse_api.losses import after_losses
from tests.parse_api.objects import ALL, pointer

pytestmark = pytest.mark.django_db(transaction=True)


class Write(NamedTuple):
    """What an app sends."""

    method: str
    path: str
    body: Any = None


WRITES = ("create", "create with ACL", "update", "share", "hand over", "delete")


def prepared(what: str, alice: User, bob: User) -> Write:
    """Make what the request is about, and return the request."""
    company = make_company(alice)
    contact = make_contact(alice, company=company)
    deal = make_deal(alice, company=company, contact=contact, amount=5)
    make_activity(alice, related_deal=deal)
    share(deal, bob, ("view",))
    one, path = {"title": "x", "company": pointer(company)}, f"/classes/Deal/{deal.pk}"
    return {
        "create": Write("POST", "/classes/Deal", one),
        "create with ACL": Write("POST", "/classes/Deal", {**one, "ACL": {bob.pk: ALL, "*": {"read": True}}}),
        "update": Write("PUT", path, {"stage": "won", "amount": {"__op": "Increment", "amount": 2}}),
        "share": Write("PUT", path, {"ACL": {alice.pk: ALL, "*": ALL}}),
        "hand over": Write("PUT", path, {"assignedTo": pointer(bob), "ACL": {alice.pk: ALL, "*": ALL}}),
        "delete": Write("DELETE", f"/classes/Company/{company.pk}"),
    }[what]


@pytest.mark.parametrize("what", WRITES)
def test_loss_at_any_statement_is_clean(what: str, alice: User, bob: User) -> None:
    write = prepared(what, alice, bob)
    app = signed_in_app(alice)
    app.client.raise_request_exception = False
    answer = after_losses(lambda: app.send(*write), lambda: app.get("/users/me"))
    assert answer.status_code in (200, 201)
