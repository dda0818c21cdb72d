"""The addresses that every record class has beside its own pages, and the type-ahead lists of people and roles."""

from __future__ import annotations

from django.urls import URLPattern, path

from records import history, holders, pickers, restore, sharing, undo
from records.models import Record

urlpatterns = [
    path("people/options/", holders.people_options, name="people_options"),
    path("people-and-roles/options/", holders.holder_options, name="holder_options"),
]


def record_urls(model: type[Record]) -> list[URLPattern]:
    """Return the addresses of type-ahead, sharing, hand-over, history and undo of one record class."""
    its = {"model": model}
    return [
        path("options/", pickers.record_options, its, name="options"),
        path("<str:pk>/sharing/", sharing.record_sharing, its, name="sharing"),
        path("<str:pk>/sharing/remove/", sharing.record_unshare, its, name="unshare"),
        path("<str:pk>/hand-over/", sharing.record_hand_over, its, name="hand_over"),
        path("<str:pk>/history/", history.record_history, its, name="history"),
        path("<str:pk>/undo/", undo.record_undo, its, name="undo"),
        path("<str:pk>/restore/", restore.record_restore, its, name="restore"),
    ]
