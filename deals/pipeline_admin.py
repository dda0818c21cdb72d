"""Stages and lost reasons in the admin, and the pipeline's rules for forms and imports there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.deletion import DeletesWithReason
from deals.models import Deal
from deals.stages import LostReason, Stage

FOLLOWED = ("stage", "lost_reason", "lost_note", "closed_at")


def follow_pipeline(deal: Deal) -> None:
    """Bring a deal whose stage, reason or closing date differ from what is stored in line with `Deal.move_to`.

    Raises ValidationError that names the field.
    """
    stored = Deal.objects.filter(pk=deal.pk).first()
    if stored is not None and all(getattr(deal, name) == getattr(stored, name) for name in FOLLOWED):
        return
    stage = Stage.objects.filter(key=deal.stage or "").first()
    if stage is None:
        if stored is None or stored.stage != deal.stage:
            raise ValidationError({"stage": f"There is no stage {str(deal.stage or '')[:40]!r}."})
        return
    reason = LostReason.objects.filter(key=deal.lost_reason or "").first()
    if deal.lost_reason and reason is None and (stored is None or stored.lost_reason != deal.lost_reason):
        raise ValidationError({"lost_reason": f"There is no reason {str(deal.lost_reason)[:40]!r}."})
    deal.move_to(stage, reason=reason, note=deal.lost_note or "", closed_at=deal.closed_at)


class StageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A stage."""

    def clean(self) -> dict[str, Any]:
        """Keep the meaning of a stage while deals stand in it, and one open stage at least."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and "kind" in self.changed_data and (reason := why_needed(self.instance)):
            self.add_error("kind", f"This cannot change: {reason}")
        return cleaned


def why_needed(stage: Stage) -> str:
    """Return why the pipeline cannot do without the stage; "" when it can."""
    if Deal.objects.filter(stage=stage.key).exists():
        return "deals are in this stage. Move them first."
    if stage.is_open and not Stage.objects.filter(kind=Stage.Kind.OPEN).exclude(pk=stage.pk).exists():
        return "this is the last open stage."
    return ""


class StageAdmin(DeletesWithReason, ModelAdmin):  # type: ignore[misc]
    """The stages of the pipeline."""

    form = StageForm
    list_display = ("label", "key", "kind", "order", "probability", "rotting_days")
    list_filter = ("kind",)
    search_fields = ("label", "key")
    ordering = ("order", "key")
    fields = ("label", "key", "kind", "order", "probability", "rotting_days")

    def get_readonly_fields(self, request: HttpRequest, obj: Stage | None = None) -> tuple[str, ...]:
        """Keep the key: deals and apps name it."""
        del request
        return ("key",) if obj else ()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Keep one open stage when several are chosen at once, too."""
        chosen = list(objs)
        *found, protected = super().get_deleted_objects(chosen, request)
        left = Stage.objects.filter(kind=Stage.Kind.OPEN).exclude(pk__in=[stage.pk for stage in chosen])
        needed = any(stage.is_open for stage in chosen) and not left.exists()
        return (*found, [*protected, *(["The pipeline needs an open stage."] if needed else [])])

    def why_kept(self, record: Stage) -> str:
        """Keep what the pipeline needs."""
        return why_needed(record)


class LostReasonAdmin(DeletesWithReason, ModelAdmin):  # type: ignore[misc]
    """Why deals are lost."""

    list_display = ("label", "key", "order")
    search_fields = ("label", "key")
    ordering = ("order", "key")
    fields = ("label", "key", "order")

    def get_readonly_fields(self, request: HttpRequest, obj: LostReason | None = None) -> tuple[str, ...]:
        """Keep the key: deals name it."""
        del request
        return ("key",) if obj else ()

    def why_kept(self, record: LostReason) -> str:
        """Keep reasons that deals give."""
        return "deals were lost for this reason." if Deal.objects.filter(lost_reason=record.key).exists() else ""
