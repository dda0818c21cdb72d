"""File locks that the kernel lets go of when their holders die."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.02


def open_lock(path: Path) -> int:
    """Return a new descriptor of the lock file, which is made when missing and never deleted."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_exclusive(descriptor: int) -> bool:
    """Take the lock for this descriptor alone unless another one holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_exclusive(descriptor: int, seconds: float) -> bool:
    """Take the lock for this descriptor alone, waiting at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not try_exclusive(descriptor):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE)
    return True


def share(descriptor: int) -> None:
    """Take the lock together with everybody else who shares it."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)


def is_held(path: Path) -> bool:
    """Tell whether anybody holds the lock alone; two who ask at once do not see each other."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock alone for the length of the block, waiting as long as it takes."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_unless_held(path: Path) -> Iterator[bool]:
    """Hold the lock alone for the length of the block if nobody else has it, and yield whether that is so."""
    descriptor = open_lock(path)
    try:
        yield try_exclusive(descriptor)
    finally:
        os.close(descriptor)
