"""Uploaded tables: checked before anything is parsed, and kept between the two steps for their uploader alone."""

from __future__ import annotations

import csv
import secrets
import time
from io import StringIO
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404
from import_export.forms import ConfirmImportForm
from import_export.tmp_storages import BaseStorage
from unfold.contrib.import_export.forms import ImportForm

MAX_BYTES = 5_000_000
MAX_ROWS = 2_000
MAX_COLUMNS = 50
KEPT_SECONDS = 3600
"""How long an upload waits for its confirmation."""

csv.field_size_limit(MAX_BYTES)

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def decoded(data: bytes) -> str:
    """Return the text of an upload: UTF-8, or UTF-16 with a byte order mark. Raises ValidationError."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ValidationError("This file is neither UTF-8 nor UTF-16 text. Save it as CSV in UTF-8.") from None
    if "\0" in text:
        raise ValidationError("This file has NUL characters in it. Save it as CSV in UTF-8.")
    return text


def check_table(text: str, known: set[str]) -> None:
    """Raise ValidationError unless `text` is a CSV table with columns out of `known` and not too many rows."""
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        head = next(rows, [])
        _check_head(head, known)
        for number, row in enumerate(rows, 1):
            if number > MAX_ROWS:
                raise ValidationError(f"More than {MAX_ROWS:,} rows: take `manage.py import_csv` for large files.")
            if len(row) > len(head):
                raise ValidationError(f"Line {rows.line_num} has more cells than the first line has columns.")
    except csv.Error as error:
        raise ValidationError(f"Line {rows.line_num} is not CSV: {error}.") from None


def _check_head(head: list[str], known: set[str]) -> None:
    if not any(head):
        raise ValidationError("The first line has to name the columns.")
    if len(head) > MAX_COLUMNS:
        raise ValidationError(f"More than {MAX_COLUMNS} columns.")
    if repeated := sorted({name for name in head if head.count(name) > 1}):
        raise ValidationError(f"Columns that occur twice: {_listed(repeated)}.")
    if unknown := [name for name in head if name not in known]:
        raise ValidationError(f"Unknown columns: {_listed(unknown)}. Known are {', '.join(sorted(known))}.")


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:10])


class UploadForm(ImportForm):  # type: ignore[misc]
    """The first step: which file."""

    def clean_import_file(self) -> Any:
        """Check size, encoding and shape."""
        upload = self.cleaned_data["import_file"]
        if upload.size > MAX_BYTES:
            raise ValidationError(f"More than {MAX_BYTES // 10**6} MB: take `manage.py import_csv` for large files.")
        check_table(decoded(upload.read()), self.known_columns)
        upload.seek(0)
        return upload

    def __init__(self, *args: Any, known_columns: set[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.known_columns = known_columns


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """The second step: names the upload by a text that only we can write, for this person and class."""

    original_file_name = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, salt: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.salt = salt

    def clean_import_file_name(self) -> str:
        """Return the name of the file; what is not this person's does not exist."""
        try:
            return str(signing.loads(self.cleaned_data["import_file_name"], salt=self.salt, max_age=KEPT_SECONDS))
        except signing.BadSignature:
            raise Http404 from None

    def clean_format(self) -> str:
        """There is one."""
        return "0"

    def clean_resource(self) -> str:
        """There is one."""
        return "0"


class UploadStorage(BaseStorage):  # type: ignore[misc]
    """Keeps an upload in a directory that only the server's own account can open."""

    name: str | None

    def save(self, data: bytes) -> None:
        """Keep `data` under a new name that cannot be guessed."""
        directory = _directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(directory)
        self.name = secrets.token_hex(16)
        (directory / self.name).write_bytes(data)

    def read(self) -> str:
        """Return the text; an upload that is gone does not exist."""
        try:
            return decoded(self._path().read_bytes())
        except FileNotFoundError:
            raise Http404 from None

    def remove(self) -> None:
        """Forget it."""
        self._path().unlink(missing_ok=True)

    def _path(self) -> Path:
        return _directory() / Path(self.name or "").name


def _directory() -> Path:
    return Path(settings.CRM_DATA_DIR) / "imports"


def _sweep(directory: Path) -> None:
    """Remove what nobody confirmed in time."""
    for left in directory.iterdir():
        if left.stat().st_mtime < time.time() - KEPT_SECONDS:
            left.unlink(missing_ok=True)
