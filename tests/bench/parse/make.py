"""`python -m tests.bench.parse.make SIZE`: fills our database, in a process whose Django knows only that one."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Migrate, generate, and give everybody the same password."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    django.setup()
    from django.contrib.auth.hashers import make_password

    from accounts.models import User
    from tests.bench.generate import generate
    from tests.bench.parse.sizes import PASSWORD, SIZES

    size = next(size for size in SIZES.values() if size.name == sys.argv[1])
    call_command("migrate", verbosity=0)
    generate(size)
    User.objects.update(password=make_password(PASSWORD))


if __name__ == "__main__":
    main()
