"""The addresses of activities."""

from django.urls import path

from activities import views
from activities.models import Activity
from records.urls import record_urls

app_name = "activities"
urlpatterns = [
    path("", views.activity_list, name="list"),
    path("new/", views.activity_new, name="new"),
    *record_urls(Activity),
    path("log/", views.activity_log, name="log"),
    path("<str:pk>/done/", views.activity_done, name="done"),
    path("<str:pk>/", views.activity_detail, name="detail"),
    path("<str:pk>/edit/", views.activity_edit, name="edit"),
    path("<str:pk>/delete/", views.activity_delete, name="delete"),
]
