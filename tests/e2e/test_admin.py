"""The admin, every kind of page of it: no violation of axe's rules, nothing that scrolls sideways, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.e2e.admin_pages import STATES, addresses, make_objects
from tests.e2e.conftest import OpenAs
from tests.e2e.test_every_page import ALL_RULES, COLOURS, SIDEWAYS, violations


@pytest.mark.parametrize("part", range(2))
def test_every_admin_page(open_as: OpenAs, mira: User, bob: User, part: int) -> None:
    """Half of the pages each: in light and dark, at the widths of a desk and a phone."""
    page = open_as(mira)
    problems = []
    for name, path in list(addresses(make_objects(mira, bob)).items())[part::2]:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        problems += look(page, name)
    assert not problems, "\n".join(problems)


def test_states_of_admin_pages(open_as: OpenAs, mira: User, bob: User) -> None:
    make_objects(mira, bob)
    page = open_as(mira)
    problems = []
    for name, reach in STATES.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        reach(page)
        page.mouse.move(0, 0)  # nothing under it fades while axe looks
        problems += look(page, name)
    assert not problems, "\n".join(problems)


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page."""
    problems = []
    page.wait_for_load_state()
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        problems += [f"{name} at {width}: sideways {what}" for what in page.evaluate(SIDEWAYS)]
        for scheme, rules in (("light", ALL_RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            problems += [f"{name} at {width} in {scheme}: {what}" for what in violations(page, rules)]
    return problems
