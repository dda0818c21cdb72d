"""A file of deals becomes deals: owned, placed in the pipeline, with history, and once only."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from companies.models import Company
from deals.models import Deal, StageChange
from records.derived import all_wrong_rows
from records.models import Change
from tests.factories import make_company, make_deal, make_user
from tests.imports.conftest import DEALS, HEADER, Run

pytestmark = pytest.mark.django_db
FILE = HEADER + (
    "A1,Moses Frase,GTX Pro,Cancity,Won,20-10-2016,01-03-2017,1054\n"
    "A2,Moses Frase,GTX Pro,cancity,Lost,21-10-2016,02-03-2017,0\n"
    "A3,Zane Levy,MG Special,,Engaging,22-10-2016,,\n"
    "A4,Zane Levy,MG Special,Isdom,Prospecting,,,55.25\n"
)


def test_rows_become_deals_of_their_agents(run: Run) -> None:
    """Stages, amounts, titles, companies and owners are as the mapping says."""
    result = run(FILE)
    assert (result.status, result.errors) == (0, [])
    deals = {deal.stage: deal for deal in Deal.objects.with_related("company", "assigned_to")}
    won, lost, engaged, lead = (deals[stage] for stage in ("won", "lost", "qualified", "lead"))
    assert (won.title, won.amount, won.assigned_to.display_name) == ("GTX Pro for Cancity", 1054, "Moses Frase")
    assert won.closed_at == datetime(2017, 3, 1, 12, tzinfo=UTC)
    assert won.created_at == datetime(2016, 10, 20, 12, tzinfo=UTC)
    assert (lost.lost_reason, lost.company) == ("price", won.company)
    assert (engaged.title, engaged.company, engaged.amount) == ("MG Special", None, None)
    assert lead.amount == Decimal("55.25")
    assert Company.objects.count() == 2
    assert all_wrong_rows() == []


def test_stage_history_is_a_chain_with_the_dates_of_the_file(run: Run) -> None:
    """First the stage that the file dates, then the one the deal is in."""
    run(FILE)
    steps = StageChange.objects.filter(deal__stage="won").order_by("id")
    assert [(step.from_stage, step.to_stage, f"{step.changed_at:%d-%m-%Y}") for step in steps] == [
        (None, "qualified", "20-10-2016"),
        ("qualified", "won", "01-03-2017"),
    ]
    only = StageChange.objects.get(deal__stage="qualified")
    assert (only.from_stage, f"{only.changed_at:%d-%m-%Y}") == (None, "22-10-2016")


def test_made_accounts_open_to_nobody(run: Run) -> None:
    """They have no password and an address to which no mail goes (RFC 2606)."""
    run(FILE)
    agent = User.objects.get(username="moses.frase")
    assert not agent.has_usable_password()
    assert agent.email == "moses.frase@imported.invalid"
    assert {deal.stage for deal in Deal.objects.for_user(agent, "change")} == {"won", "lost"}


def test_agents_are_found_by_name(run: Run) -> None:
    """Who has an account keeps it, however the name is written."""
    moses = make_user("moses", display_name="Moses Frase")
    run(FILE.replace("Moses Frase", "moses  FRASE"))
    assert Deal.objects.filter(assigned_to=moses).count() == 2


def test_same_file_twice_changes_nothing(run: Run) -> None:
    """Neither a row nor the change log grows, with --update either."""
    run(FILE)
    before = (Deal.objects.count(), Company.objects.count(), User.objects.count(), Change.objects.count())
    for options in ([], ["--update"]):
        result = run(FILE, DEALS, *options)
        assert result.out.endswith("Deal: 4 as before.\n")
    assert (Deal.objects.count(), Company.objects.count(), User.objects.count(), Change.objects.count()) == before


def test_changed_rows_change_records_only_when_asked(run: Run) -> None:
    """Without --update what people have made of a record stays."""
    run(FILE)
    Deal.objects.filter(stage="lead").update(notes="Mine.")
    changed = FILE.replace("55.25", "60").replace("Engaging,22-10-2016,,", "Won,22-10-2016,01-02-2017,7")
    run(changed)
    assert Deal.objects.get(stage="lead").amount == Decimal("55.25")
    assert "2 changed, 2 as before" in run(changed, DEALS, "--update").out
    lead, won = Deal.objects.get(stage="lead"), Deal.objects.get(title="MG Special")
    assert (lead.amount, lead.notes) == (60, "Mine.")
    assert (won.stage, won.closed_at) == ("won", datetime(2017, 2, 1, 12, tzinfo=UTC))


def test_what_somebody_deleted_stays_deleted(run: Run) -> None:
    """A repeated import does not bring it back."""
    run(FILE)
    Deal.objects.get(stage="lost").delete()
    assert "1 deleted by somebody" in run(FILE).out
    assert Deal.objects.count() == 3


def test_new_rows_of_a_longer_file_are_added(run: Run) -> None:
    """The key tells the rows apart, not their place."""
    run(FILE)
    assert "1 made, 4 as before" in run(HEADER + "A0,Zane Levy,New,,Prospecting,,,\n" + FILE.removeprefix(HEADER)).out


def test_dry_run_writes_nothing(run: Run) -> None:
    """Neither accounts nor companies."""
    assert run(FILE, DEALS, "--dry-run").status == 0
    assert not Deal.objects.exists()
    assert not User.objects.exists()
    assert not Company.objects.exists()


def test_import_as_a_manager_is_logged_as_his(run: Run, mira: User) -> None:
    """And he may import for others."""
    assert run(FILE, DEALS, "--as=mira").status == 0
    assert set(Change.objects.filter(class_name="Deal").values_list("actor", flat=True)) == {mira.pk}
    assert set(StageChange.objects.values_list("actor", flat=True)) == {mira.pk}


def test_a_rep_imports_only_for_himself(run: Run, alice: User) -> None:
    """Rows without an owner are his; those of others are refused."""
    result = run(FILE, DEALS, "--as=alice")
    assert result.status == 1
    assert result.errors[0] == "line 2: owner: only a manager may import for somebody else"
    assert run(FILE.replace("Moses Frase", "").replace("Zane Levy", "alice"), DEALS, "--as=alice").status == 0
    assert Deal.objects.filter(assigned_to=alice).count() == 4


def test_a_rep_does_not_find_what_he_may_not_see(run: Run, alice: User, bob: User) -> None:
    """A company that is hidden is as one that does not exist."""
    make_company(bob, name="Isdom")
    mapping = DEALS.replace('missing = "make"\n\n[owner]', 'missing = "error"\n\n[owner]')
    result = run(HEADER + "A4,alice,MG,Isdom,Prospecting,,,5\n", mapping, "--as=alice")
    assert result.errors[0] == "line 2: related.company: there is none with the name 'Isdom'"


def test_a_rep_does_not_update_what_is_not_his(run: Run, alice: User, bob: User) -> None:
    """Even if the row's record came from the same file."""
    row = HEADER + "A4,{},MG,,Prospecting,,,5\n"
    run(row.format("bob"))
    result = run(row.format("alice"), DEALS, "--as=alice", "--update")
    assert result.errors[0] == "line 2: row: this Deal is not yours to change"
    assert Deal.objects.get().assigned_to == bob


