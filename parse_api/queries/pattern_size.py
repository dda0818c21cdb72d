"""How large a regular expression gets when its repetitions are written out, as PostgreSQL does."""

from __future__ import annotations

import re

_ATOMS = r"""
    \\. | \[\^?\]?(?>\[[:.=][^]]{1,20}\] | \\. | [^]\\])*+(?:\]|\Z)
    | \(\?\#[^)]*(?:\)|\Z) | \((?:\?(?:<?[=!]|:))? | \{[0-9]{1,3}(?:,[0-9]{0,3})?\} | .
"""
"""Escapes and brackets, which hide what has a meaning elsewhere; comments, openings of groups, counts, the rest."""
_TOKEN = re.compile(_ATOMS, re.DOTALL | re.VERBOSE)
_TOKEN_EXPANDED = re.compile(rf"\#[^\n]* | {_ATOMS}", re.DOTALL | re.VERBOSE)


def size(source: str, *, is_expanded: bool) -> int:
    """Return how many characters PostgreSQL sees in a pattern; `is_expanded` when it may have comments to line ends.

    What is none by its rules has some size too.
    """
    whole, last = 0, 0
    around: list[int] = []
    for part in (_TOKEN_EXPANDED if is_expanded else _TOKEN).findall(source):
        if part.startswith("(?#") or (is_expanded and (part[0] == "#" or part.isspace())):
            continue
        if part[0] == "(":
            around.append(whole)
            whole, last = 0, 0
        elif part == ")":
            last, whole = whole, whole + (around.pop() if around else 0)
        elif part == "+" or (part[0] == "{" and len(part) > 1):
            more = last * (_times(part) - 1)
            whole, last = whole + more, last + more
        elif part not in "*?":
            whole, last = whole + 1, 1
    return whole


def _times(count: str) -> int:
    """Return how often "+" (once, and once in a loop), "{m}", "{m,}" or "{m,n}" writes what stands before it."""
    return 2 if count == "+" else max(int(each or 0) for each in ("1", *count[1:-1].split(",")))
