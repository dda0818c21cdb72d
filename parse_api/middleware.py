"""Answers the Parse API before anything that belongs to pages: no cookie, session or form token is looked at."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from parse_api.graphql.views import graphql
from parse_api.protocol import is_graphql, is_ours
from parse_api.views import parse


class ParseMiddleware:
    """Takes the requests below /parse, and those for GraphQL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass on."""
        if is_graphql(request):
            return graphql(request)
        return parse(request) if is_ours(request) else self.get_response(request)
