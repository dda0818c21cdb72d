"""A subscription: what of a change its app may know of, and what it is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from parse_api.errors import Code
from parse_api.livequery.changes import Change, State
from parse_api.livequery.messages import LiveQueryError, dump
from parse_api.livequery.queries import LiveQuery
from parse_api.livequery.viewers import Viewer
from records.live.feed import Snapshot
from records.live.sight import Sight

_MOVED = 1_000
"""Changed objects that are remembered after rights have changed; then the app has to ask its query again."""


class Glimpse(NamedTuple):
    """What of a change an app may know of: the object as it knew it, and as it may see it now.

    `is_gone` tells of a deletion that the app may know of.
    """

    change: Change
    before: State | None
    after: State | None
    is_gone: bool

    @property
    def states(self) -> list[State]:
        """What can be asked for."""
        return [state for state in (self.before, self.after) if state]


@dataclass(eq=False, slots=True)
class Subscription:
    """One query that one connection follows; `send` writes to it and `head` is what every event of it begins with.

    What was committed before it began, which `since` tells, is not told.
    """

    request_id: int
    query: LiveQuery
    viewer: Viewer
    since: Snapshot
    send: Callable[[str], None]
    head: str
    is_active: bool = True
    waiting: deque[Glimpse] = field(default_factory=deque)
    """What PostgreSQL has yet to be asked about."""
    at_once: int = 64
    """How many of them it is asked about in one statement."""
    keys: frozenset[str] = field(init=False)
    """The keys of readers under which what concerns it is found: all by which the app has come to know objects."""
    _known_by: Sight = field(init=False)
    """By which rights the app knows the objects that have not changed since."""
    _moved: dict[str, bool] = field(default_factory=dict)
    """Objects that changed while the rights are others: whether the app knows them as they are."""

    def __post_init__(self) -> None:
        """Begin with what the viewer sees."""
        self._known_by = self.viewer.sight
        self.keys = self._known_by.keys_in(self.query.parse_class.name)

    def widen(self) -> None:
        """Have what the viewer sees now found as well."""
        self.keys |= self.viewer.sight.keys_in(self.query.parse_class.name)

    def glimpse(self, change: Change) -> Glimpse | None:
        """Return what the app may know of a change, None if that is nothing; asked once for each, in their order.

        When rights end, an object leaves with the first change that follows, as it was until then; what it becomes
        afterwards is not for the app, and neither is an object that only came to be readable by those rights later.
        Raises LiveQueryError when that can no longer be told apart.
        """
        if self.since.sees(change.transaction):
            return None
        before, after = change.before, change.after
        knew = before is not None and self._knows(before, change.object_id)
        sees = after is not None and self.viewer.sees(after)
        self._remember(change.object_id, sees=sees)
        if not (knew or sees):
            return None
        is_gone = after is None and before is not None and self.viewer.sees(before)
        return Glimpse(change, before if knew else None, after if sees else None, is_gone)

    def _knows(self, before: State, object_id: str) -> bool:
        known = self._moved.get(object_id)
        return self._known_by.sees(before.parse_class.name, before.readers) if known is None else known

    def _remember(self, object_id: str, *, sees: bool) -> None:
        if self.viewer.sight == self._known_by:
            self._moved.pop(object_id, None)
            return
        self._moved[object_id] = sees
        if len(self._moved) > _MOVED:
            text = "Your rights have changed, and much since: ask again."
            raise LiveQueryError(Code.NOT_FOUND, text, reconnect=True)

    def tell(self, glimpse: Glimpse, matches: Callable[[State], bool]) -> None:
        """Send what a change means here, if it means anything."""
        had = glimpse.before if glimpse.before and matches(glimpse.before) else None
        has = glimpse.after if glimpse.after and matches(glimpse.after) else None
        if has and had:
            if glimpse.change.is_visible and self._is_watched(glimpse.change):
                self._send("update", has, had)
        elif has and glimpse.change.before is None:
            if self._is_watched(glimpse.change):
                self._send("create", has, None)
        elif has:
            self._send("enter", has, glimpse.before)
        elif had and glimpse.is_gone:
            self._send("delete", had, None)
        elif had:
            # Who may no longer read it learns nothing of what it has become.
            self._send("leave", glimpse.after or had, had)

    def _is_watched(self, change: Change) -> bool:
        return self.query.watch is None or change.differs_in(self.query.watch)

    def _send(self, operation: str, state: State, original: State | None) -> None:
        names = self.query.names
        before = f',"original":{original.json(names)}' if original else ""
        self.send(f'{{"op":"{operation}",{self.head},"object":{state.json(names)}{before}}}')


def head(client_id: str, installation_id: str | None, request_id: int | None) -> str:
    """Return the part of an answer or event that tells whose it is, without the braces."""
    whose = {"clientId": client_id, "installationId": installation_id, "requestId": request_id}
    return dump({name: value for name, value in whose.items() if value is not None})[1:-1]
