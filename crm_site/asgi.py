"""Pages, admin and API for an ASGI server; `manage.py serve` runs them with limits and WebSockets."""

from crm_site.wsgi import application as handler

# isort: split
from crm_site.server.bridge import Bridge

application = Bridge(handler)
