"""The application as the threads of the HTTP processes run it: pages, admin and API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")

application = get_wsgi_application()

from crm_site.statement_limit import limit_statements  # noqa: E402 - Django is set up only now

limit_statements()
