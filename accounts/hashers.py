"""How passwords are hashed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.contrib.auth import hashers


@contextmanager
def _on_any_cpu() -> Iterator[None]:
    """Let this thread work beside the others of a process that is kept to one CPU (crm_site.server.processes).

    Hashing takes 30 ms for which no other thread has to wait. Where it may be done, the main process tells, which is
    kept to none.
    """
    if sys.platform != "linux":
        yield
        return
    own = os.sched_getaffinity(0)
    with suppress(OSError):
        os.sched_setaffinity(0, own | os.sched_getaffinity(os.getppid()))
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, own)


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the least that OWASP recommends: 19 MiB, two passes, one lane.

    Django's own choice is 100 MiB and eight lanes: 80 ms of all cores for each log-in, and a gigabyte for ten at once.
    Guessing is slowed down by accounts.throttle at every door. A password hashed with other figures is hashed anew
    when its owner signs in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with _on_any_cpu():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether this is the password."""
        with _on_any_cpu():
            return super().verify(password, encoded)
