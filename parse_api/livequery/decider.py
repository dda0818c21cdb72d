"""Has PostgreSQL decide what memory cannot: one question of each person at a time, so that nobody waits for another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from weakref import WeakValueDictionary

from django.db import DatabaseError

from parse_api.errors import Code, ParseError
from parse_api.livequery.changes import State
from parse_api.livequery.messages import LiveQueryError
from parse_api.livequery.subscriptions import Glimpse, Subscription
from parse_api.queries.patterns import Pattern, patience
from records.live.database import Database

_LOG = logging.getLogger(__name__)
_WAITING = 4_000
"""Changes that wait for one subscription; one that falls further behind ends."""
End = Callable[[Subscription, LiveQueryError], None]


class Decider:
    """Asks on the threads of `database`; a subscription that cannot be decided is ended by `end`."""

    def __init__(self, database: Database, end: End) -> None:
        """Begin with nothing to do."""
        self._database = database
        self._end = end
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def check(self, person: str, patterns: Sequence[Pattern]) -> None:
        """Raise ParseError 102 for a pattern that PostgreSQL does not take."""
        async with self._turn(person):
            await self._database.ask(partial(_check, patterns))

    def add(self, subscription: Subscription, glimpse: Glimpse) -> None:
        """Decide about a change, after those before it."""
        if len(subscription.waiting) >= _WAITING:
            text = "The query is too slow to be followed."
            self._end(subscription, LiveQueryError(Code.BAD_QUERY, text, reconnect=True))
            return
        subscription.waiting.append(glimpse)
        if len(subscription.waiting) == 1:
            task = asyncio.create_task(self._decide(subscription))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _turn(self, person: str) -> asyncio.Lock:
        return self._turns.setdefault(person, asyncio.Lock())

    async def _decide(self, subscription: Subscription) -> None:
        try:
            while subscription.waiting:
                async with self._turn(subscription.viewer.person):
                    await self._decide_some(subscription)
        except ParseError as problem:
            self._end(subscription, LiveQueryError(problem.code or 1, problem.message))
        except DatabaseError:
            self._end(subscription, LiveQueryError(Code.INTERNAL, "The database is away.", reconnect=True))
        except Exception:
            _LOG.exception("A query on %s failed", subscription.query.parse_class.name)
            self._end(subscription, LiveQueryError(Code.INTERNAL, "Internal server error.", reconnect=True))

    async def _decide_some(self, subscription: Subscription) -> None:
        """Decide about those that have waited longest; about one by one where many take too long."""
        some = list(islice(subscription.waiting, subscription.at_once))
        states = [state for glimpse in some for state in glimpse.states]
        try:
            found = await self._database.ask(
                partial(subscription.query.found_in_sql, states, subscription.viewer.caller)
            )
        except ParseError:
            if len(some) == 1:
                raise
            subscription.at_once = 1
            return
        if subscription.is_active:
            for glimpse in some:
                subscription.waiting.popleft()
                subscription.tell(glimpse, partial(_is_among, found))


def _is_among(found: set[int], state: State) -> bool:
    return id(state) in found


def _check(patterns: Sequence[Pattern]) -> None:
    with patience(patterns):
        pass
