"""Files in the form of Maven Analytics' "CRM Sales Opportunities", imported by the mappings of examples/."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "maven-crm"
REAL = os.environ.get("MAVEN_CRM", "")
"""A directory with the real accounts.csv and sales_pipeline.csv, to be imported in place of files of our own making."""
AGENTS = ("Moses Frase", "Darcel Schlecht", "Zane Levy", "Anna Snelling")
PRODUCTS = ("GTX Plus Basic", "GTX Pro", "GTXPro", "MG Special")
STAGES = ("Prospecting", "Engaging", "Engaging", "Won", "Won", "Won", "Lost", "Lost")
ACCOUNTS = ("Acme Corporation", "Betasoloin", "Cancity", "Isdom", "")
DEALS = 400


def import_maven(directory: Path) -> None:
    """Import companies, agents and deals."""
    source = Path(REAL) if REAL else _written(directory)
    for name in ("accounts", "sales_pipeline"):
        mapping = MAPPINGS / f"{name}.toml"
        call_command("import_csv", str(source / f"{name}.csv"), f"--mapping={mapping}", stdout=StringIO())


def _written(directory: Path) -> Path:
    header = ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of")
    rows = [(name, "technolgy", 1996, 1100.04, 2822, "United States", "") for name in ACCOUNTS if name]
    _write(directory / "accounts.csv", [header, *rows])
    _write(directory / "sales_pipeline.csv", _deals())
    return directory


def _deals() -> Iterator[tuple[object, ...]]:
    """Yield the header and deals of the last 90 days; one in six has no account, open ones neither value nor close."""
    dice, today = random.Random(3), timezone.localdate()  # noqa: S311 - no secrets
    yield (
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    )
    for number in range(DEALS):
        stage, engaged = dice.choice(STAGES), today - timedelta(days=dice.randrange(30, 90))
        is_closed = stage in ("Won", "Lost")
        closed = f"{today - timedelta(days=dice.randrange(1, 30)):%d-%m-%Y}" if is_closed else ""
        value = dice.choice((0, 55, 1054, 4514.5)) if is_closed or dice.random() < 0.3 else ""
        begun = "" if stage == "Prospecting" else f"{engaged:%d-%m-%Y}"
        agent, product, account = dice.choice(AGENTS), dice.choice(PRODUCTS), dice.choice(ACCOUNTS)
        yield f"{number:08}", agent, product, account, stage, begun, closed, value


def _write(path: Path, rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)  # type: ignore[arg-type]
