"""What is wrong in a mapping file is named, and costs exit status 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.imports.conftest import CONTACTS, DEALS, HEADER, Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('class = "Deal"', 'class = "Lead"'), "mapping.class: 'Lead' is none of Company, Contact, Deal, Activity."),
        (('key = "id"', ""), "`key`"),
        (('source = "test deals"', ""), "`source`"),
        (('source = "test deals"', "source = ["), "mapping.toml: "),
        (("[fields]", "[feilds]"), "mapping: 'feilds' means nothing here. Known: source, class,"),
        (('amount = "value"', 'amuont = "value"'), "fields: 'amuont' means nothing here. Known: title, amount,"),
        (('amount = "value"', 'amount = "price"'), "fields.amount: the file has no column 'price'. It has id, agent,"),
        (('amount = "value"', "amount = 5"), "fields.amount: this must be a table."),
        (('amount = "value"', "amount = {}"), "fields.amount: say one of column, template, value."),
        (('amount = "value"', 'readers = "value"'), "fields: 'readers' means nothing here."),
        (('amount = "value"', 'id = "value"'), "fields: 'id' means nothing here."),
        (('"{product}"]', '"{prodcut}"]'), "fields.title: the file has no column 'prodcut'."),
        (('title = { template = ["{product} for {account}", "{product}"] }', ""), "fields: a Deal needs title."),
        (("qualified =", "courted ="), "history: there is no stage 'courted', only lead, qualified,"),
        (
            ("[related.company]", "[related.supplier]"),
            "related: 'supplier' means nothing here. Known: company, contact.",
        ),
        (
            ('missing = "make"\n\n[owner]', 'missing = "maybe"\n\n[owner]'),
            "related.company.missing: 'maybe' is none of",
        ),
        (('column = "account"', 'column = "account"\nmatch = "tax_id"'), "related.company.match: 'tax_id' is none of"),
        (('column = "agent"', 'column = "agent"\ndefault = "zoe"'), "owner.default: nobody is called 'zoe'."),
        (("[file]", '[file]\nencoding = "utf-7"'), "file.encoding: 'utf-7' is none of"),
        (("[file]", '[file]\ndelimiter = "::"'), "file.delimiter: "),
        (("[file]", '[file]\ntime_zone = "Mars/Base"'), "file.time_zone: 'Mars/Base' is no time zone."),
        (("[file]", '[file]\ndecimal = ","\nthousands = ","'), "file.thousands: "),
    ],
)
def test_wrong_mapping(run: Run, change: tuple[str, str], words: str) -> None:
    """The message names the place."""
    assert change[0] in DEALS
    result = run(HEADER, DEALS.replace(*change))
    assert result.status == 2
    assert words in result.errors[-1]


def test_owner_column_that_names_no_people(run: Run) -> None:
    """Hundreds of new names are a wrong column, not hundreds of accounts."""
    mapping = CONTACTS + '[owner]\ncolumn = "notes"\nmissing = "make"\n'
    rows = "".join(f"{number},Ann,,text {number}\n" for number in range(300))
    result = run("id,name,email,notes\n" + rows, mapping)
    assert (result.status, "Is it the right column?" in result.errors[-1]) == (2, True)


def test_missing_file(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "mapping.toml").write_text(CONTACTS)
    with pytest.raises(CommandError, match=r"nowhere\.csv") as caught:
        call_command("import_csv", "nowhere.csv", f"--mapping={tmp_path / 'mapping.toml'}")
    assert caught.value.returncode == 2


def test_unknown_person(run: Run) -> None:
    """--as wants somebody who may sign in."""
    assert run(HEADER, DEALS, "--as=nobody").errors[-1] == "--as: nobody is called 'nobody'."
