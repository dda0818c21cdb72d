"""`python -m tests.bench [small|large ...]`: makes the databases if need be, measures each, writes docs/bench.md.

`python -m tests.bench parse` measures the Parse API instead (tests.bench.parse), or with `--compare` only compares its
answers, and `live` LiveQuery.
"""

from __future__ import annotations

import os
import subprocess
import sys

from crm_site.postgres import running, socket_url
from tests.bench import places
from tests.bench.live.__main__ import main as measure_live
from tests.bench.parse.__main__ import main as measure_parse
from tests.bench.report import write_report
from tests.bench.sizes import SIZES


def main() -> None:
    """Measure each database in a process of its own."""
    if sys.argv[1:2] == ["parse"]:
        measure_parse(sys.argv[2:])
        return
    if sys.argv[1:2] == ["live"]:
        measure_live(sys.argv[2:])
        return
    names = sys.argv[1:] or list(SIZES)
    places.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with running(places.DATA_DIR, durable=False):
        for name in names:
            places.make_empty(SIZES[name])
            url = socket_url(places.DATA_DIR, database=f"crm_{name}")
            environment = os.environ | {"DATABASE_URL": url, "CRM_DATA_DIR": str(places.DATA_DIR)}
            subprocess.run([sys.executable, "-m", "tests.bench.run", name], env=environment, check=True)  # noqa: S603
    sys.stdout.write(write_report())


if __name__ == "__main__":
    main()
