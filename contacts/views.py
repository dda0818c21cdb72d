"""The pages of contacts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest
from contacts.forms import ContactFilter, ContactForm
from contacts.models import Contact
from records.access import get_record
from records.lists import Column, by_stamp, by_text
from records.pages import record_create, record_delete, record_detail, record_edit, record_list

RELATED_SHOWN = 20

COLUMNS = (
    Column("name", "Name", by_text("name")),
    Column("company", "Company"),
    Column("email", "E-mail", by_text("email")),
    Column("phone", "Phone"),
    Column("owner", "Owner"),
    Column("updated", "Changed", by_stamp("updated_at"), newest_first=True),
)


@require_safe
@login_required
def contact_list(request: PersonRequest) -> HttpResponse:
    """List the contacts that one may see."""
    return record_list(
        request,
        records=Contact.objects.for_user(request.user, "view").with_related("company", "created_by"),
        columns=COLUMNS,
        default_sort="name",
        filters=ContactFilter(request.GET, user=request.user),
        template="contacts/contact_list.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_new(request: PersonRequest) -> HttpResponse:
    """Make a contact."""
    initial = {"company": request.GET.get("company", "")}
    return record_create(request, form_class=ContactForm, initial=initial)


@require_safe
@login_required
def contact_detail(request: PersonRequest, pk: str) -> HttpResponse:
    """Show a contact with the deals that name it."""
    contact: Contact = get_record(Contact.objects.with_related("company", "created_by"), request.user, pk, "view")
    deals = contact.deals.for_user(request.user, "view").with_related("assigned_to").order_by("-updated_at", "-id")
    return record_detail(request, record=contact, template="contacts/contact_detail.html", deals=deals[:RELATED_SHOWN])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_edit(request: PersonRequest, pk: str) -> HttpResponse:
    """Edit a contact."""
    return record_edit(request, records=Contact.objects.all(), pk=pk, form_class=ContactForm)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contact_delete(request: PersonRequest, pk: str) -> HttpResponse:
    """Delete a contact."""
    return record_delete(request, records=Contact.objects.all(), pk=pk)
