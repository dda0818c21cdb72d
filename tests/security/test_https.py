"""Behind https cookies are Secure and tied to the host, and plain http is left (SECURITY_CASES.md, 57 and 100)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from tests.factories import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = """
import json, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.ALLOWED_HOSTS = ["crm.example"]
django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from django.test import Client
browser = Client(headers={"host": "crm.example"}, enforce_csrf_checks=True)
plain = browser.get("/accounts/login/")
page = browser.get("/accounts/login/", secure=True)
sent = {"login": "alice", "password": sys.argv[2], "csrfmiddlewaretoken": page.context["csrf_token"]}
foreign = browser.post("/accounts/login/", sent, secure=True, headers={"origin": "https://evil.example"})
unreferred = browser.post("/accounts/login/", sent, secure=True)
entry = browser.post("/accounts/login/", sent, secure=True, headers={"referer": "https://crm.example/"})
print(json.dumps({
    "plain": [plain.status_code, plain["Location"]],
    "health": browser.get("/healthz").status_code,
    "hsts": page["Strict-Transport-Security"],
    "statuses": [foreign.status_code, unreferred.status_code, entry.status_code],
    "cookies": {name: [morsel[part] for part in ("secure", "httponly", "path", "domain", "samesite")]
                for name, morsel in browser.cookies.items()},
}))
"""


@pytest.mark.django_db(transaction=True)
def test_cookies_behind_https(alice: User) -> None:
    assert alice.check_password(PASSWORD)
    command = [sys.executable, "-c", SITE, connection.settings_dict["NAME"], PASSWORD]
    environment = os.environ | {"CRM_HTTPS": "1", "DJANGO_SETTINGS_MODULE": "crm_site.settings"}
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["plain"] == [301, "https://crm.example/accounts/login/"]
    assert found["health"] == 200
    assert found["hsts"].startswith("max-age=31536000")
    assert found["statuses"] == [403, 403, 302]
    fenced = [True, True, "/", "", "Lax"]
    assert found["cookies"] == {"__Host-sessionid": fenced, "__Host-csrftoken": fenced}
