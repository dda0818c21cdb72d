"""The sockets of open pages (`/live/`): each is told of the changes that its person may know of."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs

from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from crm_site.live.notices import Notice, notices
from crm_site.live.visitors import Visitor, session_key_of, visitor_with
from records.live.database import Databases
from records.live.feed import News
from records.live.missed import missed
from records.live.sight import EVERYTHING
from records.live.talk import Connection, Handshake, Refusal, Talk

BEAT_SECONDS = 25
SOCKETS = 30
"""Of one person: pages that he has open."""
_SIGNED_OUT, _AGAIN = 4401, 1012
_BEAT, _HELLO, _LOOK_AGAIN = '{"op":"beat"}', '{"op":"hello"}', '{"op":"again"}'
_BREATH = 50
"""So many changes are addressed before the event loop sees to others."""
_MOST_NAMES = 10_000
_MOST_NOTICES = 500
"""More at once are told as one: that the page should look again."""


class Page:
    """One open page."""

    def __init__(self, hub: PageHub, visitor: Visitor, connection: Connection) -> None:
        """Greet it."""
        self.visitor = visitor
        self.connection = connection
        self._hub = hub
        hub.enter(self)
        connection.send(_HELLO)
        if since := parse_qs(connection.handshake.query).get("since"):
            hub.catch_up(self, since[0])

    def received(self, text: str) -> None:
        """Hear nothing: a page only listens."""

    def closed(self) -> None:
        """Be told nothing more."""
        self._hub.leave(self)


class PageHub:
    """All open pages; everything here runs on one event loop, what asks the database on threads."""

    def __init__(self, databases: Databases) -> None:
        """Begin without any."""
        self._databases = databases
        self._reviewing = asyncio.Lock()
        self._pages: defaultdict[str, set[Page]] = defaultdict(set)
        self._by_key: defaultdict[str, set[Page]] = defaultdict(set)
        self._names: dict[str, str] = {}
        self._changes_of_rights = 0
        self._catching_up: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        """Count the pages."""
        return sum(map(len, self._pages.values()))

    async def open(self, handshake: Handshake) -> Callable[[Connection], Talk]:
        """Let a page of ours in whose person is signed in; raises Refusal."""
        key = session_key_of(handshake)
        while True:
            before = self._changes_of_rights
            try:
                visitor = await self._databases.visits.ask(partial(visitor_with, key))
            except DatabaseError as problem:
                raise Refusal(503, "The database is away.") from problem
            if before == self._changes_of_rights:
                break
        if visitor is None:
            raise Refusal(403, "Sign in first.")
        if len(self._pages.get(visitor.user.pk, ())) >= SOCKETS:
            raise Refusal(429, "There are too many open pages.")
        return partial(Page, self, visitor)

    def enter(self, page: Page) -> None:
        """Tell a page what happens from now on."""
        self._pages[page.visitor.user.pk].add(page)
        for key in page.visitor.sight.keys | {EVERYTHING}:
            self._by_key[key].add(page)

    def catch_up(self, page: Page, since: str) -> None:
        """Tell a page what was committed between its snapshot and its entry; what comes now it may be told twice."""
        person = page.visitor.user.pk
        if person in self._catching_up:  # one at a time: it is work that anybody can ask for
            page.connection.send(_LOOK_AGAIN)
            return
        task = asyncio.get_running_loop().create_task(self._catch_up(page, since))
        self._catching_up[person] = task
        task.add_done_callback(lambda _: self._catching_up.pop(person))

    def leave(self, page: Page) -> None:
        """Tell it no more."""
        tables = [(self._pages, page.visitor.user.pk)]
        tables += [(self._by_key, key) for key in page.visitor.sight.keys | {EVERYTHING}]
        for table, key in tables:
            table[key].discard(page)
            if not table[key]:
                del table[key]

    def beat(self) -> None:
        """Let every page know that the line works."""
        for pages in tuple(self._pages.values()):
            for page in tuple(pages):
                page.connection.send(_BEAT)

    def break_off(self, code: int, reason: str) -> None:
        """Close every socket: its page connects again and looks again."""
        for pages in tuple(self._pages.values()):
            for page in tuple(pages):
                page.connection.close(code, reason)

    async def deliver(self, news: News) -> None:
        """Tell every page what has been committed that concerns it; raises DatabaseError when rights are unknown."""
        if news.people:
            self._changes_of_rights += 1
            await self._review(lambda page: not news.people.isdisjoint({None, page.visitor.user.pk}))
        if not self._pages or not news.changes:
            return
        found = list(notices(news.changes))
        await self._learn_names({each.actor for each in found} - self._names.keys())
        told: defaultdict[Page, list[dict[str, object]]] = defaultdict(list)
        for number, notice in enumerate(found, 1):
            self._address(notice, told)
            if number % _BREATH == 0:
                await asyncio.sleep(0)
        for page, changes in told.items():
            _tell(page, changes)

    async def end_expired(self) -> None:
        """Close what belongs to sessions whose time is over."""
        now = timezone.now()
        await self._review(lambda page: page.visitor.expires_at <= now)

    async def _catch_up(self, page: Page, since: str) -> None:
        try:
            news = await self._databases.missed.ask(partial(missed, since, page.visitor.user))
            found = list(notices(news.changes)) if news else []
            await self._learn_names({each.actor for each in found} - self._names.keys())
        except DatabaseError:
            page.connection.close(_AGAIN, "Look again")
            return
        visitor = page.visitor
        if news is None or not news.people.isdisjoint({None, visitor.user.pk}):
            page.connection.send(_LOOK_AGAIN)
            return
        told = (each.told_to(visitor.sight, visitor.user.pk, self._names.get(each.actor, "")) for each in found)
        if changes := [each for each in told if each]:
            _tell(page, changes)

    def _all(self) -> list[Page]:
        return [page for pages in self._pages.values() for page in pages]

    def _address(self, notice: Notice, told: defaultdict[Page, list[dict[str, object]]]) -> None:
        concerned: set[Page] = set()
        for key in notice.readers | {EVERYTHING}:
            concerned |= self._by_key.get(key, set())
        name, now = self._names.get(notice.actor, ""), timezone.now()
        for page in concerned:
            if page.visitor.expires_at <= now:
                continue
            change = notice.told_to(page.visitor.sight, page.visitor.user.pk, name)
            if change is not None:
                told[page].append(change)

    async def _review(self, is_concerned: Callable[[Page], bool]) -> None:
        """Close the pages whose person has other rights than when they were opened, or none any more."""
        async with self._reviewing:
            pages = [page for page in self._all() if is_concerned(page)]
            if not pages:
                return
            keys = sorted({page.visitor.session_key for page in pages})
            visitors = await self._databases.reviews.ask(lambda: [visitor_with(key) for key in keys])
        now = dict(zip(keys, visitors, strict=True))
        for page in pages:
            self._renew(page, now[page.visitor.session_key])

    def _renew(self, page: Page, visitor: Visitor | None) -> None:
        if visitor is not None and visitor.sight == page.visitor.sight:
            page.visitor = visitor
            return
        if visitor is None:
            page.connection.close(_SIGNED_OUT, "Signed out")
        else:
            page.connection.close(_AGAIN, "Other rights")
        self.leave(page)

    async def _learn_names(self, people: set[str]) -> None:
        if people - {""}:
            if len(self._names) > _MOST_NAMES:
                self._names.clear()
            self._names |= await self._databases.reviews.ask(lambda: _names_of(people))

    def forget_names(self) -> None:
        """Look names up anew: people change them."""
        self._names.clear()


def _tell(page: Page, changes: list[dict[str, object]]) -> None:
    if len(changes) > _MOST_NOTICES:
        page.connection.send(_LOOK_AGAIN)
        return
    page.connection.send(json.dumps({"op": "changes", "changes": changes}, ensure_ascii=False, separators=(",", ":")))


def _names_of(people: set[str]) -> dict[str, str]:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
