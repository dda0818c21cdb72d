"""The official Parse SDK for JavaScript, unmodified, against a running server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parse_api.app import KEYS
from tests.parse_api.sdk.node import HERE, modules, node
from tests.start.program import Program, serving

pytestmark = pytest.mark.xdist_group("sdk")

FILES = sorted(path.name for path in HERE.glob("*.test.cjs"))
_SECONDS = 300


@pytest.fixture(scope="module")
def server() -> Iterator[Program]:
    """A server with nobody in it."""
    parent = Path(tempfile.mkdtemp(prefix="crm-sdk-"))
    parent.chmod(0o755)
    try:
        with serving(parent / "var", CRM_DEMO="0", **KEYS) as program:
            yield program
    finally:
        shutil.rmtree(parent)


@pytest.mark.parametrize("file", FILES)
def test_sdk(server: Program, file: str) -> None:
    environment = os.environ | {
        "NODE_PATH": str(modules()),
        "SERVER_URL": f"http://127.0.0.1:{server.port}/parse",
    }
    command = [node().program, "--test", "--test-reporter=spec", file]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((HERE / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["dependencies"] == json.loads((HERE / "package.json").read_text())["dependencies"]
    assert packages
    assert not [name for name, package in packages.items() if "resolved" in package or "integrity" not in package]
