"""The embedded server's life: started, asked whether it runs, stopped.

Whether it runs is a matter of fact, not of a pid file: the server inherits an open descriptor of
the lock file `alive`, and all its processes pass it on, so the lock is held exactly as long as one
of them lives, whatever killed the others.

Whoever starts or stops holds the lock `changing` (see use.py).
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from crm_site.postgres.account import Account, PostgresError, server_account
from crm_site.postgres.cluster import make_cluster, make_database, superuser
from crm_site.postgres.locks import is_held, open_lock, wait_exclusive
from crm_site.postgres.places import Places
from crm_site.postgres.programs import programs

# A killed server replays its log before it answers: up to max_wal_size, minutes on a slow disk.
_RECOVERY_SECONDS = 600
_STOP_SECONDS = 120
_LEFTOVERS_SECONDS = 15
_LOG_BYTES = 10_000_000

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",  # on a solid-state disk a page far away costs what the next one does
    "effective_io_concurrency": "64",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # what people type, passwords' hashes among it, stays out of the log: the program logs its own errors
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# Kept so that a server that we started is reaped when it ends.
_children: dict[Path, subprocess.Popen[bytes]] = {}


def is_running(at: Places) -> bool:
    """Tell whether any process of the server lives."""
    if at.cluster in _children and _children[at.cluster].poll() is not None:
        del _children[at.cluster]
    return at.alive.exists() and is_held(at.alive)


def start(at: Places, *, durable: bool = True) -> None:
    """Start the server of `at`, made first if it is new, and return when it answers.

    With durable=False a crash of the machine may cost everything: for tests only.
    """
    account = server_account(at.cluster)
    _make_socket_dir(at.socket_dir, account)
    alive = open_lock(at.alive)
    try:
        if not wait_exclusive(alive, _LEFTOVERS_SECONDS):
            raise PostgresError(f"a killed server has left processes that use {at.cluster}")
        if not at.cluster.exists():
            make_cluster(at, account)
        if not _postmaster(at):
            _forget_killed_server(at)
        child = _launch(at, account, alive, durable=durable)
    finally:
        os.close(alive)
    _children[at.cluster] = child
    _wait_until_answering(at, child)
    make_database(at, for_tests=not durable)


def _forget_killed_server(at: Places) -> None:
    """Remove the files by which PostgreSQL would take any process of the same number for the killed server."""
    at.pid_file.unlink(missing_ok=True)
    for path in at.socket_dir.iterdir():
        path.unlink()


def _make_socket_dir(directory: Path, account: Account) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    status = directory.lstat()
    if status.st_uid not in {os.getuid(), account.uid} or status.st_mode & 0o077 or directory.is_symlink():
        raise PostgresError(f"{directory} is not ours alone: delete it, or set CRM_DATA_DIR to a shorter path")
    account.own(directory)


def _launch(at: Places, account: Account, alive: int, *, durable: bool) -> subprocess.Popen[bytes]:
    options = _OPTIONS if durable else _OPTIONS | _UNSAFE
    if at.log.exists() and at.log.stat().st_size > _LOG_BYTES:
        at.log.replace(at.log.with_suffix(".old"))
    with account.reach(at.cluster, at.socket_dir) as [data, socket_dir], at.log.open("ab") as output:
        listed = socket_dir.replace('"', '""')  # one element of a list
        settings = [f"--{name}={value}" for name, value in options.items()]
        command = [str(programs(account) / "postgres"), "-D", data, *settings]
        command.append(f'--unix_socket_directories="{listed}"')
        return account.popen(command, output, descriptors=[alive])


def _wait_until_answering(at: Places, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        if child.poll() is not None:
            raise PostgresError(f"PostgreSQL ended while starting:\n{at.last_words()}")
        try:
            with superuser(at):
                return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not answer: {error}") from error
        time.sleep(0.02)


def stop(at: Places) -> None:
    """Stop the server: its sessions are cut, what is committed is written out, then it ends."""
    alive = open_lock(at.alive)
    try:
        for order, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, _LEFTOVERS_SECONDS)):
            if pid := _postmaster(at):
                os.kill(pid, order)
            if wait_exclusive(alive, seconds):
                break
        else:
            raise PostgresError(f"PostgreSQL does not stop:\n{at.last_words()}")
    finally:
        os.close(alive)
    if child := _children.pop(at.cluster, None):
        child.wait()
    if at.root not in at.socket_dir.parents:
        at.socket_dir.rmdir()


def _postmaster(at: Places) -> int | None:
    """Return the process id of the server if the pid file tells the truth.

    After a kill the file stays, and its number may belong to anybody by now: the server is the one
    whose working directory is the cluster.
    """
    try:
        pid = int(at.pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if not Path("/proc/self").exists():  # macOS
        return pid
    here = Path(f"/proc/{pid}/cwd")
    try:
        return pid if here.samefile(at.cluster) else None
    except OSError:
        return None
