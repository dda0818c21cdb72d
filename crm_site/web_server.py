"""The web server of the one-command start: granian with WSGI workers, which end when it ends."""

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

_WORKERS = min(2, os.cpu_count() or 1)
# Each thread keeps a database connection, and PostgreSQL admits 100.
_THREADS_PER_WORKER = 8
_SECONDS_FOR_LAST_REQUESTS = 20
_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGINT, signal.SIGTERM)


def serve(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first."""
    load_application()
    os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=_begin_worker)
    server = Granian(
        "crm_site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=_WORKERS,
        blocking_threads=_THREADS_PER_WORKER,
        blocking_threads_idle_timeout=600,
        respawn_failed_workers=True,
        workers_kill_timeout=_SECONDS_FOR_LAST_REQUESTS,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=load_application, wrap_loader=False)


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)


def _begin_worker() -> None:
    """Cut a new worker loose from the terminal and tie it to the main process.

    Ctrl-C reaches every process of a terminal's group: only the main process shall act on it, and
    stop its workers in order. When the main process is killed, its workers must not go on answering.
    Until granian listens to signals in the worker, a signal ends it, rather than getting lost in the
    handlers that it has inherited.
    """
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in _STOPPING:
        signal.signal(number, signal.SIG_DFL)
    _release_signals()


def load_application() -> Callable[..., Any]:
    """Import everything that answers requests; once the main process has, its workers share it."""
    from crm_site.wsgi import application

    get_resolver().url_patterns  # noqa: B018
    return application


def is_taken(host: str, port: int) -> bool:
    """Tell whether somebody listens there; granian would share the port with him (SO_REUSEPORT)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
