"""Every address that shows a page, and the states of a page that an address alone does not show."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

CLASSES = ("companies", "contacts", "deals", "activities")
LONG_WORD = "Unbreakable" * 18
LONG_TEXT = "\n".join(
    f"Line {number}: what was said, what was promised, and who does what next." for number in range(30)
)


@dataclass(frozen=True)
class Records:
    """The records that pages are shown of, by class: one with everything filled in, and a deleted deal."""

    pks: dict[str, str]
    deleted: str
    reset_path: str = ""


def addresses(records: Records) -> dict[str, str]:
    """Return the address of each page of somebody who is signed in, by its URL name (and what is special about it)."""
    found = {
        "home": "/",
        "search": "/search/?q=a",
        "search, nothing asked": "/search/",
        "search, nothing found": "/search/?q=zzzzzzzz",
        "accounts:profile": "/profile/",
        "developers:index": "/developers/",
        "developers:class": "/developers/classes/Deal/",
        "developers:class, of the protocol": "/developers/classes/_Session/",
        "developers:diagram": "/developers/diagram/",
        "developers:schema": "/developers/schema/",
        "developers:playground": "/developers/playground/",
        "developers:playground, a change": "/developers/playground/?class=Activity&request=update",
        "developers:live": "/developers/live/",
        "developers:live, refused (422)": "/developers/live/?where={",
        "developers:keys, refused (403)": "/developers/keys/",
        "offline": "/offline/?unsent&erased",
        "account_change_password": "/accounts/password/change/",
        "account_logout": "/accounts/logout/",
        "deals:board": "/deals/board/",
        "deals:board, narrowed": "/deals/board/?q=a&no_next_step=1&amount_min=1&sort=value&compact=1",
        "deals:board, nothing matches": "/deals/board/?q=zzzzzzzz",
        "deals:board_new": "/deals/board/new/?stage=proposal",
        "deals:move_many": f"/deals/board/selected/?deal={records.pks['deals']}.x&stage=lost",
        "deals:move_many, to whom": f"/deals/board/selected/?deal={records.pks['deals']}.x&action=assign",
        "deals:move_many, where to": f"/deals/board/selected/?deal={records.pks['deals']}.x",
        "deals:restore": f"/deals/{records.deleted}/restore/",
        "admin refused (403)": "/admin/",
        "nothing there (404)": "/deals/nothing/",
    }
    for name in CLASSES:
        found |= {f"{name}:{page}": path for page, path in _of_class(name, records.pks[name]).items()}
    return found


def _of_class(name: str, pk: str) -> dict[str, str]:
    pages = {page: f"/{name}/{pk}/{page}/" for page in ("edit", "delete", "sharing", "history")}
    if name == "deals":
        pages["hand_over"] = f"/{name}/{pk}/hand-over/"
        pages |= {"move": f"/deals/{pk}/move/", "move, lost": f"/deals/{pk}/move/?stage=lost"}
        pages["move, won"] = f"/deals/{pk}/move/?stage=won"
    return pages | {
        "list": f"/{name}/",
        "list, narrowed": f"/{name}/?q=a&owner=nobody&sort=-updated&size=25",
        "list, nothing matches": f"/{name}/?q=zzzzzzzz",
        "new": f"/{name}/new/",
        "detail": f"/{name}/{pk}/",
    }


def open_addresses(records: Records) -> dict[str, str]:
    """Return the address of each page of somebody who is not signed in."""
    return {
        "account_login": "/accounts/login/?next=/deals/",
        "offline, as everybody keeps it": "/offline/",
        "account_signup": "/accounts/signup/",
        "account_reset_password": "/accounts/password/reset/",
        "account_reset_password_done": "/accounts/password/reset/done/",
        "account_reset_password_from_key": records.reset_path,
        "account_reset_password_from_key, used": "/accounts/password/reset/key/1-nothing/",
        "account_reset_password_from_key_done": "/accounts/password/reset/key/done/",
        "nothing there (404), signed out": "/nothing/",
    }


def _refused(page: Page, path: str, **values: str) -> None:
    """Send a form that comes back with errors, past what the browser itself would stop."""
    page.goto(path)
    form = page.locator("main form[method=post]").first
    form.evaluate("form => form.noValidate = true")
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("[type=submit]:not(.visually-hidden)").last.click()
    page.locator(".error-summary").wait_for()


def _conflict(page: Page, records: Records) -> None:
    path = f"/deals/{records.pks['deals']}/edit/"
    page.goto(path)
    page.locator("[name=version]").evaluate("field => field.value = '2020-01-01'")
    page.locator("[name=title]").fill("What I had typed meanwhile")
    page.locator("main form [type=submit]:not(.visually-hidden)").last.click()
    page.locator(".versions").wait_for()


def _log_refused(page: Page, records: Records) -> None:
    page.goto(f"/deals/{records.pks['deals']}/")
    form = page.locator("form.quick-log")
    form.evaluate("form => form.noValidate = true")
    form.get_by_text("Due later").click()
    form.get_by_role("button", name="Log activity").click()
    page.locator("main .error-summary").wait_for()


def _compared(page: Page) -> None:
    """Compare a schema that does not fit, and open what is more here."""
    page.goto("/developers/schema/")
    fields = {LONG_WORD: {"type": "String"}, "amount": {"type": "String"}}
    page.locator("[name=schema]").fill(json.dumps({"className": "Deal", "fields": fields}))
    page.get_by_role("button", name="Compare").click()
    page.locator("main [role=status] summary").click()


def _graphiql(page: Page) -> None:
    """Show GraphiQL, which names its editors when it knows the schema."""
    page.goto("/developers/graphql/")
    page.get_by_role("textbox", name="Query Editor").wait_for(state="attached")


def _menu(page: Page, records: Records) -> None:
    page.goto(f"/deals/{records.pks['deals']}/")
    page.locator("main details.menu summary").click()


def _picker(page: Page, records: Records) -> None:
    del records
    page.goto("/contacts/new/")
    page.get_by_role("combobox", name="Company").press_sequentially("a")
    page.locator("[role=option]").first.wait_for()


def _shortcuts(page: Page, records: Records) -> None:
    del records
    page.goto("/")
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()


def _toast(page: Page, records: Records) -> None:
    path = f"/deals/{records.pks['deals']}/edit/"
    page.goto(path)
    field = page.locator("[name=probability]")
    field.fill("61" if field.input_value() == "60" else "60")
    page.locator("main form [type=submit]:not(.visually-hidden)").last.click()
    page.locator(".toast").wait_for()


def _board(page: Page, *, menu: bool = False, lost: bool = False, adding: bool = False) -> None:
    """Reach for a card of the board: select it, open its menu, ask why it was lost, or add one."""
    page.goto("/deals/board/")
    card = page.locator("#cards-lead [data-card]").first
    if adding:
        page.locator("[data-add=lead]").click()
        page.locator(".quick-add").wait_for()
    elif menu:
        card.hover()
        card.locator("summary").click()
    else:
        card.click(modifiers=["Shift"])
        page.locator("#selection").wait_for()
    if lost:
        page.locator("#selection").get_by_role("button", name="Mark lost").click()
        page.locator("dialog[open] form").wait_for()


FLASH = """() => setInterval(() => {
  const flash = (element) =>
    document.dispatchEvent(new CustomEvent("live:flash", { detail: { element, by: "Somebody with a long name" } }));
  document.querySelectorAll("[data-card], [data-live-part], .timeline > li").forEach(flash);
  for (const place of document.querySelectorAll("[data-live-state]")) place.hidden = false;
  for (const words of document.querySelectorAll("[data-live-words]")) words.textContent = "Reconnecting";
}, 500)"""


def _flashed(page: Page, path: str) -> None:
    """Flash everything that others can change, over and over, while the connection is lost."""
    page.goto(path)
    page.evaluate(FLASH)
    page.locator(".flash-name").first.wait_for()


def _edited_elsewhere(page: Page, records: Records) -> None:
    """Save a deal in another tab while its form is open in this one."""
    page.goto(f"/deals/{records.pks['deals']}/edit/")
    page.wait_for_load_state()
    other = page.context.new_page()
    _toast(other, records)
    other.close()
    page.locator("[data-live-notice]").wait_for()


def _list_changed(page: Page, records: Records) -> None:
    """Tell a list that somebody changed what it shows."""
    page.goto("/deals/")
    page.wait_for_load_state()
    change = {"class": "Deal", "id": records.pks["deals"], "what": "update", "mine": False}
    page.evaluate("detail => document.dispatchEvent(new CustomEvent('live:changes', { detail }))", [change])
    page.locator("[data-live-refresh]").wait_for()


STATES: dict[str, Callable[[Page, Records], None]] = {
    "companies:new, refused": lambda page, records: _refused(page, "/companies/new/", website="javascript:alert(1)"),
    "contacts:new, refused": lambda page, records: _refused(page, "/contacts/new/", email="nonsense"),
    "deals:new, refused": lambda page, records: _refused(page, "/deals/new/", amount="a lot", probability="900"),
    "activities:new, refused": lambda page, records: _refused(page, "/activities/new/"),
    "deals:board_new, refused": lambda page, records: _refused(page, "/deals/board/new/", amount="a lot"),
    "deals:sharing, refused": lambda page, records: _refused(page, f"/deals/{records.pks['deals']}/sharing/"),
    "deals:hand_over, refused": lambda page, records: _refused(page, f"/deals/{records.pks['deals']}/hand-over/"),
    "accounts:profile, refused": lambda page, records: _refused(page, "/profile/", email="nonsense"),
    "account_change_password, refused": lambda page, records: _refused(page, "/accounts/password/change/"),
    "developers:schema, refused": lambda page, _records: _refused(page, "/developers/schema/", schema="{"),
    "developers:graphql": lambda page, _records: _graphiql(page),
    "developers:schema, compared": lambda page, _records: _compared(page),
    "activities:log, refused": _log_refused,
    "deals:edit, conflict": _conflict,
    "deals:detail, menu": _menu,
    "contacts:new, picker": _picker,
    "deals:board, selected": lambda page, _records: _board(page),
    "deals:board, menu": lambda page, _records: _board(page, menu=True),
    "deals:board, lost": lambda page, _records: _board(page, lost=True),
    "deals:board, adding": lambda page, _records: _board(page, adding=True),
    "deals:board, flashed": lambda page, _records: _flashed(page, "/deals/board/"),
    "deals:detail, flashed": lambda page, records: _flashed(page, f"/deals/{records.pks['deals']}/"),
    "deals:edit, edited elsewhere": _edited_elsewhere,
    "deals:list, changed": _list_changed,
    "shortcuts": _shortcuts,
    "deals:detail, message": _toast,
}
OPEN_STATES: dict[str, Callable[[Page, Records], None]] = {
    "account_login, refused": lambda page, records: _refused(page, "/accounts/login/", login="nobody", password="x"),
    "account_signup, refused": lambda page, records: _refused(page, "/accounts/signup/", email="nonsense"),
    "account_reset_password, refused": lambda page, records: _refused(page, "/accounts/password/reset/"),
}
