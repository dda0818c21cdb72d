"""Makes one of the databases if need be, in a process whose Django knows only that one, and measures it."""

from __future__ import annotations

import os
import sys
import time

import django
from django.core.management import call_command

from tests.bench import places
from tests.bench.sizes import SIZES, Size


def main() -> None:
    """Do it for the size that the command line names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    django.setup()
    size = SIZES[sys.argv[1]]
    if not places.is_made(size):
        _make(size)


def _make(size: Size) -> None:
    from records.derived import all_wrong_rows
    from tests.bench.generate import generate

    start = time.monotonic()
    call_command("migrate", verbosity=0)
    generate(size)
    if size.name == "small" and (wrong := all_wrong_rows()):
        raise SystemExit(f"The generator is wrong: {wrong[0]} and {len(wrong) - 1} more.")
    places.set_made(size)
    sys.stderr.write(f"Made the {size.name} database in {time.monotonic() - start:.0f} s.\n")


if __name__ == "__main__":
    main()
