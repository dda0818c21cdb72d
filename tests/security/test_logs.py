"""What goes wrong is written down, in one line, without secrets (SECURITY_CASES.md, 99)."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from crm_site.logs import LineFormatter, RefusalFilter

ROOT = Path(__file__).resolve().parent.parent.parent
SECRETS = ("hunter2hunter2", "sessionid-of-alice", "abc-tokentoken", "csrf-of-alice", "alice@example.com")
SITE = """
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "nowhere"
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.ALLOWED_HOSTS = ["crm.example"]
django.setup()
from django.test import Client
browser = Client(headers={"host": "crm.example"}, raise_request_exception=False)
browser.cookies["sessionid"] = "sessionid-of-alice"
sent = {"login": "alice@example.com", "password": "hunter2hunter2", "csrfmiddlewaretoken": "csrf-of-alice"}
print(browser.post("/accounts/login/", sent).status_code)
print(browser.get("/accounts/password/reset/key/abc-tokentoken/").status_code)
print(browser.get("/no%0aERROR such/page").status_code)
print(Client(headers={"host": "evil.example"}).get("/").status_code)
print(Client(headers={"host": "crm.example"}, enforce_csrf_checks=True).post("/accounts/login/", sent).status_code)
"""


def test_log_has_what_went_wrong_and_no_secret() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "crm_site.settings"}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", SITE], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["503", "503", "503", "400", "403"]
    assert [secret for secret in SECRETS if secret in done.stderr] == []
    lines = done.stderr.splitlines()
    assert sum("Traceback" in line for line in lines) >= 2
    assert [line for line in lines if not line.startswith("20")] == []
    (refused,) = (line for line in lines if "evil.example" in line)
    assert "WARNING django.security.DisallowedHost: Invalid HTTP_HOST header" in refused
    assert "Traceback" not in refused


def test_refused_requests_are_short_warnings(capsys: pytest.CaptureFixture[str], db: None) -> None:
    del db
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(RefusalFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        answers = [
            Client(headers={"host": "x" * 5000}).get("/parse/health"),
            Client().get("/accounts/login/?" + "&".join(["a=1"] * 1001)),
            Client().post("/accounts/login/", "&".join(["a=1"] * 1001), "application/x-www-form-urlencoded"),
        ]
    finally:
        root.removeHandler(handler)
    lines = capsys.readouterr().err.splitlines()
    assert [answer.status_code for answer in answers] == [400] * 3
    assert {line.split(":")[0] for line in lines} == {
        "WARNING django.security.DisallowedHost",
        "WARNING django.security.TooManyFieldsSent",
    }
    assert max(map(len, lines)) < 600


@pytest.mark.parametrize("letter", ["\n", "\r", "\x1b", "\u2028", "\x00"])
def test_text_of_a_request_stays_in_its_line(letter: str) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 1, "Not Found: %s", (f"/a{letter}ERROR b",), None)
    assert LineFormatter().format(record).isprintable()


def test_rows_that_the_database_refused_stay_out() -> None:
    message = 'violates "user_email_unique"\nDETAIL:  Key (email)=(alice@example.com) already exists.\n'
    record = logging.LogRecord("x", logging.ERROR, "", 1, message, (), None)
    assert LineFormatter().format(record) == 'violates "user_email_unique"'
