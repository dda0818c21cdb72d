"""The port that the server listens at: taken by nobody else, and left without a newcomer being turned away half-way."""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SO_ATTACH_FILTER = 26
_QUEUE_IN_TCP_INFO = 24
# Of a TCP header: byte 13 has the flags. One with SYN and without ACK asks for a connection and is dropped.
_NO_NEWCOMERS = ((0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen there, and nobody else; raise OSError if somebody does."""
    with _bound(host, port) as listener:
        listener.listen(1024)
        listener.settimeout(0)
        yield listener


def is_taken(host: str, port: int) -> bool:
    """Tell whether somebody listens there."""
    try:
        _bound(host, port).close()
    except OSError:
        return True
    return False


def keep_out_newcomers(listener: socket.socket) -> None:
    """Let no further connection begin, for every process that has the socket.

    Closing it resets the connections that wait to be accepted, although their clients have sent a request already. Who
    is kept out gets no answer, tries again after a second, and is refused then, or reaches the next server.
    """
    if sys.platform != "linux":
        return
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _NO_NEWCOMERS)
    program = ctypes.create_string_buffer(code, len(code))
    with suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL", len(_NO_NEWCOMERS), ctypes.addressof(program))
        )


def count_waiting(listener: socket.socket) -> int:
    """Return how many connections wait to be accepted, 0 where that cannot be told."""
    if sys.platform != "linux":
        return 0
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _QUEUE_IN_TCP_INFO + 4)
    waiting: int = struct.unpack_from("I", info, _QUEUE_IN_TCP_INFO)[0]
    return waiting


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
