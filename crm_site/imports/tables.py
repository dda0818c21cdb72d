"""Reads the tables of a TOML file, and says where something is not as it should be."""

from __future__ import annotations

from typing import Any

from crm_site.imports.errors import MappingError


class Table:
    """A TOML table that may have only certain names in it."""

    def __init__(self, raw: Any, place: str, known: tuple[str, ...]) -> None:
        """Refuse what is no table and names that mean nothing."""
        if not isinstance(raw, dict):
            raise MappingError(f"{place}: this must be a table.")
        for name in raw:
            if name not in known:
                raise MappingError(f"{place}: {name!r} means nothing here. Known: {', '.join(known)}.")
        self.raw: dict[str, Any] = raw
        self.place = place

    def text(self, name: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        """Return a text, one of `choices` if there are any."""
        value = self.raw.get(name, default)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise MappingError(f"{self.place}.{name}: this must be a text.")
        if choices and value not in choices:
            raise MappingError(f"{self.place}.{name}: {value!r} is none of {', '.join(choices)}.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a text, or a list of texts, as a tuple; empty if it is missing."""
        value = self.raw.get(name, [])
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            raise MappingError(f"{self.place}.{name}: this must be a text or a list of texts.")
        return tuple(values)

    def map(self, name: str) -> dict[str, str]:
        """Return a table from text to text."""
        raw = self.raw.get(name, {})
        if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
            raise MappingError(f"{self.place}.{name}: this must be a table from text to text.")
        return raw

    def table(self, name: str) -> dict[str, Any]:
        """Return a table inside this one; empty if it is missing."""
        value = self.raw.get(name, {})
        if not isinstance(value, dict):
            raise MappingError(f"{self.place}.{name}: this must be a table.")
        return value
