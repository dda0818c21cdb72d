"""One answer to a sync: objects and gone ids, each once, and when it is full."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

BYTES = 8_000_000
SECONDS = 2
_FIRST, _LARGEST, _QUICK = 100, 2_000, 0.2


class Page:
    """What an answer has so far, of at most `limit` objects and gone ids.

    It is filled in steps: the first of few rows, which may be large ones, those after a quick one of more.
    """

    def __init__(self, classes: Iterable[str], limit: int) -> None:
        self._objects: dict[str, list[str]] = {name: [] for name in classes}
        self._gone: dict[str, list[str]] = {name: [] for name in self._objects}
        self._told: set[tuple[str, str]] = set()
        self._room = limit
        self._bytes = BYTES
        self._step = 0
        self._begun = self._last = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Tell whether it is time to answer."""
        return self._room <= 0 or self._bytes <= 0 or time.monotonic() > self._begun + SECONDS

    @property
    def room(self) -> int:
        """How many more ids the answer takes."""
        return self._room

    def next_step(self) -> int:
        """Return how many rows to take next."""
        now = time.monotonic()
        if not self._step:
            self._step = _FIRST
        elif now < self._last + _QUICK:
            self._step = min(self._step * 10, _LARGEST)
        self._last = now
        return self._step

    def has(self, record: tuple[str, str]) -> bool:
        """Tell whether a record, given as class and objectId, is in the answer."""
        return record in self._told

    def add_objects(self, class_name: str, ids: Collection[str], text: str) -> None:
        """Add objects, as JSON with commas between."""
        if ids:
            self._objects[class_name].append(text)
            self._bytes -= len(text)
            self._count(class_name, ids)

    def add_gone(self, record: tuple[str, str]) -> None:
        """Add the id of a record that is not there for the caller any more."""
        class_name, object_id = record
        self._gone[class_name].append(object_id)
        self._count(class_name, [object_id])

    def body(self, cursor: str, *, has_more: bool) -> bytes:
        """Return the JSON of the answer."""
        results = ",".join(f'"{name}":[{",".join(texts)}]' for name, texts in self._objects.items())
        gone = ",".join(f'"{name}":[{_quoted(ids)}]' for name, ids in self._gone.items())
        more = "true" if has_more else "false"
        return f'{{"results":{{{results}}},"gone":{{{gone}}},"cursor":"{cursor}","more":{more}}}'.encode()

    def _count(self, class_name: str, ids: Collection[str]) -> None:
        self._room -= len(ids)
        self._told |= {(class_name, each) for each in ids}


def _quoted(ids: Iterable[str]) -> str:
    return ",".join(f'"{each}"' for each in ids)
