"""Writes log entries in one line each, without what nobody may find in a log."""

from __future__ import annotations

import logging
import re

_ROWS = re.compile(r"^\s*(DETAIL|CONTEXT):.*$\n?", re.MULTILINE)
"""What PostgreSQL says of the row that it refused: its values are people's data."""
_TOKENS = re.compile(r"(/password/reset/key/)[^/\s]+")


class LineFormatter(logging.Formatter):
    """Puts an entry with its traceback into one line, so that text of a request cannot look like another entry."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = _TOKENS.sub(r"\1...", _ROWS.sub("", super().format(record)))
        line = " | ".join(part.rstrip() for part in text.splitlines() if part.strip())
        return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)
