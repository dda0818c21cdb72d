"""The network between the program and a database elsewhere, with a switch."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Wire:
    """Carries TCP connections to a Unix socket; cut, it drops them and takes new ones without a word."""

    def __init__(self, target: Path) -> None:
        """Listen on a free port of the loopback."""
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._is_cut = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Drop what is connected."""
        self._is_cut = True
        self._hang_up()

    def mend(self) -> None:
        """Carry again; who waits for an answer has to call again."""
        self._is_cut = False
        self._hang_up()

    def close(self) -> None:
        """End it."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def _hang_up(self) -> None:
        while self._ends:
            end = self._ends.pop()
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._ends.append(near)
                if not self._is_cut:
                    far = socket.socket(socket.AF_UNIX)
                    far.connect(str(self._target))
                    self._ends.append(far)
                    for source, sink in ((near, far), (far, near)):
                        threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(target: Path) -> Iterator[Wire]:
    """Have a wire for the length of the block."""
    wire = Wire(target)
    try:
        yield wire
    finally:
        wire.close()
