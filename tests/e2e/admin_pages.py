"""Every address of the admin that shows a page, and the states of a page that an address alone does not show."""

from __future__ import annotations

import re
from collections.abc import Callable
from re import Pattern

from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import FilePayload, Page

from accounts.models import Role, User
from deals.models import Deal, LostReason, Stage, StageChange
from records.access import share
from records.models import Change
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

ROWS = 52
# Every kind of page is looked at for deals; the other classes have the same ones, with fields of their own.
DEAL_PAGES = (
    *("add", "change", "delete", "history", "import", "export"),
    *("permissions", "permissions_manage_user", "permissions_manage_group"),
)
COLUMNS = "name,industry,website,address,notes"

Objects = dict[type[Model], Model]


def make_objects(owner: User, colleague: User) -> Objects:
    """Make one object of each class that the admin shows, shared where that can be, and deals for a second page."""
    company = make_company(owner, name="Acme", industry="Tools", website="https://example.com", notes="Some\nlines")
    contact = make_contact(owner, name="Ada", company=company, email="ada@example.com")
    deal = make_deal(owner, title="Big deal", company=company, contact=contact, amount=1000)
    activity = make_activity(owner, subject="Call Ada", related_deal=deal)
    deal.stage = "qualified"
    deal.save()
    for number in range(ROWS):
        make_deal(owner, title=f"A deal {number}", company=company)
    role = make_role("Team", owner, colleague)
    for record in (company, contact, deal, activity):
        share(record, colleague, ("view",))
        share(record, role, ("view", "change"))
    found: Objects = {type(one): one for one in (company, contact, deal, activity, role, colleague)}
    for model in (Stage, LostReason, StageChange, Change):
        found[model] = model._default_manager.order_by("pk").latest("pk")
    return found


def addresses(objects: Objects) -> dict[str, str]:
    """Return the address of each page by its name."""
    deals = reverse("admin:deals_deal_changelist")
    found = {
        "index": reverse("admin:index"),
        "app": reverse("admin:app_list", args=["deals"]),
        "list, narrowed": f"{deals}?q=big&o=1.-2&assigned_to={objects[User].pk}&stage=lead",
        "list, page 2": f"{deals}?p=2",
        "list, nothing": f"{deals}?q=zzzz",
        "popup": f"{reverse('admin:companies_company_add')}?_popup=1",
        "new user": reverse("admin:accounts_user_add"),
        "password": reverse("admin:auth_user_password_change", args=[objects[User].pk]),
        "delete, refused": reverse("admin:deals_stage_delete", args=[Stage.objects.get(key="lead").pk]),
    }
    found |= {f"deal {page}": _address(Deal, page, objects) for page in DEAL_PAGES}
    for model in objects.keys() - {Deal}:
        name = model._meta.model_name
        found |= {f"{name} {page}": _address(model, page, objects) for page in ("changelist", "change")}
    return found


def _address(model: type[Model], page: str, objects: Objects) -> str:
    args = [] if page in ("changelist", "add", "import", "export") else [objects[model].pk]
    if page.startswith("permissions_manage"):
        args.append(objects[User if page.endswith("user") else Role].pk)
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _refused(page: Page) -> None:
    page.goto(reverse("admin:companies_company_add"))
    page.locator("[name=name]").evaluate("field => field.form.noValidate = true")
    page.locator("[name=website]").fill("javascript:alert(1)")
    page.locator("[name=_save]").click()
    page.locator(".errorlist").first.wait_for()


def _saved(page: Page) -> None:
    page.goto(reverse("admin:companies_company_add"))
    page.locator("[name=name]").fill("Brand new")
    page.locator("[name=_continue]").click()
    page.get_by_text("was added successfully").wait_for()


def _upload(page: Page, rows: str, comes: str | Pattern[str]) -> None:
    page.goto(reverse("admin:companies_company_import"))
    table: FilePayload = {"name": "t.csv", "mimeType": "text/csv", "buffer": f"{COLUMNS}\n{rows}".encode()}
    page.locator("[type=file]").set_input_files(table)
    page.locator("#content form [type=submit]").last.click()
    page.locator("#content").get_by_text(comes).first.wait_for()


def _ticked(page: Page) -> None:
    page.goto(reverse("admin:deals_deal_changelist") + "?p=2")
    page.locator("#action-toggle").check()
    page.locator("[name=action]").wait_for()


def _delete_selected(page: Page) -> None:
    _ticked(page)
    page.locator("[name=action]").select_option("delete_selected")
    page.locator("[name=index]:visible").first.click()
    page.wait_for_url("**/deal/**")
    page.locator("[name=post]").wait_for(state="attached")


def _filters(page: Page) -> None:
    page.goto(reverse("admin:deals_deal_changelist") + "?p=2")
    page.locator("#changelist a", has_text="Filters").click()
    page.locator("#changelist-filter").wait_for()


def _choosing(page: Page) -> None:
    page.goto(reverse("admin:deals_deal_add"))
    page.locator(".select2-selection").first.click()
    page.locator(".select2-results__option").first.wait_for()


def _account(page: Page) -> None:
    page.goto(reverse("admin:index"))
    page.get_by_text("mira@example.com").click()
    page.get_by_role("link", name="Profile").wait_for()


def _site_menu(page: Page) -> None:
    page.goto(reverse("admin:index"))
    page.get_by_text("Administration", exact=True).click()
    page.get_by_role("link", name="Back to the CRM").wait_for()


STATES: dict[str, Callable[[Page], None]] = {
    "form refused": _refused,
    "saved": _saved,
    "import previewed": lambda page: _upload(page, "New,Tools,,,\n", "Below is a preview"),
    "import refused": lambda page: _upload(page, ",Tools,,,\n", re.compile("Some rows failed|Line number")),
    "rows ticked": _ticked,
    "delete selected": _delete_selected,
    "filters": _filters,
    "choosing": _choosing,
    "account": _account,
    "site menu": _site_menu,
}
