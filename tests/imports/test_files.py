"""Files as a whole: how they are encoded, how large they are, where they break off."""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts.models import Contact
from crm_site.imports import source
from crm_site.imports.errors import SourceError
from tests.imports.conftest import CONTACTS, Run

pytestmark = pytest.mark.django_db
FILE = "id,name,email,notes\n1,Zoë,zoe@example.com,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_recognised(run: Run, encoding: str) -> None:
    """By their byte order mark."""
    assert run(FILE.encode(encoding), CONTACTS).status == 0
    assert Contact.objects.get().name == "Zoë"


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp1252", ";"), ("utf-16-le", "\\t"), ("utf-16-be", "|")])
def test_other_encodings_and_delimiters(run: Run, encoding: str, delimiter: str) -> None:
    """By the mapping."""
    mapping = CONTACTS.replace("[fields]", f'[file]\nencoding = "{encoding}"\ndelimiter = "{delimiter}"\n[fields]')
    content = FILE.replace(",", delimiter.replace("\\t", "\t")).encode(encoding)
    assert run(content, mapping).status == 0
    assert Contact.objects.get().name == "Zoë"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\n\n \n", "The file is empty."),
        (FILE.encode("cp1252"), "not utf-8 text (file.encoding)"),
        (b"i\0d\0,\0", "is it UTF-16"),
        (b"PK\x03\x04\x00\x00\x00\x00", "NUL characters"),
        (b"id,name,email,notes,name\n", "The column 'name' is there twice."),
        (b'id,name,email,notes\n1,"Zoe"x,,\n', "line 2: "),
        (b'id,name,email,notes\n1,"Zoe,,\n2,Ann,,\n', "line 2: unexpected end of data"),
        (b"id,name,email,notes\n1,Zoe,," + b"x" * 100_001 + b"\n", "field larger than field limit (100000)"),
        (b"x" * 1_000_002, "line 1: longer than 1,000,000 characters"),
        (b",".join(b"c%d" % number for number in range(501)), "The file has 501 columns; at most 500 are read."),
    ],
)
def test_unreadable_file(run: Run, content: bytes, words: str) -> None:
    """It is refused in words, before anything is written."""
    result = run(content, CONTACTS)
    assert result.status == 1
    assert words in result.errors[-1]
    assert not Contact.objects.exists()


def test_too_many_rows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lower limit stands for the real one, of a million."""
    monkeypatch.setattr(source, "MAX_ROWS", 2)
    assert "more than 2 rows" in run(FILE + "2,Ann,,\n3,Bo,,\n", CONTACTS).errors[-1]


def test_too_many_bytes(tmp_path: Path) -> None:
    """Refused by its size alone: not a byte is read."""
    with (tmp_path / "file.csv").open("wb") as file:
        file.truncate(source.MAX_BYTES + 1)
    with pytest.raises(SourceError, match="200,000,001 bytes"):
        source.find_source(tmp_path / "file.csv", "utf-8", ",")


def test_header_only(run: Run) -> None:
    """Nothing to do is no error."""
    assert run("id,name,email,notes\n", CONTACTS).out.endswith("Contact: nothing to do.\n")
