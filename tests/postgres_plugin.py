"""Gives a test run its own PostgreSQL unless DATABASE_URL names one; loaded before Django reads its settings.

One throwaway server per run: under xdist the controller has it, and the workers, which inherit
DATABASE_URL, each make their own database in it.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from crm_site.postgres import is_embedded, running, socket_url
from crm_site.postgres.places import places
from crm_site.postgres.use import stop_unless_used

_PREFIX = "crm-test-"
_YOUNG_SECONDS = 60


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the server before pytest-django, which reads the settings in this same hook."""
    os.environ.setdefault("SECRET_KEY", "test" * 16)
    if not is_embedded():
        return
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    os.environ["DATABASE_URL"] = stack.enter_context(_throwaway_server())


@contextmanager
def _throwaway_server() -> Iterator[str]:
    _sweep()
    data_dir = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with running(data_dir, durable=False):
            yield socket_url(data_dir)
    finally:
        os.environ.pop("DATABASE_URL", None)
        shutil.rmtree(data_dir)


def _sweep() -> None:
    """Stop and remove what test runs that were killed have left behind."""
    for data_dir in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        status = data_dir.lstat()
        if status.st_uid != os.getuid() or time.time() - status.st_mtime < _YOUNG_SECONDS:
            continue
        if stop_unless_used(places(data_dir)):
            shutil.rmtree(data_dir)
