"""Small files to import, made for each test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

DEALS = """
source = "test deals"
class = "Deal"
key = "id"

[file]
date = "%d-%m-%Y"

[fields]
title = { template = ["{product} for {account}", "{product}"] }
stage = { column = "stage", map = { Prospecting = "lead", Engaging = "qualified", Won = "won", Lost = "lost" } }
amount = "value"
closed_at = "closed"
lost_reason = { column = "stage", map = { Lost = "price" }, otherwise = "" }
created_at = "engaged"

[history]
qualified = "engaged"

[related.company]
column = "account"
missing = "make"

[owner]
column = "agent"
missing = "make"
"""
HEADER = "id,agent,product,account,stage,engaged,closed,value\n"
CONTACTS = """
source = "test contacts"
class = "Contact"
key = "id"
[fields]
name = "name"
email = "email"
notes = "notes"
"""


@dataclass
class Result:
    """What a run of the command said."""

    status: int
    out: str
    errors: list[str]


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that imports a text (or bytes) by a mapping."""

    def run_import(content: str | bytes, mapping: str = DEALS, *options: str) -> Result:
        source, rules = tmp_path / "file.csv", tmp_path / "mapping.toml"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        rules.write_text(mapping, encoding="utf-8")
        out, errors = StringIO(), StringIO()
        status = 0
        try:
            call_command("import_csv", str(source), f"--mapping={rules}", *options, stdout=out, stderr=errors)
        except CommandError as error:
            status = error.returncode
            errors.write(f"{error}\n")
        return Result(status, out.getvalue(), errors.getvalue().splitlines())

    return run_import
