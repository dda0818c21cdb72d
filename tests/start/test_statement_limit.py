"""No statement of a web request runs for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from companies.models import Company
from crm_site import urls
from crm_site.statement_limit import LONGEST_SECONDS, LONGEST_WAIT_SECONDS
from tests.factories import make_company, make_user, signed_in

pytestmark = pytest.mark.django_db


def sleep(request: HttpRequest) -> HttpResponse:
    """Ask more than the limit allows, with a limit that a test can wait for."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(30)")
    return HttpResponse()


@contextmanager
def fresh_cursor() -> Iterator[CursorWrapper]:
    """Have a connection beside that of the test."""
    fresh = connections.create_connection("default")
    try:
        with fresh.cursor() as cursor:
            yield cursor
    finally:
        fresh.close()


urlpatterns = [path("sleep/", sleep), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500


def test_serving_limits_each_new_connection() -> None:
    from crm_site.wsgi import application

    assert isinstance(application, WSGIHandler)
    with fresh_cursor() as cursor:
        for limit, seconds in (("statement_timeout", LONGEST_SECONDS), ("lock_timeout", LONGEST_WAIT_SECONDS)):
            cursor.execute(f"SHOW {limit}")
            assert cursor.fetchone() == (f"{seconds}s",)
    assert LONGEST_WAIT_SECONDS < LONGEST_SECONDS


@pytest.mark.urls("tests.start.test_statement_limit")
def test_too_expensive_question_is_400_with_a_reason() -> None:
    answer = Client(raise_request_exception=False).get("/sleep/")
    assert answer.status_code == 400
    assert "would take too long" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_write_that_waits_too_long_for_another_is_503() -> None:
    alice = make_user("alice")
    company, browser = make_company(alice, name="Before"), signed_in(alice, raise_request_exception=False)
    page, sent = f"/companies/{company.pk}/edit/", {"name": "After", "version": company.updated_at.isoformat()}
    with fresh_cursor() as other, connection.cursor() as cursor:
        other.execute("BEGIN; SELECT FROM companies_company FOR UPDATE")
        cursor.execute("SET lock_timeout = '50ms'")
        answer = browser.post(page, sent)
        cursor.execute("RESET lock_timeout")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "yours was not saved" in answer.content.decode()
    assert Company.objects.get().name == "Before"
    assert browser.post(page, sent).status_code == 302
