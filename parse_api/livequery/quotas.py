"""How much one person may follow, on all of his connections together."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Protocol

from parse_api.errors import Code, ParseError

CONNECTIONS = 20
"""Of one person, with a subscription each at least."""
CONDITIONS = 20_000
"""Of all queries of one person: conditions, their values, names of fields. Each may be looked at for each change."""


class Closable(Protocol):
    """A connection, as far as it can be closed."""

    def close(self, code: int, reason: str) -> None:
        """Close it."""


class TooManyConnectionsError(ParseError):
    """One connection more than a person may have."""


class Quotas:
    """Counts by person; the master key, which is nobody's, has all it wants."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._connections: defaultdict[str, set[Closable]] = defaultdict(set)
        self._people: defaultdict[Closable, set[str]] = defaultdict(set)
        self._conditions: Counter[str] = Counter()

    def admit(self, person: str, connection: Closable) -> None:
        """Count a connection on which a person follows something; raises ParseError 155."""
        if not person or connection in self._connections[person]:
            return
        if len(self._connections[person]) >= CONNECTIONS:
            raise TooManyConnectionsError(Code.TOO_MANY, f"A person has {CONNECTIONS} connections at most.")
        self._connections[person].add(connection)
        self._people[connection].add(person)

    def leave(self, connection: Closable) -> None:
        """Count it no more."""
        for person in self._people.pop(connection, ()):
            self._connections[person].discard(connection)
            if not self._connections[person]:
                del self._connections[person]

    def check(self, person: str, conditions: int) -> None:
        """Refuse (ParseError 155) what is too much for a person beside what he follows."""
        if person and self._conditions[person] + conditions > CONDITIONS:
            raise ParseError(Code.TOO_MANY, f"The queries of a person have {CONDITIONS} conditions and values at most.")

    def take(self, person: str, conditions: int) -> None:
        """Count what he follows."""
        self._conditions[person] += conditions

    def give_back(self, person: str, conditions: int) -> None:
        """Count it no more."""
        self._conditions[person] -= conditions
        if not self._conditions[person]:
            del self._conditions[person]
