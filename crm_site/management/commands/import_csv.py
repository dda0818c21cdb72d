"""Imports a CSV file by a mapping file."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from accounts.models import User
from crm_site.imports.errors import MappingError, SourceError
from crm_site.imports.importer import Chunk, Import, one_at_a_time
from crm_site.imports.mapping import read_mapping
from crm_site.imports.source import find_source

BAD_ROWS, USAGE = 1, 2


class Command(BaseCommand):
    """Checks the whole file, then writes it in chunks."""

    help = (
        "Import a CSV file. Every row is checked before the first is written; if one is bad, nothing is written "
        "unless --skip-bad is given. Repeat it as often as you like: a row that has been imported is not imported "
        "again, nor is one whose record somebody has deleted since, and what people have changed stays as they "
        "left it unless --update is given. An import that was stopped goes on when it is repeated. "
        "Exit status: 0 done, 1 bad rows or an unreadable file, 2 wrong usage or mapping. See docs/import.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what it takes."""
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--mapping", type=Path, required=True, help="the TOML file that says what the columns mean")
        parser.add_argument("--dry-run", action="store_true", help="only check")
        parser.add_argument("--skip-bad", action="store_true", help="write the good rows, leave the bad ones out")
        parser.add_argument("--update", action="store_true", help="also make changed rows' records what the file says")
        parser.add_argument(
            "--as", dest="user", metavar="USERNAME", help="who does it, with his rights; else the system"
        )

    def handle(self, *_: Any, file: Path, mapping: Path, user: str | None, **options: Any) -> None:
        """Import, and turn what goes wrong into words and an exit status."""
        try:
            self._run(file, mapping, self._person(user), **options)
        except (MappingError, OSError) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        except SourceError as error:
            raise CommandError(f"{file}: {error}", returncode=BAD_ROWS) from error

    def _person(self, username: str | None) -> User | None:
        if username is None:
            return None
        person: User | None = User.objects.active().named(username).first()
        if person is None:
            raise CommandError(f"--as: nobody is called {username!r}.", returncode=USAGE)
        return person

    def _run(
        self, file: Path, mapping: Path, user: User | None, *, dry_run: bool, skip_bad: bool, update: bool, **_: Any
    ) -> None:
        rules = read_mapping(mapping)
        source = find_source(file, rules.encoding, rules.delimiter)
        with one_at_a_time() as waited:
            if waited:
                self.stderr.write("Waited for another import.")
            work = Import(source, rules, user, update=update)
            rows, bad = self._check(work)
            self.stdout.write(f"{rows:,} rows read, {bad:,} of them bad.")
            if bad and not skip_bad:
                raise CommandError("Nothing was written.", returncode=BAD_ROWS)
            if dry_run:
                self.stdout.write("Nothing was written: this was a dry run.")
                return
            self._write(work, rows)
        found = [f"{number:,} {what}" for what, number in work.done.items() if number]
        self.stdout.write(f"{rules.target.name}: {', '.join(found) or 'nothing to do'}.")

    def _check(self, work: Import) -> tuple[int, int]:
        """Report every bad row; return how many rows there are and how many are bad."""
        rows, bad = 0, 0
        for chunk in _with_bar("checking", work.chunks(), None):
            rows += chunk.rows
            bad += chunk.rows - len(chunk.drafts)
            for problem in chunk.problems:
                self.stderr.write(str(problem))
        return rows, bad

    def _write(self, work: Import, rows: int) -> None:
        for chunk in _with_bar("importing", work.chunks(), rows):
            try:
                work.write(chunk)
            except DatabaseError as error:
                raise SourceError(
                    f"from line {chunk.first_line} on nothing was written: the database refused it: {error}"
                ) from error


def _with_bar(what: str, chunks: Iterator[Chunk], total: int | None) -> Iterator[Chunk]:
    """Pass the chunks on; on a terminal show how far it is."""
    with tqdm(desc=what, total=total, unit=" rows", disable=None) as bar:
        for chunk in chunks:
            bar.clear()
            yield chunk
            bar.update(chunk.rows)
