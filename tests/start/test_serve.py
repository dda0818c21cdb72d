"""Starting and stopping by the one command."""

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from accounts import demo
from crm_site import keys
from crm_site.postgres.places import places
from crm_site.postgres.server import is_running
from tests.start.program import (
    SOON_SECONDS,
    Program,
    count_marks,
    launch,
    postmaster,
    serving,
    wait_for,
    wait_until_answering,
    write_mark,
)

pytestmark = pytest.mark.xdist_group("start")


def test_first_start_says_where_everything_is(installation: Program) -> None:
    output = installation.output()
    assert f"http://127.0.0.1:{installation.port}" in output
    assert f"password: {demo.PASSWORD}" in output
    for name in ("alice", "bob", "mira", *keys.NAMES[1:]):
        assert name in output
    assert (installation.data_dir / "keys/parse_rest_api_key").read_text() in output
    assert (installation.data_dir / "keys/parse_master_key").read_text() not in output


def test_what_is_secret_is_ours_alone(data_dir: Path) -> None:
    for path in (data_dir / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in (data_dir / "keys", data_dir / "postgres", places(data_dir).cluster, places(data_dir).socket_dir):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_is_clean(data_dir: Path, number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    program = launch(data_dir)
    wait_until_answering(program)
    with capsys.disabled():
        print(f"\nsecond start: {time.monotonic() - began:.1f} s")  # noqa: T201
    os.killpg(program.process.pid, number)  # as a terminal's Ctrl-C: to every process of the group
    assert program.end() == 0, program.output()
    assert not is_running(places(data_dir))
    assert not places(data_dir).pid_file.exists()


def test_killed_program_loses_nothing(data_dir: Path) -> None:
    program = launch(data_dir)
    wait_until_answering(program)
    write_mark(data_dir)
    marks = count_marks(data_dir)
    program.send(signal.SIGKILL)
    program.end()
    assert wait_for(lambda: not program.is_answering(), SOON_SECONDS), "its workers live on"
    with serving(data_dir):
        assert count_marks(data_dir) == marks
    assert not places(data_dir).pid_file.exists()


def test_killed_database_comes_back(data_dir: Path) -> None:
    with serving(data_dir) as program:
        write_mark(data_dir)
        marks = count_marks(data_dir)
        os.kill(postmaster(data_dir), signal.SIGKILL)
        assert wait_for(lambda: program.get().status == 503, SOON_SECONDS)
        assert wait_for(lambda: program.get().status == 200, SOON_SECONDS)
        assert count_marks(data_dir) == marks


def test_everything_killed_loses_nothing(data_dir: Path) -> None:
    program = launch(data_dir)
    wait_until_answering(program)
    write_mark(data_dir)
    marks = count_marks(data_dir)
    server = postmaster(data_dir)
    program.send(signal.SIGKILL)
    os.kill(server, signal.SIGKILL)
    program.end()
    assert places(data_dir).pid_file.exists()
    with serving(data_dir):
        assert count_marks(data_dir) == marks


def test_pid_file_of_a_dead_server_may_name_anybody(data_dir: Path) -> None:
    places(data_dir).pid_file.write_text(f"{os.getpid()}\n{places(data_dir).cluster}\n")
    with serving(data_dir):
        assert postmaster(data_dir) != os.getpid()


def test_two_starts_at_once_share_the_database(data_dir: Path) -> None:
    first, second = launch(data_dir), launch(data_dir)
    wait_until_answering(first)
    wait_until_answering(second)
    first.send(signal.SIGTERM)
    assert first.end() == 0
    assert second.get().status == 200
    assert is_running(places(data_dir))
    second.send(signal.SIGTERM)
    assert second.end() == 0
    assert not is_running(places(data_dir))


def test_taken_port_is_refused(data_dir: Path) -> None:
    with serving(data_dir) as program:
        other = launch(data_dir, PORT=str(program.port))
        assert other.end() == 2
        assert f"Port {program.port} of 127.0.0.1 is taken" in other.output()
        assert program.get().status == 200


def test_demo_accounts_are_not_served_to_others(data_dir: Path) -> None:
    program = launch(data_dir, HOST="0.0.0.0")  # noqa: S104
    assert program.end() == 2
    assert "demo accounts (alice, bob, mira)" in program.output()
    assert "close_demo" in program.output()
