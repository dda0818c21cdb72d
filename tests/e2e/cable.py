"""A cable between browser and server that can be pulled: a TCP proxy whose connections really end."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress

_CHUNK = 65_536
_HOST = "127.0.0.1"
_REQUEST = re.compile(rb"^(GET|POST) (\S+) HTTP/1\.1\r\n")


class Cable:
    """Carries what comes in at `port` to a port of this machine while it is plugged in; notes what is asked for."""

    def __init__(self, to: int) -> None:
        """Plug it in."""
        self.to, self.port = to, 0
        self.asked: list[str] = []
        self.lost = threading.Event()
        self._losing: str | None = None
        self._ends: set[socket.socket] = set()
        self._door: socket.socket | None = None
        self._lock = threading.Lock()
        self.plug()

    @property
    def url(self) -> str:
        """Where a browser finds the server."""
        return f"http://{_HOST}:{self.port}"

    def plug(self) -> None:
        """Listen, at the same port as before, unless it is plugged in."""
        if self._door:
            return
        self._door = door = socket.create_server((_HOST, self.port))
        self.port = door.getsockname()[1]
        self._ends.add(door)
        threading.Thread(target=self._accept, args=(door,), daemon=True).start()

    def pull(self) -> None:
        """End every connection and take no more."""
        with self._lock:
            ends, self._ends, self._door = self._ends, set(), None
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def lose_answer(self, request: str) -> None:
        """Let the next `request` ("POST /path/") reach the server, and pull the cable when the answer comes."""
        self.lost.clear()
        self._losing = request

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = door.accept()
                try:
                    far = socket.create_connection((_HOST, self.to))
                except OSError:
                    near.close()
                    continue
                if not self._hold(door, near, far):
                    return
                swallow = threading.Event()
                for source, target, way in ((near, far, self._out), (far, near, self._back)):
                    threading.Thread(target=way, args=(source, target, swallow), daemon=True).start()

    def _hold(self, door: socket.socket, *ends: socket.socket) -> bool:
        """Note the ends of a connection, or close them if the cable was pulled while it was made."""
        with self._lock:
            is_plugged = self._door is door
            if is_plugged:
                self._ends |= set(ends)
        if not is_plugged:
            self._close(*ends)
        return is_plugged

    def _carries(self, near: socket.socket) -> bool:
        """Tell whether it is still plugged in: what a browser sends again where it was closed last gets nowhere."""
        with self._lock:
            return near in self._ends

    def _out(self, near: socket.socket, far: socket.socket, swallow: threading.Event) -> None:
        with suppress(OSError):
            while (data := near.recv(_CHUNK)) and self._carries(near):
                if found := _REQUEST.match(data):
                    request = b" ".join(found.groups()).decode()
                    self.asked.append(request)
                    if request == self._losing:
                        self._losing = None
                        swallow.set()
                far.sendall(data)
        self._close(near, far)

    def _back(self, far: socket.socket, near: socket.socket, swallow: threading.Event) -> None:
        with suppress(OSError):
            while (data := far.recv(_CHUNK)) and self._carries(near):
                if swallow.is_set():
                    self.pull()
                    self.lost.set()
                    return
                near.sendall(data)
        self._close(near, far)

    def _close(self, *ends: socket.socket) -> None:
        with self._lock:
            self._ends -= set(ends)
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
