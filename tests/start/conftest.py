"""An installation that has been started once, for what happens afterwards."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_site.postgres.places import places
from crm_site.postgres.use import stop_unless_used
from tests.start.program import Program, launch, wait_until_answering


@pytest.fixture(scope="session")
def installation() -> Iterator[Program]:
    """A program that has been started, has answered, and was stopped: its output and its data directory."""
    parent = Path(tempfile.mkdtemp(prefix="crm-start-"))
    program = launch(parent / "var")
    try:
        wait_until_answering(program)
        program.send(signal.SIGTERM)
        assert program.end() == 0, program.output()
        yield program
    finally:
        program.process.kill()
        program.process.wait()
        if places(program.data_dir).root.exists():
            stop_unless_used(places(program.data_dir))
        shutil.rmtree(parent)


@pytest.fixture
def data_dir(installation: Program) -> Path:
    """The data directory of an installation that does not run."""
    return installation.data_dir


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that everybody may enter, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="crm-open-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)
