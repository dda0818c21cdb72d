"""The database goes away, or nobody listens: whoever listens is told to begin again, and misses nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from websockets.exceptions import InvalidStatus

from accounts.models import User
from crm_site.live import newsroom
from parse_api.livequery.hub import Hub
from records.live import feed
from records.live.feed import News
from tests.factories import make_deal, signed_in
from tests.live.conftest import Listen, Visit
from tests.live.following import eventually
from tests.live.listener import cookie_of, listening, visiting
from tests.live.newsroom import Site
from tests.parse_api.app import signed_in_app

AGAIN = (1012, "Look again")
_OURS = "datname = current_database() AND pid <> pg_backend_pid()"
_FEED = f"{_OURS} AND application_name = 'crm live'"


def _backends(which: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pid FROM pg_stat_activity WHERE {which}")  # noqa: S608
        return [pid for (pid,) in cursor.fetchall()]


def _terminate(which: str) -> int:
    """End what serves other connections than the test's own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {which}")  # noqa: S608
        return len(cursor.fetchall())


def test_everybody_begins_again_when_the_feed_is_lost(site: Site, listen: Listen, visit: Visit, alice: User) -> None:
    app, browser = signed_in_app(alice), signed_in(alice)
    ears, page = [listen(), listen()], visit(browser)
    for ear in ears:
        ear.connect(app.token)
    ears[0].follow("Deal")
    assert _terminate(_FEED) == 1
    missed = make_deal(alice)
    assert [each.end() for each in (*ears, page)] == [AGAIN] * 3
    with listening(site.address) as ear, visiting(site.address, cookie_of(browser)) as page:
        assert page.next() == {"op": "hello"}
        ear.connect(app.token)
        ear.follow("Deal")
        found = app.get("/classes/Deal").json()["results"]
        assert [each["objectId"] for each in found] == [missed.pk]
        deal = make_deal(alice)
        assert ear.told(alice) == [("create", deal.pk)]
        assert page.next()["changes"][0]["id"] == deal.pk


def test_threads_whose_connections_were_lost_connect_again(site: Site, listen: Listen, alice: User) -> None:
    """Those for sessions, for queries and for reviews of rights; each begins with another connection."""
    app, ear = signed_in_app(alice), listen()
    ear.connect(app.token)
    ear.follow("Deal", {"title": {"$regex": "[a-z]"}})
    make_deal(alice, title="a")
    assert ear.next()["op"] == "create"
    _terminate(f"{_OURS} AND application_name <> 'crm live'")
    ear.follow("Deal", {"title": {"$regex": "[a-z]"}}, 2)
    make_deal(alice, title="b")
    assert {ear.next()["requestId"], ear.next()["requestId"]} == {1, 2}
    _terminate(f"{_OURS} AND application_name <> 'crm live'")
    app.post("/logout")
    assert {ear.next()["code"], ear.next()["code"]} == {209}
    assert site.ask(lambda: len(site.newsroom.queries)) == 1


def test_while_there_is_no_database_nobody_is_let_in(site: Site, monkeypatch: pytest.MonkeyPatch, alice: User) -> None:
    monkeypatch.setattr(newsroom, "_PATIENCE_SECONDS", 0.2)
    browser = signed_in(alice)
    with _without_connections():
        for opened in (listening(site.address), visiting(site.address, cookie_of(browser))):
            with pytest.raises(InvalidStatus) as refused, opened:
                pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["Retry-After"] == "5"
    eventually(lambda: _says_hello(site))


@contextmanager
def _without_connections() -> Iterator[None]:
    """Let nobody connect to the database for the length of the block, and nobody who has stay."""
    name = connection.settings_dict["NAME"]
    place = connection.get_connection_params()
    alter = f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS'
    with psycopg.connect(host=place["host"], user=place["user"], dbname="postgres", autocommit=True) as other:
        other.execute(f"{alter} false".encode())
        try:
            _terminate(_OURS)
            yield
        finally:
            other.execute(f"{alter} true".encode())


def _says_hello(site: Site) -> bool:
    try:
        with listening(site.address) as ear:
            return bool(ear.connect())
    except InvalidStatus:
        return False


def test_an_idle_newsroom_stops_listening_and_begins_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(feed, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(newsroom, "_IDLE_SECONDS", 0.2)
    assert _backends(_FEED) == []
    token = signed_in_app(alice).token
    for _ in range(2):
        with listening(site.address) as ear:
            ear.connect(token)
            ear.follow("Deal")
            assert len(_backends(_FEED)) == 1
            deal = make_deal(alice)
            assert ear.told(alice) == [("create", deal.pk)]
        eventually(lambda: _backends(_FEED) == [])


def test_a_fault_of_ours_ends_connections_and_not_the_process(
    site: Site, listen: Listen, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: Hub, news: News) -> None:
        if news.changes:
            raise LookupError("a fault of ours")
        await deliver(self, news)

    ear, deliver = listen(alice), Hub.deliver
    ear.follow("Deal")
    monkeypatch.setattr(Hub, "deliver", fail)
    with caplog.at_level(logging.CRITICAL, "crm_site"):
        make_deal(alice)
        assert ear.end() == AGAIN
    monkeypatch.undo()
    eventually(lambda: _says_hello(site))


def test_a_moment_that_only_plain_sql_can_write_ends_no_process(site: Site, alice: User) -> None:
    deal = make_deal(alice)
    for moment in ("infinity", "20000-01-01", "0044-03-15 BC"):
        with listening(site.address) as ear, connection.cursor() as cursor:
            ear.connect(signed_in_app(alice).token)
            ear.follow("Deal")
            cursor.execute("UPDATE deals_deal SET expected_close_date = %s WHERE id = %s", [moment, deal.pk])
            assert ear.end() == AGAIN
    eventually(lambda: _says_hello(site))
