"""Every bad row is reported with its line and reason, and nothing is written."""

from __future__ import annotations

import pytest

from contacts.models import Contact
from deals.models import Deal
from tests.imports.conftest import CONTACTS, DEALS, HEADER, Run

pytestmark = pytest.mark.django_db
GOOD = "A1,Ann,GTX,Acme,Won,20-10-2016,01-03-2017,1054\n"


def row(**changed: str) -> str:
    """Return a row that is good but for the changed cells."""
    names = HEADER.strip().split(",")
    cells = dict(zip(names, GOOD.strip().split(","), strict=True)) | {"id": "B1"} | changed
    return ",".join(cells[name] for name in names) + "\n"


@pytest.mark.parametrize(
    ("cells", "place", "reason"),
    [
        *(
            ({"value": value}, "fields.amount", "is no number of the form 1234.5")
            for value in (
                "NaN",
                "Infinity",
                "-Infinity",
                "1e9999",
                "\uff11\uff12\uff13",
                '"1.234,56"',
                "=1+1",
                "+5",
                "-5",
                "-0",
                "1_000",
                "0x10",
                ".5",
                "5.",
                "1 2",
                "five",
                "\u0663",
            )
        ),
        ({"value": "9" * 400}, "fields.amount", "has more than 20 digits"),
        ({"value": "10000000000001"}, "fields.amount", "is more than 10,000,000,000,000"),
        ({"value": "1.00001"}, "fields.amount", "has more than four decimals"),
        *(
            ({"closed": value}, "fields.closed_at", "is no date of the form %d-%m-%Y")
            for value in (
                "30-02-2017",
                "01-01-0000",
                "01-01-10000",
                "2017-03-01",
                "32-01-2017",
                "\u0660\u0661-01-2017",
                "=NOW()",
            )
        ),
        ({"closed": "01-01-0001"}, "fields.closed_at", "is not between 1901-01-01 and 9998-12-31"),
        ({"closed": "31-12-9999"}, "fields.closed_at", "is not between 1901-01-01 and 9998-12-31"),
        ({"closed": "01-01-2999"}, "fields.closed_at", "lies in the future"),
        ({"closed": ""}, "fields.closed_at", "a won deal needs the day on which it was won"),
        ({"engaged": "02-03-2017"}, "history.qualified", "is later than the closing of the deal"),
        ({"stage": "Dreaming"}, "fields.stage", "is not in its map, which has 'Prospecting', 'Engaging'"),
        ({"stage": ""}, "fields.stage", "must have a value"),
        ({"product": ""}, "fields.title", "must have a value"),
        ({"product": "x" * 501}, "fields.title", "is 510 characters long; at most 500 fit"),
        ({"id": ""}, "key", "id must have a value"),
        ({"id": "A1"}, "key", "'A1' is also on line 2"),
        ({"agent": "A\0nn"}, "row", "there is a NUL character in it"),
        ({"agent": "Ann,Zoe"}, "row", "9 cells, but the header has 8"),
    ],
)
def test_bad_cell(run: Run, cells: dict[str, str], place: str, reason: str) -> None:
    """The reason names the place in the mapping; the good row before it is not written either."""
    result = run(HEADER + GOOD + row(**cells))
    assert result.status == 1
    assert result.errors[0].startswith(f"line 3: {place}: ")
    assert reason in result.errors[0]
    assert result.errors[-1] == "Nothing was written."
    assert not Deal.objects.exists()


def test_unknown_stage_without_a_map(run: Run) -> None:
    """Only the pipeline's own stages are accepted."""
    mapping = DEALS.replace("stage = { column = \"stage\", map = { Prospecting = \"lead\", Engaging = \"qualified\", "
                            "Won = \"won\", Lost = \"lost\" } }", 'stage = "stage"')  # fmt: skip
    result = run(HEADER + row(stage="Won"), mapping)
    assert result.errors[0] == (
        "line 2: fields.stage: 'Won' is none of lead, qualified, proposal, negotiation, won, lost"
    )


