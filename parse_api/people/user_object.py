"""How a person looks on the wire to himself: the Parse class _User, whole but for the password."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from parse_api.classes import CLASSES
from parse_api.codecs import encode, row_of


def shown(user: User) -> dict[str, Any]:
    """Return everything that the user himself, or the master key, may read."""
    return encode("_User", row_of(CLASSES["_User"], user), sees_private=True)
