"""/deals/<id>/: its way through the pipeline and how long it was where, for who may move it and who may only look."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.models import User
from deals.models import Deal, Stage, StageChange
from records.access import share
from tests.factories import make_deal, signed_in
from tests.pages.reading import text_of

OPEN = ["lead", "qualified", "proposal", "negotiation"]
STEP = re.compile(r'<li class="step step--(\w+) is-(\w+)"(.*?)>\s*<(\w+)(.*?)>(.*?)</\4>\s*</li>', re.DOTALL)


class Step(NamedTuple):
    """A step as the page draws it: what a screen reader says, its state, its control and that control's attributes."""

    words: str
    kind: str
    state: str
    is_marked: bool
    control: str
    attributes: str


def steps_of(user: User, deal: Deal) -> list[Step]:
    """Return the steps on the deal's page, as `user` sees it."""
    page = text_of(signed_in(user).get(deal.get_absolute_url()))
    return [
        Step(_words(inner), kind, state, 'aria-current="step"' in marks, control, html.unescape(attributes))
        for kind, state, marks, control, attributes, inner in STEP.findall(page)
    ]


def _words(inner: str) -> str:
    return " ".join(html.unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", inner, flags=re.DOTALL)).split())


def states_of(user: User, deal: Deal) -> list[str]:
    """Return the state of each step."""
    return [step.state for step in steps_of(user, deal)]


def moved(deal: Deal, *stages: str | None) -> Deal:
    """Move the deal through stages, one after the other."""
    for stage in stages:
        Deal.objects.filter(pk=deal.pk).update(stage=stage)
    return deal


def test_open_deal_stands_between_what_is_done_and_what_may_come(alice: User) -> None:
    steps = steps_of(alice, make_deal(alice, stage="proposal"))
    assert [(step.words, step.kind, step.state, step.is_marked) for step in steps] == [
        ("Move to Lead (done)", "open", "done", False),
        ("Move to Qualified (done)", "open", "done", False),
        ("Proposal (current)", "open", "current", True),
        ("Move to Negotiation", "open", "coming", False),
        ("Move to Won", "won", "coming", False),
        ("Move to Lost", "lost", "coming", False),
    ]


def test_open_stages_are_buttons_of_a_form_and_the_ends_are_links(alice: User) -> None:
    deal = make_deal(alice, stage="proposal")
    deal.refresh_from_db()
    steps, page = steps_of(alice, deal), text_of(signed_in(alice).get(deal.get_absolute_url()))
    assert [step.control for step in steps] == ["button", "button", "span", "button", "a", "a"]
    buttons = [step.attributes for step in steps if step.control == "button"]
    assert buttons == [f' type="submit" name="stage" value="{key}"' for key in OPEN if key != "proposal"]
    form = re.search(r'<form class="stage-path".*?</form>', page, re.DOTALL)
    assert form
    url = deal.get_absolute_url()
    for part in (
        f'action="{url}move/"',
        f'name="version" value="{deal.updated_at.isoformat()}"',
        f'name="next" value="{url}"',
    ):
        assert part in form[0], part
    for key, step in zip(("won", "lost"), steps[4:], strict=True):
        where = urlsplit(step.attributes.split('"')[1])
        assert (where.path, parse_qs(where.query)) == (
            f"{url}move/",
            {
                "stage": [key],
                "version": [deal.updated_at.isoformat()],
                "next": [url],
            },
        )


def test_reader_sees_it_without_controls(alice: User, bob: User) -> None:
    deal = make_deal(alice, stage="qualified")
    share(deal, bob, ("view",))
    steps = steps_of(bob, deal)
    assert {step.control for step in steps} == {"span"}
    assert [step.words for step in steps][:3] == ["Lead (done)", "Qualified (current)", "Proposal"]
    assert f"{deal.pk}/move/" not in text_of(signed_in(bob).get(deal.get_absolute_url()))


@pytest.mark.parametrize(
    ("stages", "states"),
    [
        (["lead"], ["current", "coming", "coming", "coming", "coming", "coming"]),
        (["won"], ["done", "done", "done", "done", "current", "coming"]),
        (["lost"], ["coming", "coming", "coming", "coming", "coming", "current"]),
        (["lead", "proposal", "lost"], ["done", "done", "done", "coming", "coming", "current"]),
        (["lead", "negotiation", "qualified"], ["done", "current", "coming", "coming", "coming", "coming"]),
        (["lead", "won", "lost"], ["done", "coming", "coming", "coming", "coming", "current"]),
    ],
    ids=" ".join,
)
def test_what_is_done(alice: User, stages: list[str], states: list[str]) -> None:
    assert states_of(alice, moved(make_deal(alice, stage=stages[0]), *stages[1:])) == states


def test_stage_without_a_row_is_a_step_where_the_deal_stands(alice: User) -> None:
    deal = moved(make_deal(alice), "proposal", "An app's <own> " + "x" * 100)
    steps = steps_of(alice, deal)
    assert [step.state for step in steps] == ["done", "done", "done", "current", "coming", "coming", "coming"]
    assert (steps[3].kind, steps[3].is_marked, steps[3].control) == ("other", True, "span")
    assert steps[3].words.startswith("An app's <own> xxx")
    assert steps[3].words.endswith("x… (current)")
    for nothing in (None, ""):
        first = steps_of(alice, make_deal(alice, stage=nothing))[0]
        assert (first.words, first.state) == ("No stage (current)", "current")


def test_pipeline_of_ones_own(alice: User) -> None:
    deal = make_deal(alice, stage="proposal")
    Stage.objects.exclude(key__in=["lead", "lost"]).delete()
    Stage.objects.create(key="signed", label="Signed & <sealed>", order=9, kind=Stage.Kind.WON, probability=100)
    assert [(step.words, step.state) for step in steps_of(alice, deal)] == [
        ("proposal (current)", "current"),
        ("Move to Lead", "coming"),
        ("Move to Lost", "coming"),
        ("Move to Signed & <sealed>", "coming"),
    ]
    Stage.objects.all().delete()
    assert [step.words for step in steps_of(alice, deal)] == ["proposal (current)"]


def times_of(user: User, deal: Deal) -> list[str]:
    """Return the lines of the card "Time in stage"."""
    page = text_of(signed_in(user).get(deal.get_absolute_url()))
    card = re.search(r'<ul class="stage-times">(.*?)</ul>', page, re.DOTALL)
    assert card
    return [_words(line) for line in re.findall(r"<li.*?</li>", card[1], re.DOTALL)]


def test_says_how_long_it_was_where(alice: User, bob: User) -> None:
    deal = moved(make_deal(alice), "proposal", "odd <b>")
    share(deal, bob, ("view",))
    now = timezone.now()
    for stage, ago in (("lead", 30), ("proposal", 20), ("odd <b>", 3)):
        StageChange.objects.filter(to_stage=stage).update(changed_at=now - timedelta(days=ago, minutes=1))
    for user in (alice, bob):
        assert times_of(user, deal) == ["Lead 10 days", "Proposal 17 days", "odd <b> 3 days so far"]
    moved(deal, "won")
    StageChange.objects.filter(to_stage="won").update(changed_at=now.replace(year=2019, month=3, day=4))
    assert times_of(alice, deal)[2:] == ["Won since 4 Mar 2019", "odd <b> under a minute"]


def test_deal_without_history_is_shown(alice: User) -> None:
    deal = make_deal(alice, stage="won")
    StageChange.objects.all().delete()
    Deal.objects.update(stage_changed_at=None)
    assert [line.partition(" since")[0] for line in times_of(alice, deal)] == ["Won"]
