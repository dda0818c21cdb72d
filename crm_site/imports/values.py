"""Reads texts of a file as numbers, days and what else a field holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from crm_site.imports.errors import BadValueError, quoted
from records.form_fields import FIRST_DAY, LAST_DAY, MAX_AMOUNT, MAX_LINE, MAX_TEXT

MAX_DIGITS = 20
_ESCAPED = re.compile(r"'[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last four: full-width =, +, -, @
_is_web_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Notation:
    """How numbers and dates are written. `date` is a strptime format, or "iso"."""

    date: str = "iso"
    decimal: str = "."
    thousands: str = ""
    time_zone: str = "UTC"


def text(value: str, _: Notation, limit: int = MAX_TEXT) -> str:
    """Return the text; an apostrophe that keeps spreadsheets from calculating it is taken off."""
    if len(value) > limit:
        raise BadValueError(f"is {len(value):,} characters long; at most {limit:,} fit")
    return value[1:] if _ESCAPED.match(value) else value


def line(value: str, notation: Notation) -> str:
    """Return a text of one line."""
    return " ".join(text(value, notation, MAX_LINE).split())


def email(value: str, notation: Notation) -> str:
    """Return an e-mail address."""
    try:
        validate_email(value)
    except ValidationError as error:
        raise BadValueError(f"{quoted(value)} is no e-mail address") from error
    return line(value, notation)


def website(value: str, notation: Notation) -> str:
    """Return a web address; one without a scheme gets https."""
    address = value if "://" in value else f"https://{value}"
    try:
        _is_web_address(address)
    except ValidationError as error:
        raise BadValueError(f"{quoted(value)} is no web address") from error
    return line(address, notation)


def amount(value: str, notation: Notation) -> Decimal:
    """Return an amount from 0 to what the forms take, with at most four decimals."""
    number = _number(value, notation)
    if number > MAX_AMOUNT:
        raise BadValueError(f"{quoted(value)} is more than {MAX_AMOUNT:,}")
    if number != round(number, 4):
        raise BadValueError(f"{quoted(value)} has more than four decimals")
    return number


def percent(value: str, notation: Notation) -> int:
    """Return a whole number from 0 to 100."""
    number = _number(value, notation)
    if number > 100 or number != int(number):
        raise BadValueError(f"{quoted(value)} is no whole number from 0 to 100")
    return int(number)


def _number(value: str, notation: Notation) -> Decimal:
    """Read ASCII digits, in groups of three or not."""
    decimal, thousands = re.escape(notation.decimal), re.escape(notation.thousands)
    grouped = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|" if thousands else ""
    if not re.fullmatch(rf"(?:{grouped}[0-9]+)(?:{decimal}[0-9]+)?", value):
        raise BadValueError(f"{quoted(value)} is no number of the form {_example(notation)}")
    if sum(character.isdigit() for character in value) > MAX_DIGITS:
        raise BadValueError(f"{quoted(value)} has more than {MAX_DIGITS} digits")
    plain = value.replace(notation.thousands, "") if notation.thousands else value
    return Decimal(plain.replace(notation.decimal, "."))


def _example(notation: Notation) -> str:
    return f"1{notation.thousands}234{notation.decimal}5"


@lru_cache(maxsize=4096)  # a file has few different days
def moment(value: str, notation: Notation) -> datetime:
    """Return when it was; a day alone is noon of it in the notation's time zone."""
    if not value.isascii() or len(value) > 50:
        raise BadValueError(_no_date(value, notation))
    try:
        read = datetime.fromisoformat(value) if notation.date == "iso" else datetime.strptime(value, notation.date)  # noqa: DTZ007
    except ValueError as error:
        raise BadValueError(_no_date(value, notation)) from error
    if not FIRST_DAY <= read.date() <= LAST_DAY:
        raise BadValueError(f"{quoted(value)} is not between {FIRST_DAY} and {LAST_DAY}")
    if not _has_time(value, notation):
        read = datetime.combine(read, time(12))
    read = read if read.tzinfo else read.replace(tzinfo=ZoneInfo(notation.time_zone))
    return read.astimezone(UTC).replace(microsecond=read.microsecond // 1000 * 1000)


def _has_time(value: str, notation: Notation) -> bool:
    return len(value) > 10 if notation.date == "iso" else any(part in notation.date for part in ("%H", "%I"))


def _no_date(value: str, notation: Notation) -> str:
    form = "2016-10-20 or 2016-10-20T15:30" if notation.date == "iso" else notation.date
    return f"{quoted(value)} is no date of the form {form}"
