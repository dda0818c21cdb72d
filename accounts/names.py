"""How names of people and roles are compared, and which are reserved."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db.models import Func, TextField

EVERYBODY = "*"
MANAGERS = "Managers"


class NormalizedName(Func):
    """SQL for the form in which usernames are compared: NFKC, then lower case (Django's UsernameField, RFC 8264)."""

    function = "lower"
    template = "lower(normalize(%(expressions)s, NFKC))"
    arity = 1

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*expressions, output_field=TextField(), **extra)


def normalize_name(name: str) -> str:
    """Return `name` in the form that `NormalizedName` gives in SQL."""
    return unicodedata.normalize("NFKC", name).lower()


def is_reserved(role_name: str) -> bool:
    """Tell whether a role name could be taken for one that the product gives a meaning."""
    return normalize_name(role_name).strip() in {EVERYBODY, normalize_name(MANAGERS)}
