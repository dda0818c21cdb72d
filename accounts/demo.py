"""The demo accounts, whose password everybody knows and which therefore never work off loopback.

They are kept out by `accounts.backends`, and `serve` does not start on an address that others reach while
any of them is open.
"""

from django.core.exceptions import ValidationError

from accounts.address import is_loopback
from accounts.models import User

__all__ = ["PASSWORD", "PEOPLE", "DemoPasswordValidator", "active_accounts", "is_loopback"]

PASSWORD = "crm-demo"  # noqa: S105
PEOPLE = {"alice": "sales rep", "bob": "sales rep", "mira": "manager"}


def active_accounts() -> list[User]:
    """Return the demo accounts that may sign in."""
    return list(User.objects.active().filter(is_demo=True).order_by("username"))


class DemoPasswordValidator:
    """Lets nobody choose the demo password."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for the demo password."""
        if password == PASSWORD:
            raise ValidationError("This password is known to everybody.", code="password_demo")

    def get_help_text(self) -> str:
        """Return nothing: no one has to be warned of this rule."""
        return ""
