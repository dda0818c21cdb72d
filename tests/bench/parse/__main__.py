"""`python -m tests.bench parse --write`: measures our server and parse-server, writes docs/bench-parse.md.

With `--compare` it measures nothing: it asks both the same in GraphQL and REST, and fails when their answers differ.
"""

from __future__ import annotations

import argparse
import sys

from crm_site.postgres import running
from tests.bench.parse import places, servers
from tests.bench.parse.compare import compare_answers
from tests.bench.parse.report import write_report
from tests.bench.parse.run import measure, save
from tests.bench.parse.sizes import SIZES
from tests.bench.parse.work import WORKS


def main(arguments: list[str]) -> None:
    """Measure what the command line asks for."""
    options = _options(arguments)
    places.DATA_DIR.mkdir(parents=True, exist_ok=True)
    if not options.alone:
        servers.install_rival()
    results = []
    with running(places.DATA_DIR):
        if options.compare:
            compare_answers(seed=options.seed, lists=options.lists)
            return
        for deals in options.deals:
            for workers in options.workers:
                sys.stderr.write(f"{deals:,} deals, workers: {workers}\n")
                results.append(measure(options, deals, workers))
    save(results)
    if options.write:
        sys.stdout.write(write_report(results))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench parse")
    parser.add_argument("--deals", type=int, nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", choices=WORKS, default=list(WORKS), metavar="WORK")
    parser.add_argument("--seconds", type=float, default=2, help="of one round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--indexed", action="store_true", help="give parse-server an index on stage and close date")
    parser.add_argument("--write", action="store_true", help="write docs/bench-parse.md")
    parser.add_argument("--alone", action="store_true", help="without parse-server")
    parser.add_argument("--compare", action="store_true", help="measure nothing: see whether both answer alike")
    parser.add_argument("--seed", type=int, default=1, help="of the random lists that are compared")
    parser.add_argument("--lists", type=int, default=200, help="how many random lists are compared")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
