"""The pages on which one tries the API, and the session that they use."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import condition, require_POST, require_safe

from accounts.requests import PersonRequest
from developers.playground.code import codes
from developers.playground.following import codes_to_follow, read_following
from developers.playground.queries import introspection, ready_queries
from developers.playground.ready import ANY_CLASS, ready
from developers.playground.session import begin
from developers.playground.trials import METHODS, Trial, UnreadableTrialError, as_lines, read
from developers.tabs import page
from parse_api.classes import ALL
from parse_api.codecs import format_date
from parse_api.livequery.changes import LIVE
from parse_api.protocol import GRAPHQL, MOUNT


@require_safe
@login_required
def rest(request: PersonRequest) -> HttpResponse:
    """Show a request that is ready to be tried, as it is chosen."""
    shown = _chosen(request, "developers:playground", ready)
    trial: Trial = shown["chosen"].trial
    body = "" if trial.body is None else json.dumps(trial.body, indent=2, ensure_ascii=False)
    fields = {"methods": METHODS, "query": as_lines(trial.query), "body": body}
    written = codes(trial, request.build_absolute_uri(MOUNT))
    return page(request, "playground", {**shown, **fields, "examples": written}, partials=("trial",))


@require_safe
@login_required
def graphql(request: PersonRequest) -> HttpResponse:
    """Show GraphiQL with an operation that is ready, as it is chosen."""
    shown = _chosen(request, "developers:graphql", ready_queries)
    return page(request, "graphql", {**shown, "graphql": GRAPHQL}, partials=("trial",))


@require_safe
@login_required
@condition(etag_func=lambda _request: introspection()[1])
def graphql_schema(_request: PersonRequest) -> HttpResponse:
    """Answer the schema of GraphQL as its tools ask for it, which the API tells nobody but the master key."""
    headers = {"Cache-Control": "private, no-cache"}
    return HttpResponse(introspection()[0], content_type="application/json", headers=headers)


@require_safe
@login_required
def live(request: PersonRequest) -> HttpResponse:
    """Show a query to follow, with its code; htmx gets the code alone, 422 where what was typed is no query."""
    fields = {"class": "Deal", "where": "{}", "keys": "", "watch": ""}
    fields |= {name: request.GET[name] for name in fields if name in request.GET}
    shown: dict[str, Any] = {}
    try:
        following = read_following(*fields.values())
        shown["examples"] = codes_to_follow(following, request.build_absolute_uri(MOUNT))
    except UnreadableTrialError as problem:
        shown["problem"] = str(problem)
    status = 422 if "problem" in shown else 200
    if "HX-Request" in request.headers:
        return page(request, "_code", shown, status=status)
    shown |= {"typed": fields, "here": reverse("developers:live"), "classes": LIVE}
    return page(request, "live", {**shown, **_connection(), "is_live": settings.CRM_LIVE}, status=status)


@require_POST
@never_cache
@login_required
def code(request: PersonRequest) -> HttpResponse:
    """Write a request as it was typed in each language; 422 where it is no request."""
    try:
        trial = read(*(request.POST.get(name, "") for name in ("method", "path", "query", "body")))
    except UnreadableTrialError as problem:
        return page(request, "_code", {"problem": str(problem)}, status=422)
    return page(request, "_code", {"examples": codes(trial, request.build_absolute_uri(MOUNT))})


@require_POST
@never_cache
@login_required
def session(request: PersonRequest) -> JsonResponse:
    """Make a session for the page that asks, which alone gets the token."""
    made = begin(request)
    if made is None:
        return JsonResponse({"error": "You have signed out."}, status=403)
    return JsonResponse({"token": made[1], "expiresAt": format_date(made[0].expires_at)})


def _chosen(request: PersonRequest, name: str, choices_of: Callable[[str], Sequence[Any]]) -> dict[str, Any]:
    """Return what a page has to try, of which class and which; and what it needs to ask the API."""
    class_name = request.GET.get("class", "Deal")
    if class_name != ANY_CLASS and class_name not in ALL:
        raise Http404
    choices = choices_of(class_name)
    return {
        "here": reverse(name),
        "classes": ALL,
        "class_name": class_name,
        "choices": choices,
        "chosen": next((each for each in choices if each.key == request.GET.get("request")), choices[0]),
        **_connection(),
    }


def _connection() -> dict[str, str]:
    """Return what a page needs to ask the API; the key is the one that every web app carries."""
    return {
        "begin_url": reverse("developers:playground_session"),
        "application_id": settings.PARSE_APP_ID,
        "javascript_key": settings.PARSE_JAVASCRIPT_KEY,
        "mount": MOUNT,
    }
