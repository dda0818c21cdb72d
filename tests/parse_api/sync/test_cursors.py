"""Cursors that lead nowhere: made up, changed, of another key, of another database, of a later state of it."""

from __future__ import annotations

import base64
import json
import time
from hashlib import md5
from typing import Any
from urllib.parse import quote

import pytest
from django.core import signing
from django.db import connection
from pytest_django.fixtures import Settings

from accounts.models import User
from parse_api.sync import cursors
from records.models import Change
from tests.factories import make_deal
from tests.parse_api.app import App, refusal, signed_in_app
from tests.parse_api.sync.copy import GONE, Copy, truth

pytestmark = pytest.mark.django_db(transaction=True)
BAD = (400, 102)


@pytest.fixture
def copy(alice: User) -> Copy:
    """A copy of Alice's."""
    make_deal(alice)
    copy = Copy(signed_in_app(alice))
    copy.sync()
    return copy


def parts_of(cursor: str) -> dict[str, Any]:
    """Return what a cursor says."""
    parts: dict[str, Any] = cursors._SIGNER.unsign_object(cursor)
    return parts


def test_a_cursor_can_stand_in_an_address_as_it_is(copy: Copy) -> None:
    assert quote(copy.cursor, safe="") == copy.cursor
    assert len(copy.cursor) < 500


@pytest.mark.parametrize(
    "since",
    [
        "x",
        "0",
        "null ",
        "é",
        "%00",
        "a~b",
        "a" * 20_000,
        "a" * 10_000 + "~" + "b" * 43,
        "2030-01-01T00:00:00.000Z",
        "' OR 1=1 --",
        "..~" + "a" * 43,
        "~" + "a" * 43,
        "a.b~" + "a" * 43,
        "a~" + "a" * 43 + "\n",
    ],
)
def test_what_never_was_a_cursor_is_refused(alice: User, since: str) -> None:
    answer = signed_in_app(alice).get(f"/changes?since={quote(since, safe='%')}")
    assert refusal(answer)[0] == 400
    assert "%" in since or refusal(answer) == BAD


@pytest.mark.parametrize("since", [7, True, [], ["x"], {}, {"$ne": 1}, 1.5, "\n", " "])
def test_what_is_no_text_is_refused(alice: User, since: object) -> None:
    answer = signed_in_app(alice).post("/changes", {"_method": "GET", "since": since})
    assert refusal(answer) == BAD if since else answer.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "classes=Nope",
        "classes=Deal,Nope",
        "classes=_User",
        "classes=_Role",
        "classes=_Session",
        "classes=deal",
        "classes=Deal%27",
        "classes=%5B1%5D",
        "classes=%7B%7D",
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=true",
        "limit=%5B%5D",
        "where=%7B%7D",
        "keys=title",
        "include=contact",
        "skip=1",
        "order=title",
        "count=1",
        "nonesuch=1",
        "__proto__=1",
    ],
)
def test_bad_options_are_refused(alice: User, query: str) -> None:
    assert refusal(signed_in_app(alice).get(f"/changes?{query}")) == BAD


@pytest.mark.parametrize("query", ["limit=10000000000000000000", "limit=%2210%22", "classes=", "classes=Deal,Deal,,"])
def test_odd_options_that_make_sense(alice: User, query: str) -> None:
    assert signed_in_app(alice).get(f"/changes?{query}").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_there_are_no_other_verbs(alice: User, method: str) -> None:
    assert refusal(signed_in_app(alice).send(method, "/changes", {})) == (404, None)


def test_a_cursor_of_other_classes_starts_over(copy: Copy) -> None:
    copy.options = {"classes": "Deal"}
    assert refusal(copy.ask()) == GONE


def test_every_changed_character_is_noticed(copy: Copy) -> None:
    whole = copy.cursor
    for place in range(0, len(whole), 7):
        copy.cursor = whole[:place] + ("A" if whole[place] != "A" else "B") + whole[place + 1 :]
        assert refusal(copy.ask()) in (GONE, BAD)
    for cut in (whole[:-1], whole[1:], whole + "A", whole.partition("~")[0]):
        copy.cursor = cut
        assert refusal(copy.ask()) in (GONE, BAD)


def test_a_cursor_of_ones_own_making_is_refused(copy: Copy) -> None:
    made = base64.urlsafe_b64encode(json.dumps(parts_of(copy.cursor)).encode()).decode().strip("=")
    copy.cursor = f"{made}~{'A' * 43}"
    assert refusal(copy.ask()) == GONE
    copy.cursor = signing.Signer(sep="~", salt="something else").sign_object(parts_of(whole_cursor(copy)))
    assert refusal(copy.ask()) == GONE


def whole_cursor(copy: Copy) -> str:
    """Return a fresh cursor of a copy's person."""
    fresh = Copy(copy.app)
    fresh.sync()
    return fresh.cursor


def test_another_secret_key_starts_over_and_an_older_one_may_be_kept(copy: Copy, settings: Settings) -> None:
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    fresh = signing.Signer(sep="~", salt="parse_api.sync")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cursors, "_SIGNER", fresh)
        assert refusal(copy.ask()) == GONE
        settings.SECRET_KEY_FALLBACKS = [old]
        patch.setattr(cursors, "_SIGNER", signing.Signer(sep="~", salt="parse_api.sync"))
        assert copy.ask().status_code == 200


@pytest.mark.parametrize("key", ["v", "w", "m"])
def test_another_version_person_or_database_starts_over(copy: Copy, key: str) -> None:
    parts = parts_of(copy.cursor)
    other = ["another", *parts["m"][1:]] if key == "m" else "another"
    copy.cursor = cursors._SIGNER.sign_object(parts | {key: other}, compress=True)
    assert refusal(copy.ask()) == GONE
    copy.sync()
    assert copy.records == truth(copy.app)


def test_the_database_is_known_by_its_cluster_and_its_number(copy: Copy) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.system_identifier, d.oid FROM pg_control_system() c, pg_database d "
            "WHERE d.datname = current_database()"
        )
        cluster, number = cursor.fetchone()
    assert parts_of(copy.cursor)["m"][0] == md5(f"{cluster}/{number}".encode()).hexdigest()  # noqa: S324


def test_a_database_from_before_starts_over(copy: Copy, alice: User) -> None:
    """A copy of the files, say, or a backup that was taken before: what the cursor saw last is not there."""
    make_deal(alice)
    copy.sync()
    last = Change.objects.order_by("-id")[0]
    Change.objects.filter(pk=last.pk).delete()
    assert refusal(copy.ask()) == GONE
    copy.sync()
    make_deal(alice)
    copy.sync()
    Change.objects.filter(pk=Change.objects.order_by("-id")[0].pk).update(created_at=last.created_at)
    assert refusal(copy.ask()) == GONE


def test_an_empty_log_is_a_beginning(alice: User) -> None:
    copy = Copy(signed_in_app(alice), "Deal")
    copy.sync()
    copy.sync()
    assert copy.begun == 1
    deal = make_deal(alice)
    copy.sync()
    assert set(copy.records["Deal"]) == {deal.pk}


def test_nothing_of_it_takes_long(alice: User) -> None:
    app = App(signed_in_app(alice).headers)
    started = time.monotonic()
    for since in ("x" * 9_000, ".x" + "A" * 9_000 + "~" + "A" * 43):
        assert refusal(app.get(f"/changes?since={since}"))[0] in (400, 410)
    assert time.monotonic() - started < 1
