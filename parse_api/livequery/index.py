"""Finds the subscriptions to one class which a change may concern."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from parse_api.livequery.changes import Change, State
from parse_api.livequery.subscriptions import Subscription
from records.live.sight import EVERYTHING

_Values = defaultdict[Any, set[Subscription]]


class Index:
    """The subscriptions by who may read what they follow, and then by a value that it has.

    So a change costs as much as the subscriptions of its readers that ask for such a value.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._readers: defaultdict[str, defaultdict[str, _Values]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(set))
        )
        self._places: dict[Subscription, frozenset[str]] = {}

    def __len__(self) -> int:
        """Count the subscriptions."""
        return len(self._places)

    def add(self, subscription: Subscription) -> None:
        """Have it found from now on."""
        name, value = subscription.query.equality
        self._places[subscription] = subscription.keys
        for key in subscription.keys:
            self._readers[key][name][value].add(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Find it no more."""
        name, value = subscription.query.equality
        for key in self._places.pop(subscription, ()):
            fields = self._readers[key]
            fields[name][value].discard(subscription)
            if not fields[name][value]:
                del fields[name][value]
            if not fields[name]:
                del fields[name]
            if not fields:
                del self._readers[key]

    def concerned(self, change: Change) -> set[Subscription]:
        """Find those that the change may concern."""
        states = [state for state in (change.before, change.after) if state]
        found: set[Subscription] = set()
        for key in (EVERYTHING, *change.readers):
            for name, values in self._readers.get(key, _NONE).items():
                for value in {_value(state, name) for state in states}:
                    found |= values.get(value, _NOBODY)
        return found


_NONE: dict[str, _Values] = {}
_NOBODY: set[Subscription] = set()


def _value(state: State, name: str) -> Any:
    """Return what an object has in a field; all have the same in the field without a name."""
    return state.row.get(name) if name else None
