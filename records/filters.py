"""The filters of a list: a form of the query string, whose fields each narrow the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.http import QueryDict
from django.utils.choices import flatten_choices

from accounts.models import User
from records.lists import DEEPEST
from records.models import RecordQuerySet
from records.pickers import RecordChoiceField


@dataclass(frozen=True)
class Chip:
    """An active filter in words, with the address of the list without it."""

    label: str
    value: str
    remove_url: str


class FilterForm(forms.Form):
    """Fields of the query string; for each field but `q` a method `filter_<name>(rows, value)` narrows the rows.

    A value that is no valid one narrows nothing: a stale link still shows a list. `total` is how many rows there are
    after `narrow` where that came to light (more than DEEPEST: DEEPEST + 1).
    """

    boxed: ClassVar[tuple[str, ...]] = ("q",)
    """The fields that stand in a box of their own, where what is in them is seen: they have no chip."""

    q = forms.CharField(label="Search", required=False, max_length=200)

    def __init__(self, query: QueryDict, *, user: User) -> None:
        """Read the filters that `user` asks for."""
        self.query, self.user = query, user
        self.total: int | None = None
        super().__init__(query)
        self.prepare()
        for name, field in self.fields.items():
            if isinstance(field, RecordChoiceField):
                field.narrow(field.choices_for(user), query.get(name, ""), query.get(f"{name}-search", "")[:200])
        self.is_valid()

    def prepare(self) -> None:
        """Fill in choices that come from the database."""

    def narrow(self, rows: RecordQuerySet) -> RecordQuerySet:
        """Apply every active filter, the words last: they cost most, and where few rows have them these are `total`."""
        for name, value in self._active():
            if name != "q":
                rows = getattr(self, f"filter_{name}")(rows, value)
        text = self.cleaned_data.get("q")
        return self._search(rows, text) if text else rows

    def _search(self, rows: RecordQuerySet, text: str) -> RecordQuerySet:
        found = rows.search(text).ids_of(DEEPEST)
        if found is None:
            self.total = DEEPEST + 1
            return rows.search(text)
        self.total = len(found)
        return rows.filter(pk__in=found)

    def chips(self) -> list[Chip]:
        """Return the active filters but those that stand in a box of their own."""
        return [
            Chip(str(self[name].label), self._words(name, value), self._without(name))
            for name, value in self._active()
            if name not in self.boxed
        ]

    def _active(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self.cleaned_data.items() if value not in (None, "", []))

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(flatten_choices(cast("Any", field.choices))).get(value, value))
        return str(value)

    def _without(self, name: str) -> str:
        query = self.query.copy()
        for key in (name, f"{name}-search", "page", "card"):
            query.pop(key, None)
        return f"?{query.urlencode()}"

    def carried(self) -> dict[str, str]:
        """Return the active filters as a query has them, for the address of another page with the same filters."""
        return {name: self.query.get(name, "") for name, _value in self._active()}
