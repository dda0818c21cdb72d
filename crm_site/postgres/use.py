"""How the processes of one installation share the embedded server: the first starts it, the last stops it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_site.postgres import server
from crm_site.postgres.account import PostgresError
from crm_site.postgres.locks import exclusive, exclusive_unless_held, open_lock, share
from crm_site.postgres.places import Places, places


@contextmanager
def running(data_dir: Path, *, durable: bool = True) -> Iterator[Places]:
    """Have the server of `data_dir` run for the length of the block.

    Each user shares the lock `users`. Whoever leaves and then gets it alone was the last, and stops
    the server; so a server whose users were all killed is stopped by the next one.
    """
    at = places(data_dir)
    try:
        at.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        users = open_lock(at.users)
    except PermissionError as error:
        raise PostgresError(f"{at.root} belongs to another user: start as that user, or set CRM_DATA_DIR") from error
    try:
        ensure(at, durable=durable, users=users)
        yield at
    finally:
        os.close(users)
        stop_unless_used(at)


def ensure(at: Places, *, durable: bool = True, users: int | None = None) -> bool:
    """Start the server unless it runs, and tell whether that was needed."""
    with exclusive(at.changing):
        if users is not None:
            share(users)
        if server.is_running(at):
            return False
        server.start(at, durable=durable)
        return True


def stop_unless_used(at: Places) -> bool:
    """Stop the server if it runs, and return True, unless it has users."""
    with exclusive(at.changing), exclusive_unless_held(at.users) as unused:
        if unused and server.is_running(at):
            server.stop(at)
        return unused
