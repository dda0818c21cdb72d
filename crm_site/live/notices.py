"""What pages are told of a change: that there is one, whose it is and what it is about; never what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from records.live.feed import LoggedChange
from records.live.sight import Sight

_ABOUT = {
    "contact_id": "Contact",
    "company_id": "Company",
    "related_contact_id": "Contact",
    "related_deal_id": "Deal",
}
"""Columns that point at records whose pages show this one."""
_DERIVED = ("readers", "acl")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Notice:
    """One change of one record, by one transaction."""

    class_name: str
    object_id: str
    actor: str
    old: Row | None
    new: Row | None

    @property
    def readers(self) -> frozenset[str]:
        """Everybody who could read the record before, or can now."""
        return frozenset().union(*(row["readers"] for row in (self.old, self.new) if row))

    def told_to(self, sight: Sight, user_id: str, name: str) -> dict[str, Any] | None:
        """Return the notice for somebody, None when it is none of his business; `name` is the actor's."""
        saw = self.old is not None and sight.sees(self.class_name, frozenset(self.old["readers"]))
        sees = self.new is not None and sight.sees(self.class_name, frozenset(self.new["readers"]))
        what = self._what(saw=saw, sees=sees)
        if what is None:
            return None
        known = [row for row, seen in ((self.old, saw), (self.new, sees)) if row and seen]
        return {
            "class": self.class_name,
            "id": self.object_id,
            "what": what,
            "version": datetime.fromisoformat(known[-1]["updated_at"]).astimezone(UTC).isoformat(),
            "by": name,
            "mine": self.actor == user_id,
            "about": sorted({f"{_ABOUT[key]}:{row[key]}" for row in known for key in _ABOUT if row.get(key)}),
        }

    def _what(self, *, saw: bool, sees: bool) -> str | None:
        if saw and sees:
            return None if self._is_derived_only() else "update"
        if sees:
            return "create"
        if saw:
            return "delete" if self.new is None else "gone"
        return None

    def _is_derived_only(self) -> bool:
        return _content(self.old or {}) == _content(self.new or {})


def _content(row: Row) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _DERIVED}


def notices(changes: Iterable[LoggedChange]) -> Iterator[Notice]:
    """Return what there is to tell of each change."""
    return (Notice(each.class_name, each.object_id, each.actor, each.old, each.new) for each in changes)
