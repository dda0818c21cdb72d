"""Puts the rows of the change log into words, naming only what the viewer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from records.changes import DERIVED
from records.fields import AmountField
from records.holders import name_of
from records.models import Record
from records.templatetags.display import money

SHORT, LONG = 60, 300
"""Characters of a value that fit into a sentence, and that are shown of a long one at first."""


@dataclass(frozen=True)
class FieldChange:
    """One field in words, before and after; "" where it is empty."""

    label: str
    old: str
    new: str

    @property
    def is_short(self) -> bool:
        """Tell whether it fits into a sentence."""
        return all(len(value) <= SHORT and "\n" not in value for value in (self.old, self.new))

    @property
    def is_long(self) -> bool:
        """Tell whether a page shows only the beginning at first."""
        return max(len(self.old), len(self.new)) > LONG

    def sentence(self) -> str:
        """Return "changed amount from $1,000 to $2,000"."""
        if not self.old:
            return f"set {self.label} to {self.new}"
        return (
            f"changed {self.label} from {self.old} to {self.new}" if self.new else f"cleared {self.label} ({self.old})"
        )


def news_fields(model: type[Record]) -> dict[str, models.Field[Any, Any]]:
    """Return the fields whose change is news, by column."""
    quiet = {*DERIVED, *model.quiet_fields}
    return {field.attname: field for field in model._meta.concrete_fields if field.attname not in quiet}


class Wording:
    """Names the values of one class for one viewer; a constant number of queries however many rows there are."""

    def __init__(self, model: type[Record], viewer: User, rows: Iterable[dict[str, Any]], people: set[str]) -> None:
        """Look up every name that `rows` (JSON rows of the table, or grants) and `people` (user ids) need."""
        self.model, self.fields, self.labels = model, news_fields(model), model.value_labels()
        rows = list(rows)
        wanted = self._pointed_at(rows)
        ids = people | wanted.pop(User, set()) | {row["user_id"] for row in rows if row.get("user_id")}
        self.users = {user.pk: user for user in User.objects.filter(pk__in=ids)}
        groups = {row["group_id"] for row in rows if row.get("group_id")}
        self.groups = {group.pk: name_of(group) for group in Group.objects.filter(pk__in=groups)}
        self.records = {
            (kind, record.pk): str(record)
            for kind, pks in wanted.items()
            for record in kind.objects.for_user(viewer, "view").filter(pk__in=pks)
        }

    def _pointed_at(self, rows: list[dict[str, Any]]) -> dict[Any, set[str]]:
        wanted: dict[Any, set[str]] = {
            field.related_model: set() for field in self.fields.values() if isinstance(field, models.ForeignKey)
        }
        for name, field in self.fields.items():
            if isinstance(field, models.ForeignKey):
                wanted[field.related_model] |= {row[name] for row in rows if row.get(name)}
        return wanted

    def person(self, pk: str | None) -> str:
        """Return the name of a user, who may be gone."""
        return str(self.users[pk]) if pk in self.users else "somebody who is gone"

    def holder(self, grant: dict[str, Any]) -> str:
        """Return the name of whom a grant is for."""
        if "user_id" in grant:
            return self.person(grant["user_id"])
        return self.groups.get(grant["group_id"], "a role that is gone")

    def changes(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, FieldChange]:
        """Return what differs between two JSON rows, by column."""
        return {
            name: FieldChange(str(field.verbose_name), self.value(name, old.get(name)), self.value(name, new.get(name)))
            for name, field in self.fields.items()
            if old.get(name) != new.get(name)
        }

    def value(self, name: str, value: Any) -> str:
        """Return a column's JSON value in words."""
        field = self.fields[name]
        if value is None:
            return ""
        if isinstance(field, models.ForeignKey):
            return self._pointer(field.related_model, value)
        if isinstance(field, models.DateTimeField):
            return moment(str(value), day_only=name in self.model.day_fields)
        if isinstance(field, AmountField):
            return money(value)
        return self.labels.get(name, {}).get(str(value), str(value))

    def _pointer(self, kind: Any, pk: str) -> str:
        if kind is User:
            return self.person(pk)
        return self.records.get((kind, pk), f"a {kind._meta.verbose_name} you cannot see")


def moment(text: str, *, day_only: bool) -> str:
    """Return a moment of PostgreSQL's JSON in the viewer's time zone; as it is where no time zone can hold it."""
    try:
        value = parse_datetime(text)
        here = timezone.localtime(value) if isinstance(value, datetime) else None
    except (ValueError, OverflowError):
        here = None
    return formats.date_format(here, "j M Y" if day_only else "j M Y, H:i") if here else text


def access_words(grants: Iterable[tuple[str, dict[str, Any]]], wording: Wording) -> dict[str, str]:
    """Return what a transaction's grants and revokes (operation, grant; in order) came to, by holder."""
    first: dict[str, dict[str, bool]] = defaultdict(dict)
    last: dict[str, dict[str, bool]] = defaultdict(dict)
    for operation, grant in grants:
        holder = wording.holder(grant)
        first[holder].setdefault(grant["action"], operation == "revoke")
        last[holder][grant["action"]] = operation == "grant"
    return {holder: words for holder in last if (words := _access_change(holder, first[holder], last[holder]))}


def _access_change(holder: str, before: dict[str, bool], after: dict[str, bool]) -> str:
    gained = {action for action, has in after.items() if has and not before[action]}
    lost = {action for action, has in after.items() if not has and before[action]}
    if "change" in gained:
        return f"shared it with {holder} to edit"
    if "view" in gained:
        return f"shared it with {holder} to view"
    if "view" in lost:
        return f"took back access from {holder}"
    return f"let {holder} view it only" if "change" in lost else ""
