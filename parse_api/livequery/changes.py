"""A change of an object as LiveQuery tells it: what it was before a transaction and what it is after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from parse_api.classes import CLASSES, FIXED, ParseClass
from parse_api.codecs import Row, encode, logged_row
from parse_api.livequery.messages import dump
from records.live.feed import LoggedChange

LIVE = ("Company", "Contact", "Deal", "Activity")
"""The classes whose changes are told."""


@dataclass(eq=False)
class State:
    """An object at one moment: `text` is its row of the table as JSON, as the log has it."""

    parse_class: ParseClass
    text: str
    values: dict[str, Any]
    answers: dict[str, bool] = field(default_factory=dict)
    """Whether it is what a where asks for, by the text of that."""
    _written: dict[frozenset[str] | None, str] = field(default_factory=dict)

    @cached_property
    def row(self) -> Row:
        """Its values by the names of its fields."""
        return logged_row(self.parse_class, self.values)

    @cached_property
    def readers(self) -> frozenset[str]:
        """Who may read it, as a person is called there."""
        return frozenset(self.values["readers"])

    def json(self, names: frozenset[str] | None) -> str:
        """Write the object with these fields, None for all; each choice of fields is written once."""
        found = self._written.get(names)
        if found is None:
            shown = self.row if names is None else {name: self.row[name] for name in self.row if name in names}
            tags = {"__type": "Object", "className": self.parse_class.name}
            found = self._written[names] = dump(tags | encode(self.parse_class.name, shown, sees_private=False))
        return found


@dataclass(eq=False)
class Change:
    """What one transaction did to one object; `before` is None where there was none, `after` where there is none."""

    parse_class: ParseClass
    object_id: str
    transaction: int
    before: State | None
    after: State | None

    @cached_property
    def is_visible(self) -> bool:
        """Tell whether an app sees any difference; derived columns change without one."""
        return self.before is None or self.after is None or self.before.row != self.after.row

    @cached_property
    def readers(self) -> frozenset[str]:
        """Everybody who could read the object before, or can now."""
        return frozenset().union(*(state.readers for state in (self.before, self.after) if state))

    def differs_in(self, names: Iterable[str]) -> bool:
        """Tell whether one of these fields has another value than before."""
        before, after = (state.row if state else {} for state in (self.before, self.after))
        return any(before.get(name) != after.get(name) for name in names)


def change_of(logged: LoggedChange) -> Change:
    """Return a change of the log as apps know it."""
    before, after = _state(logged, "old"), _state(logged, "new")
    return Change(CLASSES[logged.class_name], logged.object_id, logged.transaction, before, after)


def shown(keys: Iterable[str] | None) -> frozenset[str] | None:
    """Return the fields that a subscription shows, None for all."""
    return None if keys is None else frozenset((*FIXED, *keys))


def _state(change: LoggedChange, side: str) -> State | None:
    text: str | None = getattr(change, f"{side}_text")
    return None if text is None else State(CLASSES[change.class_name], text, getattr(change, side))
