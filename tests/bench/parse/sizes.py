"""How much is in the databases, and who asks: everybody has as much in each, only the team around grows."""

from __future__ import annotations

from tests.bench.sizes import Size

SIZES = {
    deals: Size(
        f"parse_{deals // 1000}k",
        users={10_000: 10, 200_000: 260}[deals],
        companies=deals // 20,
        contacts=deals // 5,
        deals=deals,
        activities=deals,
        has_overview=True,
    )
    for deals in (10_000, 200_000)
}
PASSWORD = "long enough a password"
ASKING = 5
"""The last so many people ask and write; they are of the ordinary kind, others have five times as much."""
SIGNING_IN = 4
"""The so many before them only sign in, because each log-in may end an older session."""
OVERSEER = "agent1"
"""He was granted to see every record."""


def askers(size: Size) -> list[str]:
    """Return the names of those who ask."""
    return [f"agent{size.users - number}" for number in range(ASKING)]


def signers(size: Size) -> list[str]:
    """Return the names of those who only sign in."""
    return [f"agent{size.users - ASKING - number}" for number in range(SIGNING_IN)]
