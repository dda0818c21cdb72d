"""Makes one of the databases if need be, in a process whose Django knows only that one, and measures it."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict

import django
from django.core.management import call_command

from tests.bench import places
from tests.bench.sizes import SIZES, Size

_TABLES = {
    "deals": "deals_deal",
    "contacts": "contacts_contact",
    "companies": "companies_company",
    "activities": "activities_activity",
    "people": "accounts_user",
    "change log": "records_change",
}


def main() -> None:
    """Do it for the size that the command line names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    django.setup()
    size = SIZES[sys.argv[1]]
    if not places.is_made(size):
        _make(size)
    _measure(size)


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


def _measure(size: Size) -> None:
    from crm_site.static_files import collect_when_changed
    from tests.bench.bare import execute
    from tests.bench.measure import REQUESTS, measure

    collect_when_changed()
    rows = {name: int(execute(f"SELECT count(*) FROM {table}")[0][0]) for name, table in _TABLES.items()}
    pages = {kind: {page: asdict(figures) for page, figures in found.items()} for kind, found in measure().items()}
    (places.DATA_DIR / f"{size.name}.json").write_text(json.dumps({"requests": REQUESTS, "rows": rows, "pages": pages}))


if __name__ == "__main__":
    main()
