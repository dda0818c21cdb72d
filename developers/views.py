"""The pages for app developers: what the API has, and how an app asks for it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest
from developers.diagram import diagram
from developers.dictionary import class_page, class_pages
from developers.examples import examples
from developers.forms import SchemaForm
from developers.keys import keys
from developers.openapi.document import document
from developers.schema_check import MOST_SHOWN
from developers.tabs import page
from parse_api.protocol import GRAPHQL, MOUNT
from parse_api.service.schema import importable


@require_safe
@login_required
def index(request: PersonRequest) -> HttpResponse:
    """List what there is for app developers."""
    addresses = {"parse": request.build_absolute_uri(MOUNT), "graphql": request.build_absolute_uri(GRAPHQL)}
    return page(request, "index", {"classes": class_pages(), **addresses})


@require_safe
@login_required
def class_detail(request: PersonRequest, name: str) -> HttpResponse:
    """Show the data dictionary of a class, and how apps ask for it."""
    described = class_page(name)
    if described is None:
        raise Http404
    shown = {"page": described, "examples": examples(name, request.build_absolute_uri(MOUNT))}
    return page(request, "class", shown)


@require_safe
@login_required
def er_diagram(request: PersonRequest) -> HttpResponse:
    """Draw the classes and what points at what."""
    return page(request, "diagram", {"diagram": diagram()})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def schema(request: PersonRequest) -> HttpResponse:
    """Offer the schema, and compare one that is pasted with it."""
    form = SchemaForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return page(request, "schema", {"form": form})
    if not form.is_valid():
        return page(request, "schema", {"form": form}, status=422)
    found = form.differences
    problems = [difference for difference in found if difference.is_problem]
    others = [difference for difference in found if not difference.is_problem]
    counts = {"problem_count": len(problems), "other_count": len(others), "is_checked": True}
    shown = {"problems": problems[:MOST_SHOWN], "others": others[:MOST_SHOWN]}
    return page(request, "schema", {"form": form, **counts, **shown})


@require_safe
@login_required
def schema_json(_request: PersonRequest) -> HttpResponse:
    """Answer the schema in the form that hosted Parse backends import, as a file."""
    headers = {"Content-Disposition": 'attachment; filename="schema.json"'}
    return JsonResponse(importable(), json_dumps_params={"indent": 2}, headers=headers)


@require_safe
@login_required
def openapi(request: PersonRequest) -> HttpResponse:
    """Answer the OpenAPI document of the REST API, with the address that it was asked for at."""
    return JsonResponse(document(request.build_absolute_uri(MOUNT)), json_dumps_params={"indent": 2})


@require_safe
@never_cache
@login_required
def key_list(request: PersonRequest) -> HttpResponse:
    """Show managers which keys there are and how to change them."""
    if not request.user.is_staff:
        raise PermissionDenied("The keys are for managers. The page of each class has examples with those of apps.")
    return page(request, "keys", {"keys": keys()})
