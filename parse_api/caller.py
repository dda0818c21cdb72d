"""Who sends a request: what the keys and the session token in it prove."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from accounts.models import ApiSession, User
from parse_api.errors import unauthorized


@dataclass(frozen=True)
class Caller:
    """`user`, `session` and the `token` that was sent come together; `is_master` may be there with or without."""

    user: User | None = None
    is_master: bool = False
    session: ApiSession | None = None
    installation_id: str = ""
    token: str = ""
    uses: Iterator[int] = field(default_factory=count, compare=False, repr=False)
    """Counts what is done with him: the first thing follows at once on the look at his session."""

    def need_master(self) -> None:
        """Refuse (403) who does not have the master key."""
        if not self.is_master:
            raise unauthorized()
