"""The watch over the embedded server while the program serves: when it dies it is started again."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crm_site.postgres import server
from crm_site.postgres.account import PostgresError
from crm_site.postgres.places import Places
from crm_site.postgres.use import ensure

_PAUSE_SECONDS = 0.5


@contextmanager
def watched(at: Places) -> Iterator[None]:
    """Keep the server alive for the length of the block; the caller is among its users."""
    finished = threading.Event()
    watcher = threading.Thread(target=_watch, args=(at, finished), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()


def _watch(at: Places, finished: threading.Event) -> None:
    while not finished.wait(_PAUSE_SECONDS):
        if server.is_running(at):
            continue
        try:
            if ensure(at):
                sys.stderr.write("The embedded PostgreSQL had ended and was started again.\n")
        except (PostgresError, OSError) as error:
            sys.stderr.write(f"The embedded PostgreSQL has ended and cannot be started: {error}\n")
