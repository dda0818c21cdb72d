"""What the pages of the four record classes have in common, so that one test can ask all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from records.models import Record
from tests.factories import make_activity, make_company, make_contact, make_deal


class Kind(NamedTuple):
    """A record class: its addresses, how one is made, the field it is called by, and the least its form wants."""

    path: str
    model: type[Record]
    make: Callable[..., Any]
    title: str
    least: dict[str, str]

    def made(self, owner: User, title: str = "", **fields: Any) -> Any:
        """Make one, called `title` if that is given."""
        return self.make(owner, **({self.title: title} if title else {}), **fields)

    def last(self) -> Any:
        """Return the one made last."""
        return self.model.objects.latest("created_at", "id")

    def filled(self, title: str = "Something new", **fields: str) -> dict[str, str]:
        """Fill in a new form."""
        return self.least | {self.title: title} | fields


COMPANIES = Kind("/companies/", Company, make_company, "name", {})
CONTACTS = Kind("/contacts/", Contact, make_contact, "name", {})
DEALS = Kind("/deals/", Deal, make_deal, "title", {"stage": "lead"})
ACTIVITIES = Kind("/activities/", Activity, make_activity, "subject", {"type": "call"})
KINDS = (COMPANIES, CONTACTS, DEALS, ACTIVITIES)
