"""Full-text search by the beginnings of words, with the same expression in the index and in the query."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Func, TextField, Value

MAX_DOCUMENT = 20_000
"""Characters of a text that are searched: a longer one would not fit a tsvector (1 MB)."""
MAX_WORDS = 10
MAX_QUERY = 200
"""Characters of a query: PostgreSQL refuses words of more than 2,046 bytes."""


class SearchDocument(Func):
    """The words of some text columns, as they are, in lower case."""

    function = "to_tsvector"

    def __init__(self, *columns: Any, **extra: Any) -> None:
        super().__init__(*columns, output_field=SearchVectorField(), **extra)

    def as_sql(self, compiler: Any, *_args: Any, **_options: Any) -> tuple[str, list[Any]]:
        """Write the constants into the SQL: an index expression takes no parameters."""
        parts = [compiler.compile(expression)[0] for expression in self.get_source_expressions()]
        text = " || ' ' || ".join(f"left(COALESCE({part}, ''), {MAX_DOCUMENT})" for part in parts)
        return f"to_tsvector('simple'::regconfig, {text})", []


class Matches(Func):
    """Tell whether a document has the words of a query."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def prefix_query(text: str) -> Func | None:
    """Return a tsquery that wants a word beginning with each of the first ten words of `text`; None without any.

    Each word goes in as a quoted lexeme, so that no character of it is an operator of the query language. PostgreSQL
    takes an address for one word, but the half of one ("ann@exa") apart: what has such characters is also looked for
    as it stands.
    """
    words = re.findall(r"\w[\w.@+\-/]*", text[:MAX_QUERY].replace("\x00", " "))[:MAX_WORDS]
    if not words:
        return None
    raw = " & ".join(f"'{word}':*" for word in words)
    parsed = Func(Value("simple"), Value(raw, output_field=TextField()), function="to_tsquery")
    if all(word.isalnum() for word in words):
        return parsed
    literal = Func(Value(raw.lower(), output_field=TextField()), template="%(expressions)s::tsquery")
    return Func(parsed, literal, template="(%(expressions)s)", arg_joiner=" || ")
