"""Imports that are killed and repeated, or run at the same time, as programs of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from accounts.models import User
from companies.models import Company
from crm_site.imports.identity import object_id
from crm_site.imports.importer import CHUNK
from deals.models import Deal, StageChange
from records.derived import all_wrong_rows
from tests.clock import somebody_waits
from tests.factories import make_deal
from tests.imports.conftest import DEALS, HEADER

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 3_000


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Write a file of many deals; return the words that import it."""
    stages = ("Prospecting,,", "Engaging,20-10-2016,", "Won,20-10-2016,01-03-2017", "Lost,20-10-2016,01-03-2017")
    rows = (f"D{n},Agent {n % 7},Item {n},Firm {n % 50},{stages[n % 4]},{n}\n" for n in range(ROWS))
    (tmp_path / "deals.csv").write_text(HEADER + "".join(rows))
    (tmp_path / "deals.toml").write_text(DEALS)
    return ["import_csv", str(tmp_path / "deals.csv"), f"--mapping={tmp_path / 'deals.toml'}"]


def start(command: list[str]) -> subprocess.Popen[str]:
    """Start manage.py with the database of this test."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", *command],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_result() -> None:
    """Everything is there, once."""
    assert Deal.objects.count() == ROWS
    assert Company.objects.count() == 50
    assert User.objects.count() == 7
    assert StageChange.objects.filter(from_stage=None).count() == ROWS
    assert all_wrong_rows() == []


def test_killed_import_goes_on_when_repeated(command: list[str]) -> None:
    """Killed in the third chunk: the whole chunks before it are there, and the next run does the rest."""
    with transaction.atomic():
        make_deal(pk=object_id("test deals", "Deal", (f"D{ROWS - 1}",)), stage="holds the import up")
        with start(command) as process:
            while not somebody_waits():
                assert process.poll() is None, process.communicate()
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        transaction.set_rollback(True)
    done = Deal.objects.count()
    assert done == ROWS - CHUNK
    assert StageChange.objects.filter(from_stage=None).count() == done
    with start(command) as process:
        out, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert f"{ROWS - done:,} made, {done:,} as before" in out
    check_result()


def test_two_imports_at_once_make_everything_once(command: list[str]) -> None:
    """The second waits for the first and finds everything done."""
    with start(command) as first, start(command) as second:
        said = [process.communicate(timeout=300) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), said
    assert sum(f"{ROWS:,} as before" in out for out, _ in said) == 1
    check_result()
