"""Whoever follows queries, and what he may see now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parse_api.caller import Caller
from parse_api.livequery.changes import LIVE, State
from records.live.sight import Sight, sight_of

if TYPE_CHECKING:
    from parse_api.livequery.subscriptions import Subscription

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Viewer:
    """The person of one session, or the master key; all subscriptions of that session see by it."""

    caller: Caller
    subscriptions: set[Subscription] = field(default_factory=set)
    sight: Sight = field(init=False)
    expires_at: datetime = field(init=False)
    """When the session ends by itself."""

    def __post_init__(self) -> None:
        """See by what the caller may."""
        self.sight, self.expires_at = _sight(self.caller), _expires_at(self.caller)

    @property
    def person(self) -> str:
        """Whose subscriptions count together; "" is the master key."""
        return self.caller.user.pk if self.caller.user else ""

    def renew(self, caller: Caller) -> bool:
        """Go on with what the caller may now; tell whether he sees by other rights."""
        self.caller, sight = caller, _sight(caller)
        self.expires_at = _expires_at(caller)
        if sight == self.sight:
            return False
        self.sight = sight
        return True

    def sees(self, state: State) -> bool:
        """Tell whether he may read an object as it is."""
        return self.sight.sees(state.parse_class.name, state.readers)


def _expires_at(caller: Caller) -> datetime:
    return caller.session.expires_at if caller.session else NEVER


def _sight(caller: Caller) -> Sight:
    if caller.is_master:
        return Sight(sees_all=frozenset(LIVE))
    return sight_of(caller.user) if caller.user is not None else Sight()
