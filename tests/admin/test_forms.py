"""Forms in the admin: the pipeline's rules, nothing overwritten, nothing derived written, the actor in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from activities.models import Activity
from companies.models import Company
from deals.models import Deal
from deals.stages import LostReason, Stage
from records.access import share
from records.derived import all_wrong_rows
from records.models import Change, Record
from tests.factories import make_activity, make_company, make_contact, make_deal, make_role

To = Callable[..., str]


def filled(browser: Client, page: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser would send for the form on `page`, with some fields changed."""
    form = browser.get(page).context["adminform"].form
    data = {}
    for name in form.fields:
        bound = form[name]
        value = bound.field.widget.format_value(bound.field.prepare_value(bound.value()))
        data[name] = (value[0] if isinstance(value, list) and value else value) or ""
    return data | changes


def errors(answer: Any) -> dict[str, list[str]]:
    """Return the errors of the form in an answer."""
    assert answer.status_code == 200
    found: dict[str, list[str]] = dict(answer.context["adminform"].form.errors)
    return found


@pytest.fixture
def deal(alice: User) -> Deal:
    """Return a deal in the first stage."""
    return make_deal(alice, title="Big", amount="12.50", notes="  two\nlines ")


@pytest.fixture
def page(to: To, deal: Deal) -> str:
    """Return the address of the deal's form."""
    return to("deals_deal_change", deal.pk)


def test_saving_untouched_changes_nothing(boss: Client, deal: Deal, page: str) -> None:
    before = Deal.objects.values("title", "amount", "notes", "stage", "closed_at", "assigned_to").get(pk=deal.pk)
    assert boss.post(page, filled(boss, page)).status_code == 302
    assert Deal.objects.values(*before).get(pk=deal.pk) == before


def test_saving_is_logged_with_the_actor(boss: Client, mira: User, deal: Deal, page: str) -> None:
    assert boss.post(page, filled(boss, page, title="Bigger")).status_code == 302
    change = Change.objects.filter(object_id=deal.pk, operation="update").latest("pk")
    assert (change.actor, change.old and change.old["title"]) == (mira.pk, "Big")
    assert change.new
    assert change.new["title"] == "Bigger"
    entry = LogEntry.objects.get(object_id=deal.pk)
    assert (entry.user, entry.object_id) == (mira, deal.pk)
    assert boss.get("/admin/records/change/", {"q": deal.pk}).context["cl"].result_list[0] == change


def test_making_and_deleting_is_logged_with_the_actor(boss: Client, mira: User, alice: User, to: To) -> None:
    page = to("companies_company_add")
    assert boss.post(page, filled(boss, page, name="New", created_by=alice.pk)).status_code == 302
    company = Company.objects.get(name="New")
    assert company.created_by == alice
    assert boss.post(to("companies_company_delete", company.pk), {"post": "yes"}).status_code == 302
    made, deleted = (Change.objects.get(object_id=company.pk, operation=what) for what in ("insert", "delete"))
    assert (made.actor, deleted.actor) == (mira.pk, mira.pk)


def test_the_person_at_the_form_is_offered_as_owner(boss: Client, mira: User, to: To) -> None:
    form = boss.get(to("deals_deal_add")).context["adminform"].form
    assert form.initial["assigned_to"] == mira.pk


def test_handing_over_moves_the_rights(boss: Client, deal: Deal, page: str, alice: User, bob: User) -> None:
    assert boss.post(page, filled(boss, page, assigned_to=bob.pk)).status_code == 302
    assert Deal.objects.for_user(bob, "change").filter(pk=deal.pk).exists()
    assert not Deal.objects.for_user(alice, "view").filter(pk=deal.pk).exists()
    assert not list(all_wrong_rows())


def test_a_newer_version_is_not_overwritten(boss: Client, deal: Deal, page: str) -> None:
    data = filled(boss, page, title="Mine")
    Deal.objects.filter(pk=deal.pk).update(title="Theirs")
    assert "Somebody has changed" in str(errors(boss.post(page, data))["__all__"])
    assert Deal.objects.get(pk=deal.pk).title == "Theirs"


@pytest.mark.parametrize(
    "forged",
    [
        {"readers": ["*"], "acl": '{"*": {"read": true}}'},
        {"id": "AAAAAAAAAA", "created_at": "2001-01-01", "updated_at": "2001-01-01", "position": "1"},
        {"created_by": "x", "is_superuser": "on"},
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-title": "x", "_save": "1"},
    ],
)
def test_fields_outside_the_form_are_ignored(boss: Client, deal: Deal, page: str, forged: dict[str, Any]) -> None:
    fields = ("id", "readers", "acl", "created_at", "position")
    before = Deal.objects.values(*fields).get(pk=deal.pk)
    assert boss.post(page, filled(boss, page) | forged).status_code == 302
    assert Deal.objects.values(*fields).get(pk=deal.pk) == before
    assert Deal.objects.count() == 1


