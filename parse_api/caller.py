"""Who sends a request: what the keys and the session token in it prove."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import ApiSession, User


@dataclass(frozen=True)
class Caller:
    """`user`, `session` and the `token` that was sent come together; `is_master` may be there with or without."""

    user: User | None = None
    is_master: bool = False
    session: ApiSession | None = None
    installation_id: str = ""
    token: str = ""
