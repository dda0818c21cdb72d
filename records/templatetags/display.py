"""How values look on a page: money, initials, hues, web addresses, and which way a column sorts."""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils import formats

register = template.Library()

HUES = 6
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
    number = formats.number_format(abs(value), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{MINUS if value < 0 else ''}{currency_symbol()}{number}"


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
    return round(100 * float(part or 0) / float(whole)) if whole else 0
