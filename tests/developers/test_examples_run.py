"""The examples in JavaScript run, as they stand, on the official SDK against the site."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from accounts.models import User
from developers.examples import examples, sample
from parse_api.classes import ALL
from parse_api.models import Installation
from parse_api.writes.ownership import OWNER_FIELDS
from tests.factories import PASSWORD
from tests.live_site import LiveSite
from tests.parse_api.conftest import keys as keys
from tests.parse_api.conftest import no_attempts as no_attempts
from tests.parse_api.sdk.node import modules, node

pytestmark = pytest.mark.xdist_group("sdk")


STORAGE = """
const kept = new Map();
globalThis.localStorage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, text) => kept.set(name, text),
  removeItem: (name) => kept.delete(name),
  key: (place) => [...kept.keys()][place],
  get length() { return kept.size; },
};
Object.defineProperty(process.versions, "electron", { value: "1" });
"""
"""What a browser has and Node has not; by the last line the SDK takes it for one that has a current user."""


def ran(class_name: str, site: LiveSite, person: User, directory: Path) -> str:
    """Run the example of a class; return what it was made to print."""
    code = next(each.code for each in examples(class_name, f"{site.url}/parse") if each.language == "JavaScript")
    told = "device.id" if class_name == "_Installation" else "found.map((each) => each.toJSON())"
    script = directory / "example.mjs"
    signed = code.replace("NAME", person.username).replace("PASSWORD", PASSWORD)
    script.write_text(f"{signed}\nconsole.log(JSON.stringify({told}));\n")
    (directory / "node_modules").symlink_to(modules())
    storage = directory / "storage.mjs"
    storage.write_text(STORAGE)
    command = [node().program, "--import", str(storage), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("class_name", [*OWNER_FIELDS, "_User", "_Session"])
def test_it_lists_what_is_there(class_name: str, live_server: LiveSite, alice: User, tmp_path: Path) -> None:
    [found] = json.loads(ran(class_name, live_server, alice, tmp_path))
    if class_name in OWNER_FIELDS:
        assert sample(ALL[class_name]).items() <= found.items()
    else:
        assert alice.pk in (found["objectId"], found.get("user", {}).get("objectId"))


def test_it_tells_of_a_device(live_server: LiveSite, alice: User, tmp_path: Path) -> None:
    pk = json.loads(ran("_Installation", live_server, alice, tmp_path))
    assert Installation.objects.get(pk=pk).device_type == "web"
