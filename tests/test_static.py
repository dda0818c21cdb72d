"""Our own scripts and stylesheets: small, linked, and free of what the content security policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
WORKER = sorted((ROOT / "static" / "worker").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
EXAMPLE = sorted((ROOT / "examples" / "field-app" / "js").glob("*.js"))
PAGES = sorted((ROOT / "templates").rglob("*.html"))


def _name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", [*SCRIPTS, *WORKER], ids=_name)
def test_script_is_small_and_stands_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    # Only hashed names are served, and an import in the text would still ask for the plain one.
    assert not re.search(r"^import\b|\bimport\(", text, re.M)


@pytest.mark.parametrize("path", EXAMPLE, ids=_name)
def test_example_is_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=_name)
def test_is_linked(path: Path) -> None:
    address = f"{path.parent.name}/{path.name}"
    linked = [page for page in PAGES if address in page.read_text(encoding="utf-8")]
    in_settings = address in (ROOT / "crm_site" / "admin_theme.py").read_text(encoding="utf-8")
    assert linked or in_settings


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page_has_nothing_inline(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\b(src|type=\"application/json\"))", text)
