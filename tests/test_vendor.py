"""Files of other people are exactly those that VENDOR.toml records, and NOTICE.md names each."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "static" / "vendor"
PACKAGES = tomllib.loads((VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))


def test_nothing_unrecorded() -> None:
    recorded = {"VENDOR.toml"} | {
        f"{package['directory']}/{name}" for package in PACKAGES.values() for name in package["files"]
    }
    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == recorded


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())
def test_files_are_as_recorded(package: dict[str, object]) -> None:
    directory, files = VENDOR / str(package["directory"]), package["files"]
    assert isinstance(files, dict)
    assert "LICENSE" in files
    assert str(package["integrity"]).startswith("sha512-")
    for name, digest in files.items():
        assert hashlib.sha256((directory / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())
def test_notice_names_it(package: dict[str, object]) -> None:
    notice = (ROOT / "NOTICE.md").read_text(encoding="utf-8")
    line = next(line for line in notice.splitlines() if f"`{package['package']}`" in line)
    assert f"| {package['version']} |" in line
    assert f"| {package['license']} |" in line
    assert str(package["directory"]) in line


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = next(VENDOR.glob("tabler-icons-*/sprite.svg")).read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    use = re.compile(r'{% icon "([\w-]+)"')
    used = {name for page in (ROOT / "templates").rglob("*.html") for name in use.findall(page.read_text("utf-8"))}
    assert used
    assert used <= known, used - known
