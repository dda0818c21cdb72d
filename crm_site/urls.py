"""The site map."""

from django.urls import URLPattern, URLResolver, path

from crm_site.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health, name="health"),
]

handler400 = "crm_site.errors.bad_request"
handler500 = "crm_site.errors.server_error"
