"""The pages for app developers."""

from django.urls import path

from developers import views
from developers.playground import views as playground

app_name = "developers"

urlpatterns = [
    path("", views.index, name="index"),
    path("classes/<str:name>/", views.class_detail, name="class"),
    path("diagram/", views.er_diagram, name="diagram"),
    path("schema/", views.schema, name="schema"),
    path("schema.json", views.schema_json, name="schema_json"),
    path("openapi.json", views.openapi, name="openapi"),
    path("playground/", playground.rest, name="playground"),
    path("graphql/", playground.graphql, name="graphql"),
    path("graphql/schema.json", playground.graphql_schema, name="graphql_schema"),
    path("live/", playground.live, name="live"),
    path("playground/code/", playground.code, name="playground_code"),
    path("playground/session/", playground.session, name="playground_session"),
    path("keys/", views.key_list, name="keys"),
]