def test_two_companies_of_one_name_are_a_bad_row(run: Run) -> None:
    """Nobody knows which is meant."""
    make_company(name="Isdom")
    make_company(name="ISDOM")
    result = run(FILE)
    assert (result.status, result.errors[0]) == (1, "line 5: related.company: 2 records have the name 'Isdom'")


def test_records_of_another_import_are_found_by_their_key(run: Run) -> None:
    """A file of activities names the deals of a file of deals."""
    run(FILE)
    mapping = """
    source = "test calls"
    class = "Activity"
    key = ["deal", "when"]
    [fields]
    type = { value = "call" }
    subject = "about"
    completed_at = "when"
    [related.related_deal]
    column = "deal"
    match = "key"
    source = "test deals"
    [owner]
    default = "moses.frase"
    """
    result = run("deal,when,about\nA1,2017-01-05T10:30,Prices\nB9,2017-01-06,Nothing\n", mapping, "--skip-bad")
    assert result.status == 0
    assert result.errors[0].startswith("line 3: related.related_deal: there is none with the key")
    call = Deal.objects.get(stage="won").activities.get()
    assert (call.subject, call.completed_at) == ("Prices", datetime(2017, 1, 5, 10, 30, tzinfo=UTC))


def test_existing_deals_of_people_are_left_alone(run: Run, alice: User) -> None:
    """An import knows only what it made."""
    make_deal(alice, title="GTX Pro for Cancity")
    run(FILE)
    assert Deal.objects.filter(title="GTX Pro for Cancity").count() == 2
