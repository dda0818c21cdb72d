"""Gives a test run its own PostgreSQL unless DATABASE_URL names one, and its own data directory.

Loaded by -p, before Django reads its settings. One throwaway server per run: under xdist the
controller has it, and its workers, which inherit the environment, make a database each.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings

from crm_site.postgres import is_embedded, running, socket_url
from crm_site.postgres.places import places
from crm_site.postgres.use import stop_unless_used

_PREFIX = "crm-test-"
_YOUNG_SECONDS = 60


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Prepare the environment before pytest-django, which reads the settings in this same hook."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    stack = ExitStack()
    early_config.add_cleanup(stack.close)
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    data_dir = stack.enter_context(_throwaway_data_dir())
    patch.setenv("CRM_DATA_DIR", str(data_dir))
    if is_embedded():
        stack.enter_context(running(data_dir, durable=False))
        patch.setenv("DATABASE_URL", socket_url(data_dir))


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Hash quickly, and serve static files by the names they have in the tree, as the live server finds them."""
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher", *settings.PASSWORD_HASHERS[1:]]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@contextmanager
def _throwaway_data_dir() -> Iterator[Path]:
    _sweep()
    data_dir = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        yield data_dir
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def _sweep() -> None:
    """Stop and remove what test runs that were killed have left behind."""
    for data_dir in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # a run that ends at this moment removes its own
            status = data_dir.lstat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < _YOUNG_SECONDS:
                continue
            at = places(data_dir)
            if not at.root.exists() or stop_unless_used(at):
                shutil.rmtree(data_dir, ignore_errors=True)
