"""Two writes that wait for each other both end well: the database breaks the deadlock, and the loser runs again."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.models import User
from companies.models import Company
from records.middleware import TRIES, WriteMiddleware
from records.models import Change
from tests.factories import make_company, make_user


def rename(user: User, first: str, second: str, meet: threading.Barrier, runs: list[str]) -> HttpResponse:
    """Rename two companies in one request; both requests hold one before they ask for the other."""

    def view(request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, User)
        runs.append(request.user.username)
        Company.objects.filter(pk=first).update(name=f"{user.username} first")
        if len(runs) <= 2:
            meet.wait(10)
        Company.objects.filter(pk=second).update(name=f"{user.username} second")
        return HttpResponse("done")

    request = RequestFactory().post("/")
    request.user = user
    answer = WriteMiddleware(lambda _request: HttpResponse()).process_view(request, view, (), {})
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.django_db(transaction=True)
def test_deadlocked_requests_both_end_well() -> None:
    one, two = make_company(), make_company()
    people = make_user("ann"), make_user("ben")
    meet = threading.Barrier(2)
    runs: list[str] = []
    answers: list[bytes] = []

    def send(user: User, first: str, second: str) -> None:
        try:
            answers.append(rename(user, first, second, meet, runs).content)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=(people[0], one.pk, two.pk)),
        threading.Thread(target=send, args=(people[1], two.pk, one.pk)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [b"done"] * 2
    assert len(runs) == 3  # the loser ran twice
    names = {company.name.partition(" ")[0] for company in Company.objects.all()}
    assert names == {runs[-1]}  # and wrote last, both
    changes = Change.objects.filter(operation="update", class_name="Company")
    assert [changes.filter(actor=person.pk).count() for person in people] == [2, 2]


@pytest.mark.django_db(transaction=True)
def test_other_errors_run_a_request_once_and_write_nothing(alice: User) -> None:
    runs = []

    def view(_request: HttpRequest) -> HttpResponse:
        runs.append(make_company(alice))
        raise OperationalError("the disk is full")

    request = RequestFactory().post("/")
    request.user = alice
    with pytest.raises(OperationalError):
        WriteMiddleware(lambda _request: HttpResponse()).process_view(request, view, (), {})
    assert len(runs) == 1 < TRIES
    assert not Company.objects.exists()
