"""The time zones that a person can choose, by part of the world."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby

from django.utils import timezone

# The other top-level names are aliases that the time zone database keeps for old systems.
_PARTS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Choices = list[tuple[str, list[tuple[str, str]]]]


def grouped(current: str = "UTC") -> Choices:
    """Return select choices: UTC first, then each part of the world with its cities and their present offset.

    `current` is among them even if it is one of the names that we do not offer.
    """
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    universal = sorted({"UTC", current} - set(_names()), key=lambda name: name != "UTC")
    choices: Choices = [("Universal", [(name, name) for name in universal])]
    for part, names in groupby(_names(), key=lambda name: name.partition("/")[0]):
        choices.append((part, [(name, f"{_city(name)} ({_offset(name, hour)})") for name in names]))
    return choices


@cache
def _names() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _PARTS and "/" in name)


@lru_cache(maxsize=1000)
def _offset(name: str, hour: datetime) -> str:
    text = hour.astimezone(zoneinfo.ZoneInfo(name)).strftime("%z")
    return f"UTC{text[:3]}:{text[3:]}"


def _city(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
