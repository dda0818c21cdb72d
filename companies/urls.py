"""The addresses of companies."""

from django.urls import path

from companies import views
from companies.models import Company
from records.urls import record_urls

app_name = "companies"
urlpatterns = [
    path("", views.company_list, name="list"),
    path("new/", views.company_new, name="new"),
    *record_urls(Company),
    path("<str:pk>/", views.company_detail, name="detail"),
    path("<str:pk>/edit/", views.company_edit, name="edit"),
    path("<str:pk>/delete/", views.company_delete, name="delete"),
]
