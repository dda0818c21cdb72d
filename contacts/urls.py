"""The addresses of contacts."""

from django.urls import path

from contacts import views
from contacts.models import Contact
from records.urls import record_urls

app_name = "contacts"
urlpatterns = [
    path("", views.contact_list, name="list"),
    path("new/", views.contact_new, name="new"),
    *record_urls(Contact),
    path("<str:pk>/", views.contact_detail, name="detail"),
    path("<str:pk>/edit/", views.contact_edit, name="edit"),
    path("<str:pk>/delete/", views.contact_delete, name="delete"),
]
