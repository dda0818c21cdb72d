"""The addresses that every record class has beside its own pages, and the type-ahead lists of people and roles."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from records import history, holders, pickers, restore, sharing, undo
from records.models import Record

urlpatterns = [
    path("people/options/", holders.people_options, name="people_options"),
    path("people-and-roles/options/", holders.holder_options, name="holder_options"),
]

_page = require_http_methods(["GET", "HEAD", "POST"])


def record_urls(model: type[Record]) -> list[URLPattern]:
    """Return the addresses of type-ahead, sharing, hand-over, history and undo of one record class."""

    @require_safe
    @login_required
    def options(request: HttpRequest) -> HttpResponse:
        return pickers.record_options(request, model.objects.for_user(request.user, "view"))

    @_page
    @login_required
    def record_sharing(request: HttpRequest, pk: str) -> HttpResponse:
        return sharing.record_sharing(request, records=model.objects.all(), pk=pk)

    @require_POST
    @login_required
    def record_unshare(request: HttpRequest, pk: str) -> HttpResponse:
        return sharing.record_unshare(request, records=model.objects.all(), pk=pk)

    @_page
    @login_required
    def record_hand_over(request: HttpRequest, pk: str) -> HttpResponse:
        return sharing.record_hand_over(request, records=model.objects.all(), pk=pk)

    @require_safe
    @login_required
    def record_history(request: HttpRequest, pk: str) -> HttpResponse:
        return history.record_history(request, records=model.objects.all(), pk=pk)

    @require_POST
    @login_required
    def record_undo(request: HttpRequest, pk: str) -> HttpResponse:
        return undo.record_undo(request, records=model.objects.all(), pk=pk)

    @_page
    @login_required
    def record_restore(request: HttpRequest, pk: str) -> HttpResponse:
        return restore.record_restore(request, model=model, pk=pk)

    return [
        path("options/", options, name="options"),
        path("<str:pk>/sharing/", record_sharing, name="sharing"),
        path("<str:pk>/sharing/remove/", record_unshare, name="unshare"),
        path("<str:pk>/hand-over/", record_hand_over, name="hand_over"),
        path("<str:pk>/history/", record_history, name="history"),
        path("<str:pk>/undo/", record_undo, name="undo"),
        path("<str:pk>/restore/", record_restore, name="restore"),
    ]
