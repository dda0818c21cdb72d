"""Values that are easy to get wrong, each written, read back, and compared with all others by every operator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from tests.bench.parse.agree.asking import Talk

TEXTS = (
    *(
        "a",
        "A",
        "b",
        "Z",
        "z",
        "ä",
        "Ä",
        "é",
        "e\u0301",
        "ß",
        "SS",
        "ss",
        "İ",
        "i",
        "日本",
        "😀",
        "\u202e",
        "\u200b",
    ),
    *(
        " ",
        "  a",
        "a ",
        "a b",
        "tab\tbed",
        "line\nbroken",
        "carriage\r\nreturn",
        "null",
        "true",
        "0",
        "00",
        "-1",
        "1e3",
    ),
    *(
        "_",
        "%",
        "100%",
        "a_b",
        "it's",
        "''",
        '"quoted"',
        "back\\slash",
        "\\",
        "\\\\",
        "\\n",
        "$a",
        "^a",
        "a$",
        "a|b",
        "(a)",
    ),
    *("[a]", "{a}", "a+b", "a*", "a?", ".", "a.b", "\\d", "\\Q", "\\E", "<b>", "&amp;", "#", "--", ";", "x" * 300),
)
_NUMBERS: tuple[Any, ...] = (None, 0, 1, -1, 0.1, 0.2, 0.3, 1.5, -2.25, 1e6, 1e15, 123456789.125, 1e-7, 2**53 - 1)
_DATES = (
    None,
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00.000Z",
    "2000-02-29T12:00:00.000Z",
    "2030-01-01T00:00:00.000Z",
    "2030-01-01T00:00:00.001Z",
    "2099-12-31T23:59:59.999Z",
)
_COMPARED = ("lessThan", "lessThanOrEqualTo", "greaterThan", "greaterThanOrEqualTo")
_PATTERNS = (
    *(
        ".",
        "^.$",
        r"^\s",
        "[a-z]",
        "x[^a-z]",
        "[[:alpha:]]",
        r"\w+$",
        "(?i)a",
        "(?i)^A$",
        "^(a|b)$",
        "^(?:a|b)$",
        "a{2}",
    ),
    *("^.{2,3}$", "x{200}", r"\d", "a.b", "^$", "^", "a|b$", "(?=a)", r"\Qa.b\E", r"\Q%\E$", r"^\Qa"),
)
_MISREAD = {"''": "''", re.escape(r"\Q"): re.escape(r"\Q") + "$"}
"""What parse-server takes for another pattern, and how it shows."""
_MARK = "of odd values"


def texts(talk: Talk) -> None:
    """Compare texts by every operator."""
    made = 'mutation ($t: String!) { createCompany(input: {fields: {name: $t, industry: "%s", website: $t}}) '
    for text in TEXTS:
        talk.ask(made % _MARK + "{ company { name website } } }", {"t": text})
    ask = _Asking(talk, "Company", "companies", "industry", "name")
    for text in TEXTS:
        compared = [{each: text} for each in ("equalTo", "notEqualTo", *_COMPARED)]
        for condition in (*compared, {"in": [text, "a"]}, {"notIn": [text, "a"]}):
            ask.where({"name": condition})
    _patterns(ask)
    ask.sorted("name", "website")


def _patterns(ask: _Asking) -> None:
    for pattern in map(re.escape, TEXTS):
        if pattern in _MISREAD:
            ask.where({"name": {"matchesRegex": _MISREAD[pattern]}}, known="quotes")
            continue
        for tied in (pattern, f"^{pattern}", f"{pattern}$", f"^{pattern}$"):
            ask.where({"name": {"matchesRegex": tied}})
        for options in ("i", "m", "s", "x", "im"):
            ask.where({"name": {"matchesRegex": pattern, "options": options}})
    for pattern, options in product(_PATTERNS, ("i", "s", "m", "x")):
        ask.where({"website": {"matchesRegex": pattern, "options": options}})
    for pattern in _PATTERNS:
        ask.where({"website": {"matchesRegex": pattern}})
    ask.where({"website": {"matchesRegex": ""}}, known="empty pattern")
    ask.where({"website": {"matchesRegex": "a", "options": ""}}, known="empty pattern")
    ask.where({"website": {"matchesRegex": "a|^b", "options": "m"}}, known="lines")
    ask.where({"website": {"matchesRegex": "line[^a-z]broken"}}, known="lines")
    ask.where({"website": {"matchesRegex": "line.broken"}}, known="lines")
    for options in ("q", "I", "g", "ix", "xsmi", "ii"):
        ask.where({"website": {"matchesRegex": "a", "options": options}})


def numbers(talk: Talk) -> None:
    """Compare numbers by every operator; some rows have none."""
    _put(talk, "amount", "Float", _NUMBERS)
    ask = _Asking(talk, "Deal", "deals", "stage", "amount")
    for number, operator in product(_NUMBERS[1:], ("equalTo", "notEqualTo", *_COMPARED)):
        ask.where({"amount": {operator: number}})
    for low, high in product(_NUMBERS[1:5], _NUMBERS[4:8]):
        ask.where({"amount": {"greaterThan": low, "lessThanOrEqualTo": high}})
        ask.where({"OR": [{"amount": {"in": [low, high]}}, {"amount": {"exists": False}}]})
    ask.sorted("amount")


def dates(talk: Talk) -> None:
    """Compare dates by every operator that both know; some rows have none."""
    _put(talk, "expectedCloseDate", "Date", _DATES)
    ask = _Asking(talk, "Deal", "deals", "stage", "expectedCloseDate")
    for date, operator in product(_DATES[1:], _COMPARED):
        ask.where({"expectedCloseDate": {operator: date}, "amount": {"exists": False}})
        ask.where({"expectedCloseDate": {operator: {"__type": "Date", "iso": date}}, "amount": {"exists": False}})
    for is_there in (True, False):
        ask.where({"expectedCloseDate": {"exists": is_there}})
    ask.sorted("expectedCloseDate")


def _put(talk: Talk, field: str, type_: str, values: Sequence[Any]) -> None:
    made = f'mutation ($v: {type_}) {{ createDeal(input: {{fields: {{title: "odd", stage: "{_MARK}", {field}: $v}}}}) '
    for value in values:
        talk.ask(made + f"{{ deal {{ {field} }} }} }}", {"v": value})


class _Asking:
    """Asks for the rows that were just made, and shows one field of them, by which they are sorted."""

    def __init__(self, talk: Talk, class_name: str, plural: str, mark: str, shown: str) -> None:
        self._talk, self._class, self._plural, self._mark, self._shown = talk, class_name, plural, mark, shown

    def where(self, condition: Mapping[str, Any], *, known: str = "") -> None:
        """Ask for those that fulfil a condition."""
        text = f"query ($w: {self._class}WhereInput) {{ {self._plural}(where: $w, order: [{self._shown}_ASC]) "
        shown = f"{{ count edges {{ node {{ {self._shown} }} }} }} }}"
        self._talk.ask(text + shown, {"w": {"AND": [{self._mark: {"equalTo": _MARK}}, condition]}}, known=known)

    def sorted(self, *fields: str) -> None:
        """Ask for all of them by each field, page after page."""
        for field, way, skip in product(fields, ("ASC", "DESC"), (0, 5, 10)):
            where = f'where: {{{self._mark}: {{equalTo: "{_MARK}"}}}}, order: [{field}_{way}], skip: {skip}, first: 5'
            self._talk.ask(f"{{ {self._plural}({where}) {{ edges {{ node {{ {field} }} }} }} }}")


WRITES = (texts, numbers, dates)
