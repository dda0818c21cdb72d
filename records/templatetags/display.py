"""How values look on a page: money, initials, hues, web addresses, and which way a column sorts."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.dates import MONTHS_3

register = template.Library()

HUES = 6
MONTHS = {number: str(name).capitalize() for number, name in MONTHS_3.items()}
MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": "CHF ", "CAD": "CA$"}


def name_of(person: Any) -> str:
    """The name somebody goes by: his display name, else his username, else the text itself."""
    return str(getattr(person, "display_name", "") or getattr(person, "username", "") or person or "").strip()


@register.filter
def person_name(person: Any) -> str:
    """`user|person_name`: display name or username; "nobody" when there is no such person (any more)."""
    return name_of(person) or "nobody"


@register.filter
def initials(person: Any) -> str:
    """`user|initials`: first letters of the first and last word, "?" for nobody."""
    words = [word for word in name_of(person).split() if word[0].isalnum()]
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"


@register.filter
def hue(person: Any) -> int:
    """`user|hue`: a number from 1 to 6 that stays the same for the same record."""
    key = getattr(person, "pk", None) or name_of(person)
    return zlib.crc32(str(key).encode()) % HUES + 1


@register.simple_tag
def currency_symbol() -> str:
    """`{% currency_symbol %}`: the sign of the site's currency, or its code where it has none."""
    code = settings.CRM_CURRENCY
    return SYMBOLS.get(code, f"{code} ")


@register.filter
def money(amount: Decimal | float | None) -> str:
    """`deal.amount|money`: 1234.5 -> "$1,234.50", whole amounts without decimals, "" for none."""
    if amount is None or amount == "":
        return ""
    value = Decimal(str(amount))
    places = 0 if value == value.to_integral_value() else 2
    return f"{MINUS if value < 0 else ''}{currency_symbol()}{abs(value):,.{places}f}"


@register.filter
def web_address(url: str) -> str:
    """`company.website|web_address`: the address if it is http(s), else "" (so that it is not linked)."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


@register.filter
def web_host(url: str) -> str:
    """`company.website|web_host`: "https://www.example.com/a" -> "example.com/a"."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/") or url


@register.filter
def percent_of(part: Any, whole: Any) -> int:
    """`total|percent_of:largest`: a whole number from 0 to 100, for bars."""
    return round(100 * Decimal(part or 0) / Decimal(whole)) if whole else 0


def local(moment: datetime) -> datetime:
    """The moment in the person's time zone; the first and last days of the calendar, which it could leave, in UTC."""
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment.astimezone(UTC)


@register.filter
def when(moment: datetime | None) -> str:
    """`record.updated_at|when`: "today 14:05", "yesterday 09:30", "12 Mar" or "12 Mar 2024", in the person's zone."""
    if moment is None:
        return ""
    here, now = local(moment), timezone.localtime()
    days = (here.date() - now.date()).days
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    if named:
        return f"{named} {here:%H:%M}"
    return day(here)


@register.filter
def day(moment: datetime | date | None) -> str:
    """`deal.expected_close_date|day`: "12 Mar" within this year, "12 Mar 2024" otherwise."""
    if moment is None:
        return ""
    here = local(moment) if isinstance(moment, datetime) else moment
    same_year = here.year == timezone.localdate().year
    return f"{here.day} {MONTHS[here.month]}" + ("" if same_year else f" {here.year}")


@register.filter
def due_state(activity: Any) -> str:
    """`activity|due_state`: "done", "over", "today" or "later"; "" for one without a due date that is not done."""
    if activity.completed_at:
        return "done"
    if not activity.due_date:
        return ""
    today, due = timezone.localdate(), local(activity.due_date)
    if due.date() == today:
        return "today" if due >= timezone.localtime() else "over"
    return "over" if due.date() < today else "later"
