"""How passwords are hashed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.contrib.auth import hashers

_CPUS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()


@contextmanager
def _on_any_cpu() -> Iterator[None]:
    """Let this thread work beside the others, where the process is kept to one CPU (crm_site.server.processes).

    Hashing takes 30 ms in which no other thread has to wait for it.
    """
    before = os.sched_getaffinity(0) if _CPUS else _CPUS
    with suppress(OSError):
        if before != _CPUS:
            os.sched_setaffinity(0, _CPUS)
    try:
        yield
    finally:
        with suppress(OSError):
            if before != _CPUS:
                os.sched_setaffinity(0, before)


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
