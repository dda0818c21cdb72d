"""The secrets of this installation: from the environment, else made once and kept in the data directory."""

import os
import secrets
import string
import tempfile
from pathlib import Path

_LETTERS = string.ascii_letters + string.digits
_FIXED = {"PARSE_APP_ID": "crm"}
PARSE_KEYS = (
    "PARSE_APP_ID",
    "PARSE_REST_API_KEY",
    "PARSE_JAVASCRIPT_KEY",
    "PARSE_CLIENT_KEY",
    "PARSE_MASTER_KEY",
)
NAMES = ("SECRET_KEY", *PARSE_KEYS)


def key(name: str, data_dir: Path) -> str:
    """Return the value of one of NAMES: environment first, then the fixed default, then the kept file."""
    if name not in NAMES:
        raise KeyError(name)
    return os.environ.get(name) or _FIXED.get(name) or _kept(_file(name, data_dir))


def whereabouts(name: str, data_dir: Path) -> str:
    """Say where the key is, for output that may be kept in a log."""
    key(name, data_dir)
    if os.environ.get(name):
        return "in your environment"
    return "nowhere: it is the default" if name in _FIXED else f"in {_file(name, data_dir)}"


def _file(name: str, data_dir: Path) -> Path:
    return data_dir / "keys" / name.lower()


def _kept(path: Path) -> str:
    try:
        value = path.read_text("ascii")
    except FileNotFoundError:
        _make(path)
        value = path.read_text("ascii")
    if not value:
        raise RuntimeError(f"{path} is empty: delete it, and a new key is made at the next start")
    return value


def _make(path: Path) -> None:
    """Write a new random value so that of several processes at once exactly one wins.

    A hard link appears with its whole content or not at all, and never replaces what is there.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(secrets.choice(_LETTERS) for _ in range(64)))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its value counts
    finally:
        Path(draft).unlink()
