"""Writes log entries in one line each, without what nobody may find in a log."""

from __future__ import annotations

import logging
import re

_ROWS = re.compile(r"^\s*(DETAIL|CONTEXT):.*$\n?", re.MULTILINE)
"""What PostgreSQL says of the row that it refused: its values are people's data."""
_LONGEST = 500
_TOKENS = re.compile(r"(/password/reset/key/)[^/\s]+")


class RefusalFilter(logging.Filter):
    """Makes a short warning of what Django says of a request that it refused: anybody can send any number of those.

    Its place is a handler: filters of a logger do not see what comes from the loggers below.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass."""
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args, record.exc_info = record.getMessage()[:_LONGEST], None, None
        return True


class LineFormatter(logging.Formatter):
    """Puts an entry with its traceback into one line, so that text of a request cannot look like another entry."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        text = _TOKENS.sub(r"\1...", _ROWS.sub("", super().format(record)))
        line = " | ".join(part.rstrip() for part in text.splitlines() if part.strip())
        return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)