def test_lists_take_no_edits(boss: Client, deal: Deal, to: To) -> None:
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": deal.pk, "form-0-title": "x", "_save": "1"}
    boss.post(to("deals_deal_changelist"), data)
    assert Deal.objects.get(pk=deal.pk).title == "Big"


def test_lost_needs_a_reason(boss: Client, deal: Deal, page: str) -> None:
    assert errors(boss.post(page, filled(boss, page, stage="lost"))) == {"lost_reason": ["Say why the deal was lost."]}
    assert boss.post(page, filled(boss, page, stage="lost", lost_reason="price", lost_note="dear")).status_code == 302
    deal.refresh_from_db()
    assert (deal.stage, deal.lost_reason, deal.lost_note) == ("lost", "price", "dear")
    assert deal.closed_at


def test_won_closes_and_open_opens_again(boss: Client, deal: Deal, page: str) -> None:
    assert boss.post(page, filled(boss, page, stage="won", closed_at="2026-02-03T10:00")).status_code == 302
    deal.refresh_from_db()
    assert deal.closed_at
    assert deal.closed_at.isoformat() == "2026-02-03T10:00:00+00:00"
    assert boss.post(page, filled(boss, page, stage="lead")).status_code == 302
    stored = Deal.objects.get(pk=deal.pk)
    assert (stored.stage, stored.closed_at) == ("lead", None)


def test_stages_outside_the_pipeline_are_kept_but_not_offered(boss: Client, alice: User, to: To) -> None:
    odd = make_deal(alice, stage="odd")
    page = to("deals_deal_change", odd.pk)
    assert boss.post(page, filled(boss, page, title="Renamed")).status_code == 302
    odd.refresh_from_db()
    assert (odd.title, odd.stage) == ("Renamed", "odd")
    other = to("deals_deal_change", make_deal(alice).pk)
    assert "stage" in errors(boss.post(other, filled(boss, other, stage="odd")))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 501),
        ("title", "nul\0"),
        ("notes", "nul\0"),
        ("amount", "NaN"),
        ("amount", "1e9999"),
        ("amount", "9" * 400),
        ("amount", "\uff11\uff12"),
        ("amount", "=1+1"),
        ("probability", "101"),
        ("probability", "x"),
        ("expected_close_date", "0000-01-01"),
        ("expected_close_date", "2026-02-30"),
        ("closed_at", "9999-12-31T23:59"),
        ("stage", "nosuchstage"),
        ("stage", ""),
        ("lost_reason", "nosuchreason"),
        ("company", "nosuchid00"),
        ("contact", "' OR 1=1"),
        ("assigned_to", "nobody0000"),
    ],
)
def test_bad_input_is_a_field_error(boss: Client, page: str, field: str, value: str) -> None:
    assert field in errors(boss.post(page, filled(boss, page, **{field: value})))


@pytest.mark.parametrize(
    "text", ["😀 \u202emixed\u202c", "<script>alert(1)</script>", "'; DROP TABLE x --", "=cmd|' /C'"]
)
def test_odd_text_is_kept(boss: Client, deal: Deal, page: str, text: str) -> None:
    assert boss.post(page, filled(boss, page, title=text, notes=text)).status_code == 302
    deal.refresh_from_db()
    assert (deal.title, deal.notes) == (text, text)


def test_an_activity_is_about_one_record(boss: Client, alice: User, to: To) -> None:
    contact, deal = make_contact(alice), make_deal(alice)
    page = to("activities_activity_change", make_activity(alice, related_contact=contact).pk)
    assert "related_deal" in errors(boss.post(page, filled(boss, page, related_deal=deal.pk)))
    assert boss.post(page, filled(boss, page, related_contact="", related_deal=deal.pk)).status_code == 302
    assert "type" in errors(boss.post(page, filled(boss, page, type="fax")))
    odd = make_activity(alice, type="fax")
    page = to("activities_activity_change", odd.pk)
    assert boss.post(page, filled(boss, page, subject="Sent")).status_code == 302
    assert Activity.objects.get(pk=odd.pk).type == "fax"


def test_stage_keys_never_change(boss: Client, to: To) -> None:
    stage = Stage.objects.get(key="lead")
    page = to("deals_stage_change", stage.pk)
    assert boss.post(page, filled(boss, page, key="hacked", label="First")).status_code == 302
    stage.refresh_from_db()
    assert (stage.key, stage.label) == ("lead", "First")


def test_a_stage_in_use_stays(boss: Client, deal: Deal, to: To) -> None:
    del deal
    lead, qualified = Stage.objects.get(key="lead"), Stage.objects.get(key="qualified")
    answer = boss.post(to("deals_stage_delete", lead.pk), {"post": "yes"})
    assert "deals are in this stage" in answer.content.decode()
    both = {"action": "delete_selected", "_selected_action": [lead.pk, qualified.pk], "post": "yes"}
    boss.post(to("deals_stage_changelist"), both)
    assert Stage.objects.filter(pk__in=(lead.pk, qualified.pk)).count() == 2
    page = to("deals_stage_change", lead.pk)
    assert "kind" in errors(boss.post(page, filled(boss, page, kind="won")))
    assert boss.post(to("deals_stage_delete", qualified.pk), {"post": "yes"}).status_code == 302
    assert not Stage.objects.filter(pk=qualified.pk).exists()


