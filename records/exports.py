"""Texts in exported tables: what a spreadsheet would run as a formula is quoted, and import takes the quote off."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from import_export.formats.base_formats import CSV

MAX_EXPORT = 50_000
"""Rows of one export, which is built in memory."""

# ASVS 1.2.10 and what spreadsheets fold into it: full-width forms. The quotes in front make room for texts that
# begin with a quote themselves, so that `unquoted(quoted(text))` is `text` for every text.
_FORMULA = re.compile("'*[-=+@\\t\\r\\n\\0\uff0d\uff1d\uff0b\uff20]")


def quoted(text: str) -> str:
    """Return `text` with a quote in front if a spreadsheet might take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unquoted(text: str) -> str:
    """Return what `quoted` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


class PlainCSV(CSV):  # type: ignore[misc]
    """CSV as UTF-8 with a mark by which spreadsheets know it. The columns quote themselves.

    django-import-export's own IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT is left off: it deletes a leading "=" (and
    no other character), so that what is imported again is not what was exported.
    """

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def export_data(self, dataset: Any, **options: Any) -> str:
        """Write the rows as they are."""
        return "\ufeff" + str(dataset.export("csv", **options))


class TooManyRowsError(ValueError):
    """Shown by the export page."""


def check_size(queryset: Any) -> None:
    """Refuse more rows than one answer can carry."""
    if queryset.order_by()[: MAX_EXPORT + 1].count() > MAX_EXPORT:
        raise TooManyRowsError(
            f"This is more than {MAX_EXPORT:,} rows. Filter the list and export it in parts, or take everything "
            "out of the database with pg_dump."
        )


def may(request: HttpRequest, model: Any, *actions: str) -> bool:
    """Tell whether the person has every one of `actions` on all rows of `model`."""
    label, name = model._meta.app_label, model._meta.model_name
    return all(request.user.has_perm(f"{label}.{action}_{name}") for action in actions)
