"""Sends mail after the answer, so that the time it takes tells nobody whether there was somebody to write to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User

_log = logging.getLogger(__name__)


@cache
def _sender() -> ThreadPoolExecutor:
    """Return the one thread that sends; a process that ends waits for its last mail."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_reset_link(user: User | None) -> None:
    """Send a link with which the person can set a new password, once; nobody gets nothing, in the same time."""
    _after_commit(lambda: _send_reset_link(user))


def send_address_changed(user: User, old: str) -> None:
    """Tell the old address that it is no longer the account's."""
    context = {"user": user, "origin": settings.CRM_ORIGIN}
    _after_commit(lambda: _send("account/email/email_changed", old, context))


def wait_until_sent() -> None:
    """Return when every mail handed over so far is sent, or has failed."""
    wait([_sender().submit(lambda: None)])


def _send_reset_link(user: User | None) -> None:
    if user is None:
        return
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user.pk, "key": key})
    context = {"user": user, "password_reset_url": settings.CRM_ORIGIN + path}
    _send("account/email/password_reset_key", user.email, context)


def _send(template: str, to: str, context: dict[str, Any]) -> None:
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    send_mail(subject, render_to_string(f"{template}_message.txt", context), None, [to])


def _after_commit(send: Callable[[], None]) -> None:
    """Hand over to the thread once what the mail says is true."""

    def logged() -> None:
        try:
            send()
        except Exception:
            _log.exception("a mail was not sent")

    transaction.on_commit(lambda: _hand_over(logged))


def _hand_over(send: Callable[[], None]) -> None:
    _sender().submit(send)
