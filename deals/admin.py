"""Deals and their stage history in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Left, Lower
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from companies.models import Company
from contacts.models import Contact
from deals.models import Deal, LostReason, Stage, StageChange
from deals.pipeline_admin import LostReasonAdmin, StageAdmin, follow_pipeline
from records.admin import RecordAdmin
from records.admin_forms import AdminRecordForm, stored_choices
from records.admin_lists import DayRangeFilter
from records.log_admin import LogAdmin
from records.resources import Column, Percent, RecordResource, moment, number, person, readable, reference, text
from records.templatetags.display import money

admin.site.register(Stage, StageAdmin)
admin.site.register(LostReason, LostReasonAdmin)


class DealResource(RecordResource):
    """A deal as a row."""

    title = text("title", "title")
    amount = number("amount", "amount")
    stage = text("stage", "stage")
    contact = reference(Contact, "contact", "contact")
    contact_name = readable("contact__name", "contactName")
    company = reference(Company, "company", "company")
    company_name = readable("company__name", "companyName")
    expected_close_date = moment("expected_close_date", "expectedCloseDate")
    notes = text("notes", "notes")
    assigned_to = person("assigned_to", "assignedTo")
    probability = Column("probability", "probability", Percent())
    closed_at = moment("closed_at", "closedAt")
    lost_reason = text("lost_reason", "lostReason")
    lost_note = text("lost_note", "lostNote")

    class Meta(RecordResource.Meta):
        """The columns in the order of the form."""

        model = Deal
        fields: ClassVar[list[str]] = [
            "id", "title", "amount", "stage", "contact", "contact_name", "company", "company_name",
            "expected_close_date", "notes", "assigned_to", "probability", "closed_at", "lost_reason", "lost_note",
            "created_at", "updated_at",
        ]  # fmt: skip

    def validate_instance(
        self,
        instance: Deal,
        import_validation_errors: Any = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Follow the rules of the pipeline."""
        del validate_unique
        self.checked(instance, import_validation_errors, lambda: follow_pipeline(instance))


class DealForm(AdminRecordForm):
    """A deal, moved by the rules of the pipeline."""

    stage = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    lost_reason = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)
    instance: Deal

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "stage" in self.fields:
            stages = list(Stage.objects.in_order().values_list("key", "label"))
            self.fields["probability"].validators.append(MaxValueValidator(100))
            reasons = [("", "—"), *LostReason.objects.values_list("key", "label")]
            self.fields["stage"].choices = stored_choices(stages, self.instance, "stage")  # type: ignore[attr-defined]
            self.fields["lost_reason"].choices = [  # type: ignore[attr-defined]
                ("", "—"),
                *(choice for choice in stored_choices(reasons, self.instance, "lost_reason") if choice[0]),
            ]

    def _post_clean(self) -> None:
        """Move the deal once the form has put everything into it, before the model checks itself."""
        moved = {"stage", "lost_reason", "lost_note", "closed_at"} & set(self.changed_data)
        if moved and not self.errors:
            for name in ("stage", "lost_reason", "lost_note", "closed_at"):
                setattr(self.instance, name, self.cleaned_data.get(name) or None)
            try:
                follow_pipeline(self.instance)
            except forms.ValidationError as error:
                self.add_error(None, error)
            for name in ("lost_reason", "lost_note", "closed_at"):
                self.cleaned_data[name] = getattr(self.instance, name) or ""
            self.cleaned_data["closed_at"] = self.instance.closed_at
        super()._post_clean()  # type: ignore[misc]


class StageFilter(DropdownFilter):  # type: ignore[misc]
    """Which stage."""

    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the pipeline's own stages, and a word for every other."""
        del request, model_admin
        return [*Stage.objects.in_order().values_list("key", "label"), ("-", "Other")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Deal]) -> QuerySet[Deal]:
        """Keep one stage."""
        del request
        if self.value() == "-":
            return queryset.exclude(stage__in=list(Stage.objects.values_list("key", flat=True)))
        return queryset.filter(stage=self.value()) if self.value() else queryset


@admin.register(Deal)
class DealAdmin(RecordAdmin):
    """Deals."""

    form = DealForm
    related = ("company", "contact", "assigned_to")
    resource_classes: ClassVar[list[type[RecordResource]]] = [DealResource]
    list_display = ("name", "money", "stage_label", "company", "contact", "assigned_to", "closing", "touched")
    list_filter = (
        StageFilter,
        ("assigned_to", AutocompleteSelectFilter),
        ("company", AutocompleteSelectFilter),
        ("expected_close_date", DayRangeFilter),
        ("closed_at", DayRangeFilter),
    )
    search_fields = ("title",)
    sortable_by = ("name", "money", "closing", "touched")
    autocomplete_fields = ("company", "contact", "assigned_to")
    fieldsets = (
        (
            None,
            {"fields": ("title", ("amount", "probability"), ("company", "contact"), "expected_close_date", "notes")},
        ),
        ("Stage", {"fields": ("stage", "closed_at", "lost_reason", "lost_note")}),
        ("Owner", {"fields": ("assigned_to",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Name the stages in the same query."""
        label = Stage.objects.filter(key=OuterRef("stage")).values("label")
        rows: QuerySet[Any] = super().get_queryset(request)
        labelled: QuerySet[Any] = rows.annotate(label_of_stage=Subquery(label))
        return labelled

    @admin.display(description="title", ordering=Left(Lower("title"), 100))
    def name(self, deal: Deal) -> str:
        """Return the title, sorted as the index is."""
        return deal.title

    @admin.display(description="amount", ordering=F("amount").asc(nulls_first=True))
    def money(self, deal: Deal) -> str:
        """Return the amount in the site's currency."""
        return money(deal.amount)

    @admin.display(description="stage")
    def stage_label(self, deal: Deal) -> str:
        """Return what people call the stage."""
        return getattr(deal, "label_of_stage", None) or deal.stage or ""

    @admin.display(description="expected close", ordering="expected_close_date")
    def closing(self, deal: Deal) -> Any:
        """Return the day on which it is expected to close."""
        return deal.expected_close_date and timezone.localdate(deal.expected_close_date)


@admin.register(StageChange)
class StageChangeAdmin(LogAdmin):
    """How deals moved."""

    list_display = ("changed_at", "deal_title", "from_stage", "to_stage", "shown_amount", "who")
    fields = ("changed_at", "deal_title", "from_stage", "to_stage", "shown_amount", "who")
    search_fields = ("deal__id",)
    search_help_text = "Id of a deal"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StageChange]:
        """Name the deals in the same query; one may be gone."""
        title = Deal.objects.for_user(request.user, "view").filter(pk=OuterRef("deal_id")).values("title")
        rows: QuerySet[StageChange] = super().get_queryset(request)
        return rows.annotate(title_of_deal=Subquery(title))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StageChange], search_term: str
    ) -> tuple[QuerySet[StageChange], bool]:
        """Find the moves of one deal."""
        del request
        term = search_term.strip()
        return (queryset.filter(deal_id=term) if term else queryset), False

    @admin.display(description="deal")
    def deal_title(self, change: StageChange) -> str:
        """Return the title of the deal, or the id of one that is gone."""
        return getattr(change, "title_of_deal", None) or str(change.deal_id)

    @admin.display(description="amount")
    def shown_amount(self, change: StageChange) -> str:
        """Return the amount in the site's currency."""
        return money(change.amount)
