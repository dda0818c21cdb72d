"""`python -m tests.bench.parse.ours PORT WORKERS`: serves as manage.py serve does, with so many workers."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

if __name__ == "__main__":
    django.setup()
    from crm_site.server.supervisor import serve

    serve("127.0.0.1", int(sys.argv[1]), workers=int(sys.argv[2]))
