"""What follows from a log-in, a log-out, a new password and a deactivation, whichever door they came through."""

from typing import Any

from allauth.account.signals import user_logged_in
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_save
from django.http import HttpRequest

from accounts import middleware, sessions
from accounts.models import User


def connect() -> None:
    """Begin to follow."""
    user_logged_in.connect(_note_log_in, dispatch_uid="accounts.note_log_in")
    user_logged_out.connect(_end_playgrounds, dispatch_uid="accounts.end_playgrounds")
    post_save.connect(_end_sessions, sender=User, dispatch_uid="accounts.end_sessions")


def _note_log_in(request: HttpRequest, **_: Any) -> None:
    middleware.start_noting(request)


def _end_playgrounds(user: User | None, **_: Any) -> None:
    if user is not None:
        sessions.end_playgrounds(user)


def _end_sessions(instance: User, created: bool, **_: Any) -> None:  # noqa: FBT001 - Django's signature
    """End the sessions of a person who was deactivated or has a new password.

    They would not be let in anyhow; but they must be in no list, and a cookie must not come alive again when
    the person is activated. Who changes his own password gets a new session from Django afterwards.
    """
    if not created and (not instance.is_active or getattr(instance, "_password", None) is not None):
        sessions.end_all(instance)
