"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth import hashers


class Argon2PasswordHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the least that OWASP recommends: 19 MiB, two passes, one lane.

    Django's own choice is 100 MiB and eight lanes: 80 ms of all cores for each log-in, and a gigabyte for ten at once.
    Guessing is slowed down by accounts.throttle at every door. A password hashed with other figures is hashed anew
    when its owner signs in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
