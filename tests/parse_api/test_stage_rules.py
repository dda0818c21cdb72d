"""Stages over the API: any text is kept; with CRM_STRICT_STAGES the rules of the pipeline hold there, too."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from accounts.models import User
from deals.models import Deal, StageChange
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.writes import objects
from tests.factories import make_deal
from tests.parse_api.app import MASTER, App, refusal, signed_in_app
from tests.parse_api.objects import date, made, shown


@pytest.mark.parametrize("stage", ["Proposal", "", " ", "Angebot \U0001f600", "x" * 500])
def test_any_text_is_kept_as_sent(alice: User, stage: str) -> None:
    app = signed_in_app(alice)
    pk = made(app, "Deal", title="x", stage=stage)["objectId"]
    assert shown(app, "Deal", pk)["stage"] == stage
    assert app.put(f"/classes/Deal/{pk}", {"stage": stage}).status_code == 200
    assert shown(app, "Deal", pk)["stage"] == stage


def test_a_bare_move_is_accepted_and_told_like_any_other(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice, probability=70)
    path = f"/classes/Deal/{deal.pk}"
    assert set(app.put(path, {"stage": "lead"}).json()) == {"updatedAt"}
    deal.refresh_from_db()
    assert (deal.probability, deal.closed_at) == (70, None)
    assert set(app.put(path, {"stage": "lost"}).json()) == {"updatedAt"}
    deal.refresh_from_db()
    assert (deal.probability, deal.closed_at is None, deal.lost_reason) == (None, False, None)
    assert list(StageChange.objects.values_list("to_stage", "actor")) == [("lead", None), ("lost", alice.pk)]
    assert app.put(path, {"stage": "won"}).status_code == 200


def test_a_lost_reason_comes_with_the_move_and_goes_with_the_next(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice)
    path = f"/classes/Deal/{deal.pk}"
    assert set(app.put(path, {"stage": "lost", "lostReason": "price"}).json()) == {"updatedAt"}
    assert shown(app, "Deal", deal.pk)["lostReason"] == "price"
    assert app.put(path, {"stage": "lead"}).status_code == 200
    assert "lostReason" not in shown(app, "Deal", deal.pk)


@pytest.fixture
def strict(settings: Settings) -> None:
    """Let the rules hold for apps."""
    settings.CRM_STRICT_STAGES = True


LACKING: list[tuple[dict[str, Any], str]] = [
    ({"stage": "lost"}, "lostReason"),
    ({"stage": "lost", "lostReason": ""}, "lostReason"),
    ({"stage": "lost", "lostReason": " "}, "lostReason"),
    ({"stage": "lost", "lostReason": None, "expectedCloseDate": date("2030-01-01")}, "lostReason"),
    ({"stage": "won"}, "expectedCloseDate"),
    ({"stage": "won", "lostReason": "price"}, "expectedCloseDate"),
    ({"stage": "won", "expectedCloseDate": {"__op": "Delete"}}, "expectedCloseDate"),
]


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(("body", "missing"), LACKING)
def test_strictly_what_is_missing_is_named(alice: User, body: dict[str, Any], missing: str) -> None:
    deal = make_deal(alice)
    for app in (signed_in_app(alice), App(MASTER)):
        for answer in (app.put(f"/classes/Deal/{deal.pk}", body), app.post("/classes/Deal", {"title": "x", **body})):
            assert refusal(answer) == (400, 142)
            assert missing in answer.json()["error"]
    assert Deal.objects.values_list("stage", "updated_at").get() == ("lead", deal.updated_at)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(
    "body",
    [
        {"stage": "lost", "lostReason": "price"},
        {"stage": "won", "expectedCloseDate": date("2030-01-01")},
        {"stage": "Elsewhere"},
        {"stage": None},
        {"lostReason": "price"},
    ],
)
def test_strictly_a_whole_move_passes(alice: User, body: dict[str, Any]) -> None:
    app, deal = signed_in_app(alice), make_deal(alice)
    assert app.put(f"/classes/Deal/{deal.pk}", body).status_code == 200
    assert app.post("/classes/Deal", {"title": "x", **body}).status_code == 201
    assert app.post("/classes/Company", {"name": "x"}).status_code == 201


@pytest.mark.usefixtures("strict")
def test_strictly_what_is_stored_counts_and_cannot_be_taken_away(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice, expected_close_date="2030-01-01T00:00Z")
    path = f"/classes/Deal/{deal.pk}"
    assert app.put(path, {"stage": "won"}).status_code == 200
    assert refusal(app.put(path, {"expectedCloseDate": None})) == (400, 142)
    assert app.put(path, {"stage": "lead", "expectedCloseDate": None}).status_code == 200


@pytest.mark.usefixtures("strict")
def test_strictly_a_deal_that_lacks_something_already_may_be_changed_otherwise(alice: User) -> None:
    app, deal = signed_in_app(alice), make_deal(alice, stage="lost")
    path = f"/classes/Deal/{deal.pk}"
    assert app.put(path, {"stage": "lost", "notes": "x"}).status_code == 200
    assert app.put(path, {"notes": "y"}).status_code == 200
    assert refusal(app.put(path, {"stage": "won"})) == (400, 142)


@pytest.mark.usefixtures("strict")
def test_strictly_one_of_many_is_refused(alice: User) -> None:
    with transaction.atomic():
        bodies = [{"title": "x", "stage": "won"}, {"title": "y", "stage": "lead"}]
        outcomes = objects.create_many(Caller(user=alice), "Deal", bodies)
    assert [isinstance(each, Answer) for each in outcomes] == [False, True]
