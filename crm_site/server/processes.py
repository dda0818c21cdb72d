"""A process of the server's own: how it begins, what ties it to the main process, and when it is started again."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

STOPPING = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1
_YOUNG_SECONDS = 10
_LONGEST_PAUSE_SECONDS = 10.0


@dataclass
class Process:
    """One that is started again whenever it ends."""

    name: str
    work: Callable[[], None]
    on_end: Callable[[], None] = lambda: None
    pid: int = 0
    due_at: float = 0.0
    _began_at: float = 0.0
    _pause: float = 0.0

    def start(self) -> None:
        """Fork."""
        self._began_at = time.monotonic()
        parent = os.getpid()
        # A signal that comes right now is for the main process: its handlers must not run in the child.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        self.pid = os.fork()
        if self.pid == 0:
            _begin(parent, self.work)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)

    def ended(self, status: int, *, is_wanted: bool) -> None:
        """Note that it has, and when to start it again: at once, unless it had just begun."""
        self.pid = 0
        self.on_end()
        now = time.monotonic()
        lived = now - self._began_at
        self._pause = 0.0 if lived > _YOUNG_SECONDS else min(max(2 * self._pause, 0.25), _LONGEST_PAUSE_SECONDS)
        self.due_at = now + self._pause
        if not is_wanted:
            sys.stderr.write(f"The {self.name} process ended ({_how(status)}) and is started again.\n")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def keep_to_one_cpu(number: int) -> None:
    """Have this process run on one CPU, the next one for the next number.

    Its threads run Python in turns (GIL). Where they take turns on several CPUs, waking each other costs more than a
    short request: kept to one, two thirds more are answered. What waits for nobody's turn may leave (accounts.hashers).
    """
    if sys.platform == "linux":
        cpus = sorted(os.sched_getaffinity(0))
        with suppress(OSError):
            os.sched_setaffinity(0, {cpus[(os.getppid() + number) % len(cpus)]})


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit status {code}" if code >= 0 else f"signal {-code}"


def _begin(parent: int, work: Callable[[], None]) -> None:
    """Be a child: cut loose from the terminal, tied to the main process; never returns.

    Ctrl-C reaches every process of a terminal's group: only the main process shall act on it, and stop its children
    in order. When the main process is killed, they must not go on answering.
    """
    status = 1
    try:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in STOPPING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
            work()
            status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
