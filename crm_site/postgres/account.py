"""Which user runs the embedded server, and how that user reaches its directories.

PostgreSQL refuses to run as root, so root starts it under a user id that nobody else uses. The
checkout may lie below a directory that only root may enter, and no permission of a directory that
we did not make is loosened: the cluster and the socket's directory are handed over as open
descriptors and named /proc/self/fd/N, which leads straight there without a walk through parents.
"""

import os
import pwd
import re
import subprocess
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# Neither Debian (policy 9.2.2) nor systemd (UIDS-GIDS) gives these to anybody.
_FREE_IDS = range(60578, 61184)


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be started or stopped; the text says why."""


@dataclass(frozen=True)
class Account:
    """The user that runs a program; `uid` is None where that is simply who we are."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Give a directory of ours, with all below it, to this user."""
        if self.uid is None or self.gid is None:
            return
        os.chown(path, self.uid, self.gid)
        for found in path.rglob("*"):
            os.chown(found, self.uid, self.gid, follow_symlinks=False)

    @contextmanager
    def reach(self, *directories: Path) -> Iterator[list[str]]:
        """Yield the names by which a program that is started in the block finds the directories."""
        if self.uid is None:
            yield [str(directory) for directory in directories]
            return
        descriptors = [os.open(directory, os.O_RDONLY | os.O_DIRECTORY) for directory in directories]
        try:
            yield [f"/proc/self/fd/{descriptor}" for descriptor in descriptors]
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def popen(
        self, command: Sequence[str], output: IO[bytes], descriptors: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start the command as this user in a session of its own, which a Ctrl-C in ours does not reach.

        Descriptors that the words of the command name are passed on, and so are `descriptors`.
        """
        named = [int(number) for word in command for number in re.findall("/proc/self/fd/([0-9]+)", word)]
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
            cwd="/",
            umask=0o077,
            start_new_session=True,
            pass_fds=(*named, *descriptors),
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )


def _environment() -> dict[str, str]:
    """Return ours without what would change PostgreSQL's mind (PGPORT, LC_MESSAGES, TZ, ...) or is secret."""
    kept = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C.UTF-8"}


def server_account(cluster: Path) -> Account:
    """Return who runs the server of this cluster: its owner if it exists, else somebody fit."""
    owner = cluster.stat() if cluster.exists() else None
    if os.getuid() != 0:
        if owner and owner.st_uid != os.getuid():
            raise PostgresError(f"{cluster} belongs to another user: start as that user, or set CRM_DATA_DIR")
        return Account()
    if not Path("/proc/self/fd").exists():
        raise PostgresError("as root the embedded PostgreSQL needs Linux: start as a user, or set DATABASE_URL")
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _unused_account(cluster)


def _unused_account(cluster: Path) -> Account:
    named = {entry.pw_uid for entry in pwd.getpwall()}
    free = [number for number in _FREE_IDS if number not in named]
    number = free[zlib.crc32(os.fsencode(cluster)) % len(free)]
    return Account(number, number)


def making_account(account: Account) -> Account:
    """Return who runs initdb for `account`: the program insists on a user that has a name."""
    if account.uid is None:
        return account
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)
