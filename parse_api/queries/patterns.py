"""Regular expressions and full-text terms: what they mean, and asking PostgreSQL whether one text matches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, F, Func, TextField, Value

from parse_api.codecs import clean_text
from parse_api.errors import Code, ParseError
from parse_api.limits import MAX_PATTERN, PATTERN_SIZE, within_time
from parse_api.queries.pattern_size import size
from records.search import Matches, SearchDocument

_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_SPECIAL = re.compile(r"[\\.^$*+?()\[\]{}|#\s-]")
_LITERAL = re.compile(r"(\^?)((?:[^\\.^$*+?()\[\]{}|]|\\[^A-Za-z0-9])*)(\$?)", re.DOTALL)

_EMBEDDED = re.compile(r"\(\?([imsx]+)\)")
"""Options at the beginning of a pattern."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BACK_REFERENCES = set("123456789")
"""With one of these PostgreSQL tries all ways to cut a text, and hears no timeout meanwhile: seen to run for 45 s."""


@dataclass(frozen=True)
class Literal:
    """A pattern that is nothing but a text, perhaps tied to the beginning or the end."""

    text: str
    at_start: bool
    at_end: bool

    def found_in(self, value: str) -> bool:
        """Tell whether `value` has the text where it must be."""
        if self.at_start and self.at_end:
            return value == self.text
        if self.at_start:
            return value.startswith(self.text)
        return value.endswith(self.text) if self.at_end else self.text in value

    def sql(self, column: str) -> Func:
        """Return the condition that the column has the text where it must be."""
        text = Value(self.text, output_field=TextField())
        if self.at_start and self.at_end:
            return Func(F(column), text, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField())
        if self.at_start:
            return Func(F(column), text, function="starts_with", output_field=BooleanField())
        if self.at_end:
            ending = Func(F(column), Value(len(self.text)), function="right", output_field=TextField())
            return Func(ending, text, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField())
        return Func(F(column), text, template="strpos(%(expressions)s) > 0", output_field=BooleanField())


@dataclass(frozen=True)
class Pattern:
    """A regular expression of the wire with its options, a subset of "imxsu"."""

    source: str
    options: str = ""

    @cached_property
    def literal(self) -> Literal | None:
        """What the pattern says when it is only a text."""
        match = None if set(self.options) & set("imx") else _LITERAL.fullmatch(self.postgres_source)
        return match and Literal(re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL), bool(match[1]), bool(match[3]))

    @cached_property
    def postgres_source(self) -> str:
        r"""The pattern with what stands between \Q and \E quoted one by one."""
        return _QUOTED.sub(lambda quoted: _SPECIAL.sub(r"\\\g<0>", quoted[1]), self.source)

    @cached_property
    def postgres(self) -> str:
        """The pattern as PostgreSQL takes it: a dot is no line end without "s", ^ and $ are of lines only with "m"."""
        lines = {(False, False): "p", (False, True): "s", (True, False): "n", (True, True): "w"}
        newline = lines["m" in self.options, "s" in self.options]
        return f"(?{newline}{''.join(sorted(set(self.options) & set('ix')))}){self.postgres_source}"

    def sql(self, column: str) -> Func:
        """Return the condition that the column matches."""
        if self.literal is not None:
            return self.literal.sql(column)
        return Func(
            F(column),
            Value(self.postgres, output_field=TextField()),
            template="%(expressions)s",
            arg_joiner=" ~ ",
            output_field=BooleanField(),
        )

    def matches(self, value: str) -> bool:
        """Tell whether `value` matches; a pattern that is no plain text, PostgreSQL decides within its time limit."""
        if self.literal is not None:
            return self.literal.found_in(value)
        return _answer("SELECT %s::text ~ %s", value, self.postgres)


@dataclass(frozen=True)
class Term:
    """Words to look for in one text field; all of them must be there."""

    words: str

    def sql(self, column: str, document: SearchDocument | None) -> list[Func]:
        """Return the conditions that the column has the words; `document` is what the index of the class is on."""
        query = SearchQuery(self.words, config="simple", search_type="plain")
        documents = [SearchDocument(column), *([document] if document is not None else [])]
        return [Matches(each, query) for each in documents]

    def matches(self, value: str) -> bool:
        """Tell whether `value` has the words, as PostgreSQL cuts it into words."""
        sql = "SELECT to_tsvector('simple', left(%s, 20000)) @@ plainto_tsquery('simple', %s)"
        return _answer(sql, value, self.words)


@contextmanager
def patience(patterns: Sequence[Pattern]) -> Iterator[None]:
    """Limit how long PostgreSQL may work on each statement inside, which matches these patterns, if there are any.

    Raises ParseError 102 for what it does not take: it need not look at a pattern where it finds no row.
    """
    if not patterns:
        yield
        return
    with within_time():
        sources = [each.postgres for each in patterns]
        with connection.cursor() as cursor:
            cursor.execute("SELECT bool_or('' ~ each) FROM unnest(%s::text[]) each", [sources])
        yield


def _answer(sql: str, *values: str) -> bool:
    with within_time(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.fetchone()[0])


def read_pattern(source: object, options: object) -> Pattern:
    """Read `$regex` and `$options`; raises ParseError 102."""
    if not isinstance(source, str) or len(source) > MAX_PATTERN:
        raise ParseError(Code.BAD_QUERY, f"$regex needs a text of at most {MAX_PATTERN} characters.")
    if not isinstance(options, str) or set(options) - set("imxsu"):
        raise ParseError(Code.BAD_QUERY, "$options needs letters of i, m, x, s and u.")
    embedded = _EMBEDDED.match(source)
    if embedded:
        source, options = source[embedded.end() :], options + embedded[1]
    pattern = Pattern(clean_text(source, "$regex", Code.BAD_QUERY), options)
    if _BACK_REFERENCES & set(_ESCAPED.findall(pattern.postgres_source)):
        raise ParseError(Code.BAD_QUERY, "$regex has no back references.")
    if size(pattern.postgres_source, is_expanded="x" in options) > PATTERN_SIZE:
        raise ParseError(Code.BAD_QUERY, "$regex repeats too much too often.")
    return pattern