def test_lost_deal_needs_a_reason(run: Run) -> None:
    """The rule of the pipeline holds for files too."""
    mapping = DEALS.replace('map = { Lost = "price" }', 'map = { Lost = "" }')
    assert (
        run(HEADER + row(stage="Lost"), mapping).errors[0] == "line 2: fields.lost_reason: Say why the deal was lost."
    )


def test_every_bad_row_is_reported_with_the_line_it_begins_on(run: Run) -> None:
    """Line breaks within quotes and blank lines count as an editor counts them."""
    rows = (
        'C1,"Ann\r\nLee",GTX,Acme,Prospecting,,,x\r\n'  # lines 2 and 3
        "\r\n"  # 4
        "C2,Ann,GTX,Acme,Prospecting,,,5\n"  # 5
        'C3,Ann,"a\nb\nc",Acme,Prospecting,,,y\n'  # 6 to 8
        "C4,Ann,GTX,Acme,Prospecting,,y,z\n"  # 9
    )
    result = run(HEADER + rows)
    assert [error.split(":")[0] for error in result.errors[:-1]] == ["line 2", "line 6", "line 9", "line 9"]
    assert "4 rows read, 3 of them bad." in result.out


def test_skip_bad_writes_the_rest(run: Run) -> None:
    """The bad ones are still reported; mended, they come in later."""
    content = HEADER + GOOD + row(value="x")
    result = run(content, DEALS, "--skip-bad")
    assert (result.status, len(result.errors)) == (0, 1)
    assert Deal.objects.count() == 1
    assert "1 made, 1 as before" in run(content.replace(",x\n", ",5\n")).out


def test_text_of_the_file_cannot_forge_output(run: Run) -> None:
    """Control characters are shown as what they are."""
    error = run(HEADER + row(value='"1\nline 99: fine\x1b[2J"')).errors[0]
    assert "\\n" in error
    assert "\x1b" not in error


def test_texts_are_kept_as_they_are(run: Run) -> None:
    """Markup, emoji, right-to-left text; only what spreadsheets put before a formula is taken off."""
    lines = [
        "id,name,email,notes",
        "1,<b>Zoë</b> 🙂,zoe@example.com,'=1+1",
        "2,ليلى \u202e,,=1+1",
        "3,O'Neil,,'quoted'",
    ]
    assert run("\n".join(lines) + "\n", CONTACTS).status == 0
    found = dict(Contact.objects.order_by("created_at", "name").values_list("name", "notes"))
    assert found == {"<b>Zoë</b> 🙂": "=1+1", "ليلى \u202e": "=1+1", "O'Neil": "'quoted'"}


@pytest.mark.parametrize("email", ["no", "a@b", "a b@example.com", "a@example.com,b@example.com", "x" * 320 + "@a.de"])
def test_bad_email(run: Run, email: str) -> None:
    """An address is checked as the forms check it."""
    result = run(f'id,name,email,notes\n1,Ann,"{email}",\n', CONTACTS)
    assert result.errors[0].endswith("is no e-mail address")


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,56", "1234.56"), ("1234,5", "1234.5"), ("12.345.678", "12345678"), ("0", "0")]
)
def test_decimal_comma(run: Run, text: str, value: str) -> None:
    """Numbers are read as the mapping says they are written."""
    mapping = DEALS.replace("[file]", '[file]\ndecimal = ","\nthousands = "."\ndelimiter = ";"')
    assert run((HEADER + row(value=text.replace(",", "§"))).replace(",", ";").replace("§", ","), mapping).status == 0
    assert str(Deal.objects.get().amount) == value


def test_thousands_must_be_in_groups_of_three(run: Run) -> None:
    """1.23 is not 123."""
    mapping = DEALS.replace("[file]", '[file]\ndecimal = ","\nthousands = "."')
    assert run(HEADER + row(value="1.23"), mapping).status == 1
