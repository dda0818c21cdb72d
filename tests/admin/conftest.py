"""The admin's cast: a manager at the keyboard, one record of each class, and addresses by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.models import Record
from tests.factories import make_activity, make_company, make_contact, make_deal, make_user

RECORDS = ("companies_company", "contacts_contact", "deals_deal", "activities_activity")


@pytest.fixture
def boss(client: Client, mira: User) -> Client:
    """Return a browser in which the manager has signed in."""
    client.force_login(mira)
    return client


@pytest.fixture
def rep(alice: User) -> Client:
    """Return a browser in which somebody has signed in who is no manager."""
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.fixture
def root(db: None) -> User:
    """Return the superuser."""
    del db
    return make_user("root", is_superuser=True)


@pytest.fixture
def records(alice: User) -> dict[str, Record]:
    """Return one record of each class by what the admin calls the class."""
    company: Company = make_company(alice, name="Acme", industry="Tools")
    contact: Contact = make_contact(alice, name="Ada", company=company)
    deal: Deal = make_deal(alice, title="Big deal", company=company, contact=contact, amount=1000)
    activity: Activity = make_activity(alice, subject="Call Ada", related_contact=contact)
    return dict(zip(RECORDS, (company, contact, deal, activity), strict=True))


@pytest.fixture
def to() -> Callable[..., str]:
    """Return a function from a page's name in the admin to its address."""
    return lambda name, *args: reverse(f"admin:{name}", args=args)
