"""Two writes that wait for each other both end well: the database breaks the deadlock, and the loser runs again."""

from __future__ import annotations

import threading

import pytest
from django.contrib import messages
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts.models import User
from companies.models import Company
from crm_site.urls import urlpatterns as site
from records.models import Change
from tests.factories import make_company, make_user, signed_in

meet = threading.Barrier(2)
runs: list[str] = []
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db(transaction=True)]


def rename(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Rename two companies; both requests hold one before they ask for the other."""
    assert isinstance(request.user, User)
    runs.append(request.user.username)
    messages.success(request, "renamed")
    Company.objects.filter(pk=first).update(name=f"{request.user.username} first")
    if len(runs) <= 2:
        meet.wait(30)
    Company.objects.filter(pk=second).update(name=f"{request.user.username} second")
    return HttpResponse(str(len(messages.get_messages(request))))


def fail(_request: HttpRequest) -> HttpResponse:
    """Write something, and fail for a reason that another try does not mend."""
    runs.append("")
    make_company()
    raise OperationalError("the disk is full")


urlpatterns = [*site, path("rename/<first>/<second>/", rename), path("fail/", fail)]


@pytest.fixture(autouse=True)
def _start_over() -> None:
    runs.clear()
    meet.reset()


def test_deadlocked_requests_both_end_well() -> None:
    one, two = make_company(), make_company()
    people = make_user("ann"), make_user("ben")
    answers: list[bytes] = []

    def send(browser: Client, first: str, second: str) -> None:
        try:
            answers.append(browser.post(f"/rename/{first}/{second}/").content)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=(signed_in(people[0]), one.pk, two.pk)),
        threading.Thread(target=send, args=(signed_in(people[1]), two.pk, one.pk)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [b"1"] * 2  # one message each: those of a lost run are forgotten
    assert len(runs) == 3  # the loser ran twice
    assert {company.name.partition(" ")[0] for company in Company.objects.all()} == {runs[-1]}  # and wrote both last
    changes = Change.objects.filter(operation="update", class_name="Company")
    assert [changes.filter(actor=person.pk).count() for person in people] == [2, 2]


def test_other_errors_run_a_request_once_and_write_nothing(client: Client) -> None:
    with pytest.raises(OperationalError):
        client.post("/fail/")
    assert len(runs) == 1
    assert not Company.objects.exists()
