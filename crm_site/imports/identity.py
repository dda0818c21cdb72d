"""Which record a row of a source becomes: always the same one, so that a repeated import makes no second."""

from __future__ import annotations

import hashlib

from accounts.object_id import ALPHABET, LENGTH


def object_id(source: str, class_name: str, key: tuple[str, ...]) -> str:
    """Return the objectId (59 bits of a SHA-256) of the row of `source` with these key values."""
    name = "\0".join((source, class_name, *key))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    digits = []
    for _ in range(LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)
