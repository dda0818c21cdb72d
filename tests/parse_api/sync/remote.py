"""An app that talks to a program of its own, which may be killed and restored."""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_site.postgres.places import places
from crm_site.postgres.use import stop_unless_used
from tests.parse_api.app import KEYS, REST, App
from tests.start.program import Program, serving

KEPT = KEYS | {"CRM_DEMO": "0", "SECRET_KEY": "the same in every program of this test"}


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status_code: int
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Remote(App):
    """Sends its requests over HTTP."""

    def __init__(self, program: Program, headers: dict[str, str] = REST) -> None:
        super().__init__(headers)
        self.program = program

    def send(self, method: str, path: str, body: Any = None, **_: str) -> Any:
        text = None if body is None else json.dumps(body)
        with closing(http.client.HTTPConnection("127.0.0.1", self.program.port, timeout=30)) as connection:
            connection.request(method, f"/parse{path}", text, {**self.headers, "Content-Type": "application/json"})
            with connection.getresponse() as response:
                return Reply(response.status, response.read())

    def somebody(self) -> Remote:
        """Return the app of a new person."""
        name = f"somebody{secrets.token_hex(4)}"
        body = {"username": name, "email": f"{name}@example.com", "password": "a long one"}
        answer = self.post("/users", body)
        assert answer.status_code == 201, answer.content
        app = Remote(self.program)
        app.token = answer.json()["sessionToken"]
        return app

    def make(self, title: str) -> str:
        """Make a deal and return its id."""
        answer = self.post("/classes/Deal", {"title": title})
        assert answer.status_code == 201, answer.content
        object_id: str = answer.json()["objectId"]
        return object_id


@contextmanager
def installed(*names: str) -> Iterator[list[Path]]:
    """Have empty places for programs, whose databases are stopped and removed in the end."""
    parent = Path(tempfile.mkdtemp(prefix="crm-sync-"))
    parent.chmod(0o755)
    data_dirs = [parent / name for name in names]
    try:
        yield data_dirs
    finally:
        for each in data_dirs:
            if places(each).root.exists():
                stop_unless_used(places(each))
        shutil.rmtree(parent)


@contextmanager
def running(data_dir: Path) -> Iterator[Remote]:
    """Have a program answer."""
    with serving(data_dir, **KEPT) as program:
        yield Remote(program)
