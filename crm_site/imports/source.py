"""Reads a CSV file row by row in flat memory, with the lines as an editor counts them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from crm_site.imports.errors import SourceError

MAX_BYTES = 200_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 500
MAX_LINE = 1_000_000
MAX_FIELD = 100_000
ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "cp1251", "cp1252", "iso-8859-1", "iso-8859-15"),
    *("mac-roman", "shift_jis", "gb18030", "big5", "euc-kr"),
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Row:
    """A record of the file: the line it begins on, and its cells by column, without blanks around them."""

    line: int
    cells: dict[str, str]
    reason: str = ""


@dataclass(frozen=True)
class Source:
    """A file, and how it is written. It is opened anew for every pass."""

    path: Path
    encoding: str
    delimiter: str

    def header(self) -> list[str]:
        """Return the names of the columns."""
        for _, cells in self._records():
            names = [cell.strip() for cell in cells]
            twice = sorted({name for name in names if name and names.count(name) > 1})
            if twice:
                raise SourceError(f"The column {twice[0]!r} is there twice.")
            if len(names) > MAX_COLUMNS:
                raise SourceError(f"The file has {len(names):,} columns; at most {MAX_COLUMNS} are read.")
            if any("\0" in name for name in names):
                raise SourceError("The first line has NUL characters: is it UTF-16 (file.encoding), or no CSV file?")
            return names
        raise SourceError("The file is empty.")

    def rows(self) -> Iterator[Row]:
        """Yield the records after the header; a wrong number of cells or a NUL is the row's `reason`."""
        names = self.header()
        records = self._records()
        next(records)
        for number, (line, cells) in enumerate(records, start=1):
            if number > MAX_ROWS:
                raise SourceError(f"The file has more than {MAX_ROWS:,} rows: split it.")
            if len(cells) != len(names):
                yield Row(line, {}, f"{len(cells)} cells, but the header has {len(names)}")
            elif any("\0" in cell for cell in cells):
                yield Row(line, {}, "there is a NUL character in it")
            else:
                yield Row(line, {name: cell.strip() for name, cell in zip(names, cells, strict=True)})

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield first line and cells of every record that is not blank, from the beginning of the file."""
        line = 1
        with self.path.open(encoding=self.encoding, newline="") as text:
            reader = csv.reader(_lines(text), delimiter=self.delimiter, strict=True)
            try:
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise SourceError(f"line {line}: {error}") from error
            except UnicodeDecodeError as error:
                reason = f"not {self.encoding} text (file.encoding): {error.reason}"
                raise SourceError(f"after line {line - 1}: {reason}") from error


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise SourceError(f"line {number}: longer than {MAX_LINE:,} characters")
        yield line


def find_source(path: Path, encoding: str, delimiter: str) -> Source:
    """Look at the size and the first bytes: a byte order mark counts more than `encoding`."""
    csv.field_size_limit(MAX_FIELD)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise SourceError(f"The file has {size:,} bytes; at most {MAX_BYTES:,} are read: split it.")
    with path.open("rb") as file:
        start = file.read(4)
    return Source(path, next((name for mark, name in _MARKS if start.startswith(mark)), encoding), delimiter)
