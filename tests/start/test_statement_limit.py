"""No statement of a web request runs for ever."""

from __future__ import annotations

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from crm_site import urls
from crm_site.statement_limit import LONGEST_SECONDS

pytestmark = pytest.mark.django_db


def sleep(request: HttpRequest) -> HttpResponse:
    """Ask more than the limit allows, with a limit that a test can wait for."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '50ms'")
        cursor.execute("SELECT pg_sleep(30)")
    return HttpResponse()


urlpatterns = [path("sleep/", sleep), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500


def test_serving_limits_each_new_connection() -> None:
    from crm_site.wsgi import application

    assert isinstance(application, WSGIHandler)
    fresh = connections.create_connection("default")
    try:
        with fresh.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == (f"{LONGEST_SECONDS}s",)
    finally:
        fresh.close()


@pytest.mark.urls("tests.start.test_statement_limit")
def test_too_expensive_question_is_400_with_a_reason() -> None:
    answer = Client(raise_request_exception=False).get("/sleep/")
    assert answer.status_code == 400
    assert "would take too long" in answer.content.decode()
