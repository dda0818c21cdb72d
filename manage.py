#!/usr/bin/env python
"""Runs management commands, with the embedded PostgreSQL beside those that need a database."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from types import FrameType

from django.conf import settings
from django.core.management import execute_from_command_line

from crm_site.postgres import PostgresError, is_embedded, running
from crm_site.postgres.programs import installed

_WITHOUT_DATABASE = frozenset(
    ["", "--help", "--version", "-h", "collectstatic", "diffsettings", "findstatic", "help", "version"]
)


def main() -> None:
    """Run the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    signal.signal(signal.SIGTERM, _leave)
    try:
        with _database():
            execute_from_command_line(sys.argv)
    except PostgresError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _database() -> AbstractContextManager[object]:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if not is_embedded() or command in _WITHOUT_DATABASE:
        return nullcontext()
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}{os.pathsep}{installed() / 'bin'}"  # psql for dbshell
    return running(settings.CRM_DATA_DIR)


def _leave(signal_number: int, _frame: FrameType | None) -> None:
    """Unwind on SIGTERM as on Ctrl-C, so that the database is stopped too."""
    sys.exit(128 + signal_number)


if __name__ == "__main__":
    main()
