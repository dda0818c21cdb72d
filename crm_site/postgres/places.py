"""Where the embedded PostgreSQL keeps its files and listens."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

DATABASE = "crm"
OWNER = "crm"
SUPERUSER = "postgres"
MAJOR = 18
# sun_path of Linux holds 108 bytes with its final NUL, that of macOS 104.
_LONGEST_SOCKET = 103
_SOCKET_NAME = "/.s.PGSQL.5432"


@dataclass(frozen=True)
class Places:
    """The files of one embedded server, all below `root` but for a socket whose path would be too long."""

    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / f"cluster-{MAJOR}"

    @property
    def draft(self) -> Path:
        """A cluster that initdb has not finished yet."""
        return self.root / "cluster.new"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def alive(self) -> Path:
        """The lock that the processes of the server hold."""
        return self.root / "alive"

    @property
    def users(self) -> Path:
        """The lock that the users of the server share."""
        return self.root / "users"

    @property
    def changing(self) -> Path:
        """The lock of whoever starts or stops the server."""
        return self.root / "changing"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def socket_dir(self) -> Path:
        near = self.root / "socket"
        if len(os.fsencode(near)) + len(_SOCKET_NAME) <= _LONGEST_SOCKET:
            return near
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"crm-{os.getuid()}-{name}"

    def last_words(self) -> str:
        """Return the end of the server's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def places(data_dir: Path) -> Places:
    """Return the places of the embedded server that belongs to `data_dir`."""
    return Places(Path(data_dir).resolve() / "postgres")


def is_embedded() -> bool:
    """Tell whether this process is to use a server of its own because DATABASE_URL names none."""
    return not os.environ.get("DATABASE_URL")


def socket_url(data_dir: Path, user: str = OWNER, database: str = DATABASE) -> str:
    """Return the URL of the embedded database, in the form that both libpq and django-environ read."""
    return f"postgres://{user}@/{database}?host={quote(str(places(data_dir).socket_dir), safe='/')}"
