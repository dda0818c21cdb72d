"""The addresses of deals."""

from django.urls import path

from deals import views
from deals.models import Deal
from records.urls import record_urls

app_name = "deals"
urlpatterns = [
    path("", views.deal_list, name="list"),
    path("new/", views.deal_new, name="new"),
    *record_urls(Deal),
    path("<str:pk>/", views.deal_detail, name="detail"),
    path("<str:pk>/edit/", views.deal_edit, name="edit"),
    path("<str:pk>/delete/", views.deal_delete, name="delete"),
]
