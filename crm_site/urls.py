"""The site map."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts.urls import entrance
from crm_site import views
from crm_site.health import health
from crm_site.offline import views as on_device

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("", include("records.urls")),
    path("companies/", include("companies.urls")),
    path("contacts/", include("contacts.urls")),
    path("deals/", include("deals.urls")),
    path("activities/", include("activities.urls")),
    path("developers/", include("developers.urls")),
    path("profile/", include("accounts.urls")),
    path("accounts/", include(entrance)),
    path("admin/", admin.site.urls),
    path("manifest.webmanifest", on_device.manifest, name="manifest"),
    path("service-worker.js", on_device.service_worker, name="service_worker"),
    path("offline/", on_device.offline, name="offline"),
    path("offline/session/", on_device.session, name="offline_session"),
    path("healthz", health, name="health"),
]

handler400 = "crm_site.errors.bad_request"
handler500 = "crm_site.errors.server_error"
