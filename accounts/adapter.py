"""What allauth does our way."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.address import client_address
from accounts.requests import own_path

_WRONG = "This is not the name and password of an account that may sign in."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up on demand, redirects to own pages only, answers every failed log-in with the same words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell whether people may make accounts for themselves."""
        del request
        return bool(settings.CRM_SIGNUP)

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether `url` is a path of ours; another host that we answer for is not."""
        return bool(own_path(url))

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never answer JSON: the API has doors of its own."""
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address as everything of ours sees it."""
        return client_address(request)

    def set_password(self, user: Any, password: str) -> None:
        """Write the password and nothing else, lest a deactivation at the same moment be taken back."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the profile."""
        del request
        return reverse("accounts:profile")

    def add_message(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        """Say what was done, except "signed in as", which the page shows anyhow."""
        if "account/messages/logged_in.txt" not in args:
            super().add_message(request, *args, **options)
