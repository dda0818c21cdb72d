"""The pages of companies."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest
from companies.forms import CompanyFilter, CompanyForm
from companies.models import Company
from records.access import get_record
from records.lists import Column, by_stamp, by_text
from records.pages import record_create, record_delete, record_detail, record_edit, record_list

RELATED_SHOWN = 20

COLUMNS = (
    Column("name", "Name", by_text("name")),
    Column("industry", "Industry", by_text("industry")),
    Column("website", "Website"),
    Column("owner", "Owner"),
    Column("updated", "Changed", by_stamp("updated_at"), newest_first=True),
)


@require_safe
@login_required
def company_list(request: PersonRequest) -> HttpResponse:
    """List the companies that one may see."""
    return record_list(
        request,
        records=Company.objects.for_user(request.user, "view").with_related("created_by"),
        columns=COLUMNS,
        default_sort="name",
        filters=CompanyFilter(request.GET, user=request.user),
        template="companies/company_list.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def company_new(request: PersonRequest) -> HttpResponse:
    """Make a company."""
    return record_create(request, form_class=CompanyForm)


@require_safe
@login_required
def company_detail(request: PersonRequest, pk: str) -> HttpResponse:
    """Show a company with its contacts and deals."""
    company: Company = get_record(Company.objects.with_related("created_by"), request.user, pk, "view")
    contacts = company.contacts.for_user(request.user, "view").order_by("-updated_at", "-id")
    deals = company.deals.for_user(request.user, "view").with_related("assigned_to").order_by("-updated_at", "-id")
    return record_detail(
        request,
        record=company,
        template="companies/company_detail.html",
        contacts=contacts[:RELATED_SHOWN],
        deals=deals[:RELATED_SHOWN],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def company_edit(request: PersonRequest, pk: str) -> HttpResponse:
    """Edit a company."""
    return record_edit(request, records=Company.objects.all(), pk=pk, form_class=CompanyForm)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def company_delete(request: PersonRequest, pk: str) -> HttpResponse:
    """Delete a company."""
    return record_delete(request, records=Company.objects.all(), pk=pk)
