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


def serve(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first."""
    _application()
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


def load_application() -> Callable[..., Any]:
    """Return the application in a worker that has cut itself loose from the terminal and tied itself to us.

    Ctrl-C reaches every process of a terminal's group: only the main process shall act on it, and
    stop its workers in order. When the main process is killed, its workers must not go on answering.
    A stop that comes before granian listens to signals ends the worker at once.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return _application()


def _application() -> Callable[..., Any]:
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
