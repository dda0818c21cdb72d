"""What can be wrong with an import: the mapping, the file as a whole, or one row."""

from __future__ import annotations

from dataclasses import dataclass


class MappingError(Exception):
    """The mapping file says something that cannot be followed; the text names the place in it."""


class SourceError(Exception):
    """The file cannot be read to its end."""


class BadValueError(Exception):
    """A text is not what a field wants; the text says what it should be."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: its line in the file, the place in the mapping, the reason."""

    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        """Return one line of text, whatever the file held."""
        return f"line {self.line}: {self.place}: {self.reason}"


def quoted(text: str) -> str:
    """Return the beginning of a text from the file, safe to print on one line of a terminal."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
