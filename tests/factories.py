"""Makes the records of a test as the product would: a record gets its grants from the database."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Role, User
from accounts.names import MANAGERS
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_user(username: str | None = None, **fields: Any) -> User:
    """Make a person who can sign in with `PASSWORD`."""
    username = username or f"user{next(_numbers)}"
    fields.setdefault("display_name", username.title())
    user = User(username=username, email=fields.pop("email", f"{username}@example.com"), **fields)
    user.password = _hashed()
    user.save()
    return user


@cache
def _hashed() -> str:
    """Hash `PASSWORD` once: it is slow on purpose."""
    return make_password(PASSWORD)


def signed_in(user: User, **options: Any) -> Client:
    """Return a browser in which `user` has signed in."""
    browser = Client(**options)
    browser.force_login(user, backend="accounts.backends.PasswordBackend")
    return browser


def make_manager(username: str = "mira", **fields: Any) -> User:
    """Make a member of the role `Managers`."""
    user = make_user(username, **fields)
    user.groups.add(Group.objects.get(name=MANAGERS))
    return user


def make_role(name: str, *members: User) -> Role:
    """Make a role with members."""
    role = Role(name=name)
    role.save()
    role.user_set.add(*members)
    return role


def make_company(owner: User | None = None, **fields: Any) -> Company:
    """Make a company that is `owner`'s."""
    fields.setdefault("name", f"Company {next(_numbers)}")
    company: Company = Company.objects.create(created_by=owner, **fields)
    return company


def make_contact(owner: User | None = None, **fields: Any) -> Contact:
    """Make a contact that is `owner`'s."""
    fields.setdefault("name", f"Contact {next(_numbers)}")
    contact: Contact = Contact.objects.create(created_by=owner, **fields)
    return contact


def make_deal(owner: User | None = None, **fields: Any) -> Deal:
    """Make a deal that is `owner`'s."""
    fields.setdefault("title", f"Deal {next(_numbers)}")
    fields.setdefault("stage", "lead")
    deal: Deal = Deal.objects.create(assigned_to=owner, **fields)
    return deal


def make_activity(owner: User | None = None, **fields: Any) -> Activity:
    """Make an activity that is `owner`'s."""
    fields.setdefault("type", Activity.Type.CALL)
    fields.setdefault("subject", f"Activity {next(_numbers)}")
    activity: Activity = Activity.objects.create(created_by=owner, **fields)
    return activity
