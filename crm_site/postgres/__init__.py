"""The PostgreSQL that the program runs for itself when DATABASE_URL names none."""

from crm_site.postgres.places import is_embedded, socket_url

__all__ = ["is_embedded", "socket_url"]
