"""When things of the demo data happened: moments relative to the day it is loaded, always in office hours."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

_NEVER_AFTER = timedelta(minutes=20)


class Calendar:
    """Turns numbers of days from today into moments, the same ones every time it is asked in the same order."""

    def __init__(self, seed: int) -> None:
        """Take today from the clock."""
        self.random = random.Random(seed)  # noqa: S311 - invented data
        self.now = timezone.localtime().replace(microsecond=0)

    def at(self, days: float) -> datetime:
        """Return a moment between 8 and 18 o'clock on that working day; a day past or today gives no future."""
        day = self.now + timedelta(days=days)
        if days < 0:
            day -= timedelta(days=max(0, day.weekday() - 4))
        moment = day.replace(hour=self.random.randrange(8, 18), minute=self.random.choice((0, 10, 15, 30, 40, 45)))
        moment = moment.replace(second=0)
        latest = self.now - _NEVER_AFTER
        return latest if days <= 0 and moment > latest else moment

    def noon(self, days: float) -> datetime:
        """Return noon of that day: how a day without a time is kept."""
        return (self.now + timedelta(days=days)).replace(hour=12, minute=0, second=0)

    def due(self, days: int) -> datetime:
        """Return when something is due on that day; today it is still to come."""
        if days:
            return (self.now + timedelta(days=days)).replace(hour=self.random.randrange(9, 17), minute=0, second=0)
        soon = (self.now + timedelta(hours=self.random.randrange(1, 5))).replace(minute=30, second=0)
        return soon if soon.date() == self.now.date() else self.now.replace(hour=23, minute=30, second=0)

    def between(self, start: datetime, end: datetime, parts: int) -> list[datetime]:
        """Return `parts` moments in office hours that divide the time between the two about evenly."""
        step = (end - start) / (parts + 1)
        return [self._in_office_hours(start + step * number, start, end) for number in range(1, parts + 1)]

    def _in_office_hours(self, moment: datetime, start: datetime, end: datetime) -> datetime:
        if not 8 <= moment.hour < 18:
            moment = moment.replace(hour=9 + moment.hour % 8)
        moment = moment.replace(second=0)
        return moment if start < moment < end else start + (end - start) / 2
