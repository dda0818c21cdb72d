"""A hasher that is quick: where a test is not about hashes, 30 ms for each would be a good part of the run."""

from __future__ import annotations

from accounts import hashers


class QuickHasher(hashers.Argon2PasswordHasher):
    """Argon2id with the least figures there are."""

    time_cost = 1
    memory_cost = 8
