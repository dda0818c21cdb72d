"""Whichever statement a mutation loses its connection at, or race it loses, it wrote all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from psycopg.errors import SerializationFailure

from accounts.models import User
from parse_api.graphql.names import global_id
from tests.factories import make_activity, make_company, make_contact, make_deal
from tests.parse_api.graphql.asking import answer, person, post
from tests.parse_api.losses import after_losses

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "mutation($f: CreateDealFieldsInput) { createDeal(input: {fields: $f}) { deal { title company { name } } } }"
UPDATE = "mutation($id: ID!, $f: UpdateDealFieldsInput) { updateDeal(input: {id: $id, fields: $f}) { deal { title } } }"
DELETE = "mutation($id: ID!) { deleteCompany(input: {id: $id}) { company { name } } }"
LINKED = {"title": "x", "company": {"createAndLink": {"name": "y"}}, "contact": {"createAndLink": {"name": "z"}}}
WRITES = ("create and link", "update and link", "hand over", "delete")


def prepared(what: str, alice: User, bob: User) -> tuple[str, dict[str, Any]]:
    """Make what the mutation is about, and return it with its variables."""
    company = make_company(alice)
    deal = make_deal(alice, company=company, contact=make_contact(alice, company=company), amount=5)
    make_activity(alice, related_deal=deal)
    return {
        "create and link": (CREATE, {"f": LINKED}),
        "update and link": (UPDATE, {"id": deal.pk, "f": LINKED}),
        "hand over": (UPDATE, {"id": deal.pk, "f": {"assignedTo": {"link": bob.pk}}}),
        "delete": (DELETE, {"id": global_id("Company", company.pk)}),
    }[what]


@pytest.mark.parametrize("what", WRITES)
def test_loss_at_any_statement_is_clean(what: str, alice: User, bob: User) -> None:
    write = prepared(what, alice, bob)
    app = person(alice)
    app.client.raise_request_exception = False
    response = after_losses(lambda: post(app, *write), lambda: post(app, "{ health }"))
    assert "errors" not in response.json()


class LosingOnce:
    """Lets the first change of a deal lose a race."""

    def __init__(self) -> None:
        self.lost = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if not self.lost and sql.startswith('INSERT INTO "deals_deal"'):
            self.lost += 1
            raise OperationalError("lost") from SerializationFailure()
        return execute(sql, *more)


def test_a_mutation_that_lost_a_race_runs_again_as_a_whole(alice: User) -> None:
    app, losing = person(alice), LosingOnce()
    with connection.execute_wrapper(losing):
        found = answer(app, CREATE, {"f": LINKED})["createDeal"]["deal"]
    assert (losing.lost, found) == (1, {"title": "x", "company": {"name": "y"}})
    counts = answer(app, "{ deals { count } companies { count } contacts { count } }")
    assert counts == {name: {"count": 1} for name in ("deals", "companies", "contacts")}


def test_many_at_once_plan_and_answer_alike(alice: User) -> None:
    make_deal(alice, title="a")
    query = (
        "query($a: Boolean!, $b: Boolean!) { deals { count @skip(if: $a) edges { node { title @skip(if: $b) id } } } }"
    )
    app, found, problems = person(alice), [], []

    def ask(number: int) -> None:
        try:
            flags = {"a": bool(number % 2), "b": bool(number // 2 % 2)}
            shown = answer(app, query, flags)["deals"]
            (edge,) = shown["edges"]
            found.append(("count" in shown, "title" in edge["node"]) == (not flags["a"], not flags["b"]))
        except AssertionError as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (problems, found) == ([], [True] * 16)
