"""The main process of the server: holds the port, starts the others, and stops them in order."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.urls import get_resolver

from crm_site.live.process import run_handed_over
from crm_site.server import http
from crm_site.server.bridge import Bridge, Handler
from crm_site.server.handover import Handover, Receiver
from crm_site.server.port import count_waiting, keep_out_newcomers, listening
from crm_site.server.processes import STOPPING, Process, keep_to_one_cpu

WORKERS = min(2, os.cpu_count() or 1)
_SECONDS_TO_STOP = http.SECONDS_FOR_LAST_REQUESTS + 5
_SECONDS_TO_CONNECT, _SECONDS_TO_ACCEPT = 0.3, 3.0
_TICK_SECONDS = 1.0


def serve(host: str, port: int, workers: int = WORKERS, *, is_live: bool = True) -> None:
    """Serve the site until SIGINT or SIGTERM; requests under way are answered first. Raise OSError if it cannot listen.

    Everything is imported before the others are forked, which then share it.
    """
    from crm_site.wsgi import application

    get_resolver().url_patterns  # noqa: B018
    run(host, port, workers, application, run_handed_over if is_live else None)


def run(host: str, port: int, workers: int, handler: Handler, talk: Callable[[Receiver], None] | None) -> None:
    """Serve what a WSGI handler answers, and WebSockets if there is who talks over them."""
    handover = Handover.make() if talk else None
    with listening(host, port) as listener:
        processes = [_http_process(number, listener, handover, handler) for number in range(1, workers + 1)]
        if handover and talk:
            processes.insert(0, _live_process(listener, handover, talk))
        supervisor = Supervisor(processes, listener)
        with _woken(supervisor.stop) as wait:
            supervisor.run(wait)


def _live_process(listener: socket.socket, handover: Handover, talk: Callable[[Receiver], None]) -> Process:
    def work() -> None:
        listener.close()
        handover.sender.close()
        talk(handover.receiver)

    return Process("live", work, on_end=partial(handover.receiver.declare, is_there=False))


def _http_process(number: int, listener: socket.socket, handover: Handover | None, handler: Handler) -> Process:
    def work() -> None:
        if handover:
            handover.receiver.close()
        keep_to_one_cpu(number)
        http.run(Bridge(handler), listener, handover.sender if handover else None)

    return Process(f"HTTP {number}", work)


class Supervisor:
    """Keeps processes running until it is told to stop."""

    def __init__(self, processes: list[Process], listener: socket.socket) -> None:
        """Look after these."""
        self._processes, self._listener = processes, listener
        self._is_stopping = self._is_impatient = False

    def run(self, wait: Callable[[float], None]) -> None:
        """Start them all; return when all have ended."""
        while not self._is_stopping:
            self._start_those_due()
            wait(_TICK_SECONDS)
            self._bury()
        self._empty_the_queue(wait)
        self._listener.close()
        self._send(signal.SIGTERM)
        latest = time.monotonic() + _SECONDS_TO_STOP
        while self._running() and time.monotonic() < latest and not self._is_impatient:
            wait(0.1)
            self._bury()
        self._send(signal.SIGKILL)
        while self._running():
            wait(0.1)
            self._bury()

    def _empty_the_queue(self, wait: Callable[[float], None]) -> None:
        """Have all connections accepted that have begun, and let none begin."""
        keep_out_newcomers(self._listener)
        began = time.monotonic()
        earliest, latest = began + _SECONDS_TO_CONNECT, began + _SECONDS_TO_ACCEPT
        while time.monotonic() < earliest or (count_waiting(self._listener) and time.monotonic() < latest):
            wait(0.05)
            if self._is_impatient:
                return

    def stop(self, *_: Any) -> None:
        """Stop; asked a second time, at once."""
        self._is_impatient = self._is_stopping
        self._is_stopping = True

    def _running(self) -> list[Process]:
        return [process for process in self._processes if process.pid]

    def _send(self, number: signal.Signals) -> None:
        for process in self._processes:
            process.send(number)

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for process in self._processes:
            if not process.pid and process.due_at <= now:
                process.start()

    def _bury(self) -> None:
        """Note which have ended."""
        for process in self._running():
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                process.ended(status, is_wanted=self._is_stopping)


@contextmanager
def _woken(stop: Callable[..., None]) -> Iterator[Callable[[float], None]]:
    """Have a function that waits so many seconds, or until a signal comes; those that stop call `stop`."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    before = {number: signal.signal(number, stop) for number in STOPPING}
    before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(seconds: float) -> None:
        if select.select([reading], [], [], seconds)[0]:
            os.read(reading, 4096)

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)
