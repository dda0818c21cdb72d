"""Hands the news of the change log to the subscriptions that they concern.

Everything here runs on one event loop; what asks the database runs on threads. Rights are looked at again before any
news that were committed with their change or after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from django.db import connection
from django.utils import timezone

from parse_api.caller import Caller
from parse_api.errors import Code
from parse_api.identity import bad_session
from parse_api.livequery.changes import LIVE, Change, change_of
from parse_api.livequery.decider import Decider
from parse_api.livequery.index import Index
from parse_api.livequery.messages import LiveQueryError
from parse_api.livequery.quotas import Closable, Quotas
from parse_api.livequery.subscriptions import Subscription
from parse_api.livequery.viewers import Viewer
from parse_api.people.session_sql import session_with
from parse_api.queries.patterns import Pattern
from records.live.database import Databases
from records.live.feed import LoggedChange, News, Snapshot

_BREATH = 200
"""So often somebody is told something before the event loop sees to others: those who shall read it among them."""


class Hub:
    """All subscriptions of this process."""

    def __init__(self, databases: Databases) -> None:
        """Begin without any."""
        self._databases = databases
        self._decider = Decider(databases.queries, self._end)
        self._indexes = {name: Index() for name in LIVE}
        self._viewers: dict[str, Viewer] = {}
        self._master = Viewer(Caller(is_master=True))
        self._open: set[Closable] = set()
        self._changes_of_rights = 0
        self._reviewing = asyncio.Lock()
        self.quotas = Quotas()

    def __len__(self) -> int:
        """Count the connections."""
        return len(self._open)

    async def check(self, viewer: Viewer, patterns: Sequence[Pattern]) -> None:
        """Raise ParseError 102 for a pattern that PostgreSQL does not take."""
        await self._decider.check(viewer.person, patterns)

    async def viewer(self, token: str) -> tuple[Viewer, Snapshot]:
        """Return who sees by this session, "" being the master key, and what is committed by now.

        Raises ParseError 209 when the session does not work.
        """
        while True:
            before = self._changes_of_rights
            caller, snapshot = await self._databases.visits.ask(partial(_look_up, token))
            if before == self._changes_of_rights:
                break
        if caller is None:
            return self._master, snapshot
        viewer = self._viewers.get(token)
        if viewer is None:
            return Viewer(caller), snapshot
        self._renew(viewer, caller)  # the news of his rights may be still to come
        return viewer, snapshot

    def enter(self, connection: Closable) -> None:
        """Know of a connection, which is closed when the news break off."""
        self._open.add(connection)

    def leave(self, connection: Closable) -> None:
        """Know of it no longer."""
        self._open.discard(connection)
        self.quotas.leave(connection)

    def add(self, subscription: Subscription) -> None:
        """Begin to tell a subscription what happens; its viewer is what `viewer` returned just now."""
        viewer = subscription.viewer
        viewer.subscriptions.add(subscription)
        if viewer is not self._master:
            self._viewers[viewer.caller.token] = viewer
        self._indexes[subscription.query.parse_class.name].add(subscription)
        self.quotas.take(viewer.person, subscription.query.conditions)

    def remove(self, subscription: Subscription) -> None:
        """Tell it nothing from now on."""
        if not subscription.is_active:
            return
        subscription.is_active = False
        subscription.waiting.clear()
        self._indexes[subscription.query.parse_class.name].remove(subscription)
        viewer = subscription.viewer
        viewer.subscriptions.discard(subscription)
        if not viewer.subscriptions and self._viewers.get(viewer.caller.token) is viewer:
            del self._viewers[viewer.caller.token]
        self.quotas.give_back(viewer.person, subscription.query.conditions)

    async def deliver(self, news: News) -> None:
        """Tell everybody what has been committed; raises DatabaseError when rights cannot be looked at."""
        if news.people:
            self._changes_of_rights += 1
            await self._review(partial(_concerns, news.people))
        told, now = 0, timezone.now()
        for change in map(change_of, self._followed(news)):
            concerned = self._indexes[change.parse_class.name].concerned(change)
            for subscription in concerned:
                if subscription.viewer.expires_at > now:
                    self._tell(subscription, change)
            told += len(concerned)
            if told > _BREATH:
                told = 0
                await asyncio.sleep(0)

    def _followed(self, news: News) -> Iterator[LoggedChange]:
        return (each for each in news.changes if each.class_name in LIVE and len(self._indexes[each.class_name]))

    def break_off(self, code: int, reason: str) -> None:
        """Close every connection: its app connects again and asks for what it has missed."""
        for each in tuple(self._open):
            each.close(code, reason)

    async def end_expired(self) -> None:
        """End the sessions whose time is over."""
        now = timezone.now()
        await self._review(lambda viewer: viewer.expires_at <= now)

    def _tell(self, subscription: Subscription, change: Change) -> None:
        try:
            glimpse = subscription.glimpse(change)
        except LiveQueryError as problem:
            self._end(subscription, problem)
            return
        if glimpse is None:
            return
        if subscription.query.is_in_memory:
            subscription.tell(glimpse, subscription.query.matches)
        else:
            self._decider.add(subscription, glimpse)

    def _end(self, subscription: Subscription, problem: LiveQueryError) -> None:
        """End a subscription and say why."""
        if subscription.is_active:
            problem.request_id = subscription.request_id
            subscription.send(problem.text())
            self.remove(subscription)

    async def _review(self, is_concerned: Callable[[Viewer], bool]) -> None:
        """Look sessions up again: those that have ended are told nothing more. One review after the other."""
        async with self._reviewing:
            viewers = [viewer for viewer in self._viewers.values() if is_concerned(viewer)]
            if not viewers:
                return
            tokens = [viewer.caller.token for viewer in viewers]
            callers = await self._databases.reviews.ask(partial(_look_all_up, tokens))
        for viewer, caller in zip(viewers, callers, strict=True):
            self._renew(viewer, caller)

    def _renew(self, viewer: Viewer, caller: Caller | None) -> None:
        if caller is None:
            problem = bad_session()
            for subscription in tuple(viewer.subscriptions):
                self._end(subscription, LiveQueryError(problem.code or 1, problem.message))
        elif viewer.renew(caller):
            for subscription in tuple(viewer.subscriptions):
                self._move(subscription)

    def _move(self, subscription: Subscription) -> None:
        """Have a subscription found by other rights; what waits to be decided was chosen by those of before."""
        if subscription.waiting:
            text = "Your rights have changed: ask again."
            self._end(subscription, LiveQueryError(Code.NOT_FOUND, text, reconnect=True))
            return
        index = self._indexes[subscription.query.parse_class.name]
        index.remove(subscription)
        subscription.widen()
        index.add(subscription)


def _concerns(people: Iterable[str | None], viewer: Viewer) -> bool:
    return None in people or viewer.person in people


def _look_up(token: str) -> tuple[Caller | None, Snapshot]:
    caller = _caller(token) if token else None
    if token and caller is None:
        raise bad_session()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return caller, Snapshot.read(cursor.fetchone()[0])


def _look_all_up(tokens: Sequence[str]) -> list[Caller | None]:
    return [_caller(token) for token in tokens]


def _caller(token: str) -> Caller | None:
    session = session_with(token)
    return Caller(user=session.user, session=session, token=token) if session else None
