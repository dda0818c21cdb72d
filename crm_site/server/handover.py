"""The way of a WebSocket from the process that took its connection to the live process: descriptor and head."""

from __future__ import annotations

import errno
import mmap
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_HEAD = 131_072
"""With what came behind it; the head alone is limited where it is read."""
_AT_ONCE = 64
_FULL = (errno.EAGAIN, errno.ENOBUFS, errno.ETOOMANYREFS)


class AwayError(Exception):
    """The live process is not there."""


@dataclass(frozen=True)
class Sender:
    """An HTTP process's end."""

    _end: socket.socket
    _flag: mmap.mmap

    def close(self) -> None:
        """Leave this end to others."""
        self._end.close()

    def send(self, descriptor: int, head: bytes) -> bool:
        """Send a connection with what was read of it; return False if there is no room right now.

        Raise AwayError if nobody would take it.
        """
        if not self._flag[0]:
            raise AwayError
        try:
            socket.send_fds(self._end, [head], [descriptor])
        except OSError as error:
            if error.errno in _FULL:
                return False
            raise AwayError from error
        return True


@dataclass(frozen=True)
class Receiver:
    """The live process's end."""

    _end: socket.socket
    _flag: mmap.mmap

    def close(self) -> None:
        """Leave this end to others."""
        self._end.close()

    def fileno(self) -> int:
        """Return what becomes readable when there are connections."""
        return self._end.fileno()

    def declare(self, *, is_there: bool) -> None:
        """Say whether the live process takes connections."""
        self._flag[0] = is_there

    def received(self) -> Iterator[tuple[socket.socket, bytes]]:
        """Yield connections that have come, with their heads; some, if there are many."""
        for _ in range(_AT_ONCE):
            try:
                head, descriptors, *_ = socket.recv_fds(self._end, LONGEST_HEAD, 1)
            except BlockingIOError:
                return
            for descriptor in descriptors:
                yield socket.socket(fileno=descriptor), head


@dataclass(frozen=True)
class Handover:
    """Both ends, made before the processes are."""

    sender: Sender
    receiver: Receiver

    @classmethod
    def make(cls) -> Handover:
        """Make a way that keeps each connection's head in one piece."""
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
        near, far = socket.socketpair(socket.AF_UNIX, kind)
        near.settimeout(0)
        far.settimeout(0)
        flag = mmap.mmap(-1, 1)
        return cls(Sender(near, flag), Receiver(far, flag))

    def close(self) -> None:
        """Close both ends."""
        self.sender.close()
        self.receiver.close()
