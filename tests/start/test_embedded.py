"""The embedded PostgreSQL wherever the checkout lies and whoever starts it."""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm_site.postgres import programs, socket_url
from crm_site.postgres.places import places
from crm_site.postgres.server import is_running
from tests.start.program import ROOT, environment

ROUND = Path(__file__).with_name("embedded_round.py")


def one_round(data_dir: Path, *uid: str, packages: Path | None = None) -> str:
    """Run embedded_round.py, with the wheel's programs below `packages` if given."""
    path = os.pathsep.join(str(place) for place in (packages, ROOT) if place)
    done = subprocess.run(  # noqa: S603
        [sys.executable, ROUND, data_dir, *uid],
        env=environment(data_dir, PYTHONPATH=path),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def copy_programs(packages: Path) -> None:
    """Lay the wheel's programs below a directory of packages, as in a checkout at another place."""
    package = programs.installed().parent
    unneeded = shutil.ignore_patterns("include", "*.a", "pginstall")
    shutil.copytree(package, packages / package.name, ignore=unneeded)
    shutil.copytree(f"{package}.libs", packages / f"{package.name}.libs")


def modes(*directories: Path) -> list[tuple[int, int]]:
    """Return mode and owner of each."""
    return [(directory.stat().st_mode, directory.stat().st_uid) for directory in directories]


def test_nothing_listens_on_the_network_and_commits_are_durable(tmp_path: Path) -> None:
    output = one_round(tmp_path / "var")
    assert "listen_addresses=\n" in output
    assert "fsync=on" in output
    assert "synchronous_commit=on" in output
    assert not is_running(places(tmp_path / "var"))


def test_log_has_what_was_refused_and_not_what_was_typed(tmp_path: Path) -> None:
    one_round(tmp_path / "var")
    log = places(tmp_path / "var").log.read_text()
    assert "duplicate key value" in log
    assert "hunter2" not in log
    assert "INSERT" not in log


def test_data_directory_may_have_a_long_and_odd_name(tmp_path: Path) -> None:
    data_dir = tmp_path / 'a "quoted", blank & ünïcode name' / ("long" * 30) / "var"
    assert "server_version=18" in one_round(data_dir)
    assert tmp_path not in places(data_dir).socket_dir.parents
    assert not places(data_dir).socket_dir.exists()


def test_checkout_below_a_closed_directory(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    packages, data_dir = closed / "packages", closed / "var"
    copy_programs(packages)
    data_dir.mkdir(mode=0o700)
    before = modes(open_dir, closed, packages, data_dir)
    assert "server_version=18" in one_round(data_dir, packages=packages)
    assert "server_version=18" in one_round(data_dir, packages=packages)
    assert modes(open_dir, closed, packages, data_dir) == before


def test_start_as_an_unprivileged_user(open_dir: Path) -> None:
    packages, data_dir = open_dir / "packages", open_dir / "var"
    copy_programs(packages)
    data_dir.mkdir(mode=0o700)
    as_user: list[str] = []
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody").pw_uid
        os.chown(data_dir, nobody, nobody)
        as_user = [str(nobody)]
    assert f"data_directory={places(data_dir).cluster}" in one_round(data_dir, *as_user, packages=packages)
    assert places(data_dir).cluster.stat().st_uid == data_dir.stat().st_uid


def test_two_installations_do_not_meet(tmp_path: Path) -> None:
    first, second = (socket_url(tmp_path / name) for name in ("one", "two"))
    assert first != second


def test_socket_in_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 40)
    socket_dir = places(data_dir).socket_dir
    socket_dir.mkdir(mode=0o755)
    with pytest.raises(AssertionError, match="is not ours alone"):
        one_round(data_dir)
    socket_dir.rmdir()
