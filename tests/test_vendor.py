"""Files of other people are exactly those that VENDOR.toml records, and NOTICE.md names each."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VENDOR = ROOT / "static" / "vendor"
PLACES = (VENDOR, ROOT / "examples" / "field-app" / "vendor")
RECORDED = {place: tomllib.loads((place / "VENDOR.toml").read_text(encoding="utf-8")) for place in PLACES}
PACKAGES = {name: package for packages in RECORDED.values() for name, package in packages.items()}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.parent.name)
def test_nothing_unrecorded(place: Path) -> None:
    recorded = {"VENDOR.toml"} | {
        f"{package['directory']}/{name}" for package in RECORDED[place].values() for name in package["files"]
    }
    assert {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()} == recorded


@pytest.mark.parametrize(
    ("place", "package"),
    [(place, package) for place, packages in RECORDED.items() for package in packages.values()],
    ids=PACKAGES.keys(),
)
def test_files_are_as_recorded(place: Path, package: dict[str, object]) -> None:
    directory, files = place / str(package["directory"]), package["files"]
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