def test_the_last_open_stage_stays(boss: Client, to: To) -> None:
    Stage.objects.filter(kind="open").exclude(key="lead").delete()
    lead = Stage.objects.get(key="lead")
    boss.post(to("deals_stage_delete", lead.pk), {"post": "yes"})
    page = to("deals_stage_change", lead.pk)
    assert "last open stage" in str(errors(boss.post(page, filled(boss, page, kind="won"))))
    assert Stage.objects.filter(kind="open").get() == lead


def test_all_open_stages_at_once_stay(boss: Client, to: To) -> None:
    stages = list(Stage.objects.filter(kind="open").values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": stages, "post": "yes"}
    boss.post(to("deals_stage_changelist"), chosen)
    assert Stage.objects.filter(kind="open").count() == len(stages)


def test_a_reason_in_use_stays(boss: Client, alice: User, to: To) -> None:
    make_deal(alice, stage="lost", lost_reason="price")
    reason = LostReason.objects.get(key="price")
    boss.post(to("deals_lostreason_delete", reason.pk), {"post": "yes"})
    assert LostReason.objects.filter(key="price").exists()


def test_logs_are_for_reading(boss: Client, client: Client, root: User, records: dict[str, Record], to: To) -> None:
    del records
    client.force_login(root)
    change = Change.objects.latest("pk")
    for name in ("records_change", "deals_stagechange"):
        assert boss.post(to(f"{name}_add"), {}).status_code == 403
        assert boss.post(to(f"{name}_delete", 1), {"post": "yes"}).status_code in (302, 403)
    assert boss.post(to("records_change_change", change.pk), {"actor": "x"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [change.pk], "post": "yes"}
    boss.post(to("records_change_changelist"), chosen)
    assert Change.objects.filter(pk=change.pk).exists()


def test_the_change_log_shows_what_changed(boss: Client, deal: Deal, page: str, to: To) -> None:
    boss.post(page, filled(boss, page, title="Bigger"))
    change = Change.objects.filter(object_id=deal.pk, operation="update").latest("pk")
    shown = boss.get(to("records_change_change", change.pk)).content.decode()
    assert "<tr><th>Title</th><td>Big</td><td>Bigger</td></tr>" in shown
    assert to("deals_deal_change", deal.pk) in shown
    assert "mira" in shown


def test_sharing_by_guardians_pages(boss: Client, deal: Deal, alice: User, bob: User, to: To) -> None:
    page = to("deals_deal_permissions_manage_user", deal.pk, bob.pk)
    assert boss.post(page, {"permissions": ["change_deal"]}).status_code == 302
    assert Deal.objects.for_user(bob, "change").filter(pk=deal.pk).exists()
    assert Deal.objects.for_user(bob, "view").filter(pk=deal.pk).exists()
    assert boss.post(page, {"permissions": [], "csrfmiddlewaretoken": "x"}).status_code == 302
    assert not Deal.objects.for_user(bob, "view").filter(pk=deal.pk).exists()
    assert boss.post(page, {"permissions": ["delete_deal"]}).status_code == 200
    own = to("deals_deal_permissions_manage_user", deal.pk, alice.pk)
    assert "owner" in boss.post(own, {"permissions": ["view_deal"]}).content.decode()
    assert Deal.objects.for_user(alice, "change").filter(pk=deal.pk).exists()
    role = make_role("North", bob)
    assert boss.post(to("deals_deal_permissions_manage_group", deal.pk, role.pk), {"permissions": ["view_deal"]})
    assert Deal.objects.for_user(User.objects.get(pk=bob.pk), "view").filter(pk=deal.pk).exists()
    assert Change.objects.filter(object_id=deal.pk, operation="grant", actor__isnull=False).exists()
    assert not list(all_wrong_rows())


def test_a_rep_shares_nothing_by_guardians_pages(rep: Client, deal: Deal, bob: User, to: To) -> None:
    page = to("deals_deal_permissions_manage_user", deal.pk, bob.pk)
    assert rep.post(page, {"permissions": ["view_deal"]}).status_code == 403
    assert not Deal.objects.for_user(bob, "view").filter(pk=deal.pk).exists()


def test_deleting_many_goes_with_what_is_about_them(boss: Client, alice: User, bob: User, to: To) -> None:
    contact = make_contact(alice, company=make_company(alice))
    make_activity(alice, related_contact=contact)
    share(contact, bob, ("view",))
    chosen = {"action": "delete_selected", "_selected_action": [contact.pk], "post": "yes"}
    assert boss.post(to("contacts_contact_changelist"), chosen).status_code == 302
    assert not Activity.objects.exists()
    assert not list(all_wrong_rows())
