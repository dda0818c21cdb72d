"""The demo accounts, whose password everybody knows and which therefore never work off loopback."""

import ipaddress
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest

from accounts.models import User

PASSWORD = "crm-demo"  # noqa: S105
PEOPLE = {"alice": "sales rep", "bob": "sales rep", "mira": "manager"}
_FORWARDING_HEADERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")


def is_loopback(address: str) -> bool:
    """Tell whether the host name or IP address leads to this machine only."""
    if address == "localhost":
        return True
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def active_accounts() -> list[User]:
    """Return the demo accounts that the demo password still opens."""
    found = User.objects.active().filter(username__in=PEOPLE).order_by("username")
    return [user for user in found if user.check_password(PASSWORD)]


class DemoPasswordGate(BaseBackend):
    """Refuses the demo password from anywhere but this machine, before any other backend looks at it."""

    def authenticate(self, request: HttpRequest | None, password: str | None = None, **_: Any) -> None:
        """Raise PermissionDenied, which ends the log-in, if the demo password comes from elsewhere."""
        if password == PASSWORD and not _comes_from_this_machine(request):
            raise PermissionDenied

    async def aauthenticate(self, request: HttpRequest | None, password: str | None = None, **_: Any) -> None:
        """Do the same for an asynchronous caller."""
        self.authenticate(request, password=password)


def _comes_from_this_machine(request: HttpRequest | None) -> bool:
    if request is None or any(header in request.META for header in _FORWARDING_HEADERS):
        return False
    return is_loopback(request.META.get("REMOTE_ADDR", ""))


class DemoPasswordValidator:
    """Lets nobody choose the demo password."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for the demo password."""
        if password == PASSWORD:
            raise ValidationError("This password is known to everybody.", code="password_demo")

    def get_help_text(self) -> str:
        """Return nothing: no one has to be warned of this rule."""
        return ""
