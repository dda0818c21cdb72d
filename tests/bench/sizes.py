"""The two databases that are compared: each person has as much in both, only the rest of the team grows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How many of each there are; `has_overview`: the first agent was granted to see every record."""

    name: str
    users: int
    companies: int
    contacts: int
    deals: int
    activities: int
    has_overview: bool = False


SIZES = {
    "small": Size("small", users=10, companies=500, contacts=2_000, deals=10_000, activities=10_000),
    "large": Size("large", users=1_000, companies=50_000, contacts=200_000, deals=1_000_000, activities=1_000_000),
}
