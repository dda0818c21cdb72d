"""The Parse objectId, which is the primary key of every record and every user."""

from __future__ import annotations

import secrets
import string
from typing import Any

from django.db import models
from django.utils.crypto import salted_hmac

LENGTH = 10
ALPHABET = string.ascii_letters + string.digits
PATTERN = rf"^[A-Za-z0-9]{{{LENGTH}}}$"


def new_object_id() -> str:
    """Return 10 characters of [A-Za-z0-9] from a cryptographic source (59 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def another_object_id(pk: str, use: str) -> str:
    """Return the objectId that belongs to a further use of `pk`: always the same, and known to nobody before."""
    number = int.from_bytes(salted_hmac("accounts.object_id", f"{pk} {use}", algorithm="sha256").digest())
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH))


class ObjectIdField(models.CharField):  # type: ignore[type-arg]
    """A primary key in the form of a Parse objectId."""

    def __init__(self, **options: Any) -> None:
        options.update(primary_key=True, max_length=LENGTH, default=new_object_id, editable=False, db_collation="C")
        super().__init__("id", **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Leave out of migrations what the constructor sets by itself."""
        name, path, _, options = super().deconstruct()
        fixed = ("primary_key", "max_length", "default", "editable", "db_collation", "verbose_name")
        return name, path, [], {key: value for key, value in options.items() if key not in fixed}
