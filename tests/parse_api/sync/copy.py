"""An app that keeps a copy of what its person may read."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from parse_api.sync.changes import SYNCED
from records.models import Record
from tests.parse_api.app import App

GONE = (410, 120)
"""What a cursor that leads nowhere is answered with."""
_FAR = 1_000
Records = dict[str, dict[str, Any]]


class Copy:
    """Follows the loop of docs/mobile.md; `asked` counts its requests, `begun` how often it started over."""

    def __init__(self, app: App, *classes: str, limit: int = 0) -> None:
        self.app = app
        self.options: dict[str, Any] = ({"classes": ",".join(classes)} if classes else {}) | (
            {"limit": limit} if limit else {}
        )
        self.classes = classes or SYNCED
        self.records: Records = {}
        self.cursor = ""
        self.asked = self.begun = 0

    def ask(self) -> Any:
        """Return the answer to where the copy stands."""
        self.asked += 1
        since = {"since": self.cursor} if self.cursor else {}
        return self.app.get("/changes?" + urlencode(self.options | since))

    def start_over(self) -> None:
        """Forget everything."""
        self.records = {name: {} for name in self.classes}
        self.cursor = ""
        self.begun += 1

    def sync(self) -> list[Any]:
        """Bring the copy up to date; return what was told."""
        told: list[Any] = []
        has_more = True
        while has_more:
            if not self.cursor:
                self.start_over()
            assert len(told) < _FAR, "it never ends"
            answer = self.ask()
            if (answer.status_code, answer.json().get("code")) == GONE:
                self.cursor = ""
                continue
            assert answer.status_code == 200, answer.content
            told.append(answer.json())
            has_more = self.take(told[-1])
        return told

    def take(self, told: Any) -> bool:
        """Put an answer into the copy; tell whether there is more."""
        assert set(told) == {"results", "gone", "cursor", "more"}
        assert list(told["results"]) == list(told["gone"]) == [name for name in SYNCED if name in self.classes]
        for name, objects in told["results"].items():
            ids = [each["objectId"] for each in objects]
            assert len(set(ids)) == len(ids)
            assert not set(ids) & set(told["gone"][name])
            self.records[name] |= {each["objectId"]: each for each in objects}
        for name, ids in told["gone"].items():
            assert len(set(ids)) == len(ids)
            for each in ids:
                self.records[name].pop(each, None)
        self.cursor = told["cursor"]
        return bool(told["more"])


def truth(app: App, *classes: str) -> Records:
    """Return what a list of each class has."""
    found: Records = {}
    for name in classes or SYNCED:
        answer = app.get(f"/classes/{name}?limit=10000")
        assert answer.status_code == 200, answer.content
        found[name] = {each["objectId"]: each for each in answer.json()["results"]}
    return found


def news(told: list[Any]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the ids in answers by class, told and gone, classes without one left out."""
    results: dict[str, set[str]] = {}
    gone: dict[str, set[str]] = {}
    for each in told:
        for name, objects in each["results"].items():
            results.setdefault(name, set()).update(one["objectId"] for one in objects)
        for name, ids in each["gone"].items():
            gone.setdefault(name, set()).update(ids)
    return {name: ids for name, ids in results.items() if ids}, {name: ids for name, ids in gone.items() if ids}


def remove(record: Record) -> None:
    """Delete a record, whose objectId stays at hand."""
    cast("Any", type(record)).objects.filter(pk=record.pk).delete()
