"""One round with an embedded server, as a process: python embedded_round.py DATA_DIR [UID].

Prints the server's version and data directory. With a UID it becomes that user first, after everything
is imported: the user may not be able to enter where Python and this code lie.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

import psycopg

from crm_site.postgres import running, socket_url
from crm_site.postgres.places import SUPERUSER


def main(data_dir: Path, uid: int | None) -> None:
    """Make or start the server, ask it something, stop it."""
    with suppress(psycopg.OperationalError):
        psycopg.connect(host="/nowhere")  # imports what connecting needs
    if uid is not None:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    with running(data_dir), psycopg.connect(socket_url(data_dir, user=SUPERUSER)) as connection:
        for name in ("server_version", "data_directory", "listen_addresses", "fsync", "synchronous_commit"):
            [(value,)] = connection.execute(f"SHOW {name}").fetchall()
            sys.stdout.write(f"{name}={value}\n")
        with suppress(psycopg.errors.UniqueViolation):
            connection.execute("CREATE TEMPORARY TABLE typed (word text PRIMARY KEY)")
            connection.execute("INSERT INTO typed VALUES (%s), (%s)", ["hunter2", "hunter2"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
