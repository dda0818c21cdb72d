"""Closes the demo accounts; the demo data stays."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import demo


class Command(BaseCommand):
    """Deactivates every account that the demo password opens and takes that password from it."""

    help = "Deactivate the demo accounts, so that the program may be served to others."

    def handle(self, *_: Any, **__: Any) -> None:
        """Close them, and say whom."""
        for user in demo.active_accounts():
            user.is_active = False
            user.set_unusable_password()
            user.save(update_fields=["is_active", "password"])
            self.stdout.write(f"closed {user.username}")
