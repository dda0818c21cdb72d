"""What a body may point at: what the caller sees."""

from __future__ import annotations

from collections.abc import Iterable

from parse_api.caller import Caller
from parse_api.codecs import Pointer
from parse_api.writes import writes_sql


def visible(caller: Caller, pointers: Iterable[Pointer]) -> set[Pointer]:
    """Return those of the pointers that name a record which the caller may read; the caller himself needs no query."""
    wanted = set(pointers)
    own = {Pointer("_User", caller.user.pk)} & wanted if caller.user else set()
    return own | writes_sql.allowed(caller, wanted - own, "view")
