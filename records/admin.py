"""The base of the records' admin pages, and the change log."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core import signing
from django.db.models import Field, Model, QuerySet
from django.forms import Field as FormField
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from guardian.admin import GuardedModelAdminMixin
from import_export.admin import ImportExportMixin
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import action

from accounts.object_id import PATTERN
from records.access import ACTIONS
from records.admin_forms import AdminRecordForm, form_field
from records.admin_lists import CappedPaginator
from records.admin_sharing import RoleGrantForm, UserChoice, UserGrantForm
from records.change_admin import ChangeAdmin
from records.exports import PlainCSV, check_size, may
from records.imports import ConfirmForm, UploadForm, UploadStorage
from records.models import Change, Record
from records.resources import RecordResource
from records.templatetags.display import when

admin.site.register(Change, ChangeAdmin)


class RecordAdmin(GuardedModelAdminMixin, ImportExportMixin, ModelAdmin):  # type: ignore[misc]
    """A record class in the admin: fast at a million rows, shared, imported and exported by what one may do."""

    model: type[Record]
    form = AdminRecordForm
    related: ClassVar[tuple[str, ...]] = ()
    stamps: ClassVar[tuple[str, ...]] = ("id", "created_at", "updated_at")
    readonly_fields: ClassVar[tuple[str, ...]] = stamps
    ordering = ("-updated_at", "-id")
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 50
    list_filter_submit = True
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    warn_unsaved_form = True
    actions_detail: ClassVar[tuple[str, ...]] = ("show_changes",)
    search_help_text = "Beginnings of words, or an id"

    formats: ClassVar[list[type[PlainCSV]]] = [PlainCSV]
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = UploadStorage

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Go through the gate, and fetch what the rows name in the same query."""
        rows: QuerySet[Any] = self.model.objects.for_user(request.user, "view").with_related(*self.related)
        return rows.order_by(*self.get_ordering(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock what is about to be saved, so that the version that the form compares is still the one it replaces."""
        if request.method == "POST":
            rows = self.model.objects.for_user(request.user, "view").filter(pk=object_id)
            rows.select_for_update(of=("self",)).exists()
        return super().get_object(request, object_id, from_field)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by id, else in full text."""
        term = search_term.strip()
        if re.match(PATTERN, term) and (found := queryset.filter(pk=term)).exists():
            return found, False
        return queryset.search(term), False  # type: ignore[attr-defined]

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **options: Any
    ) -> FormField | None:
        """Keep what a form shows only in part."""
        if not db_field.choices and "widget" not in options and (field := form_field(db_field, **options)):
            return field
        return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the person at the form as the owner."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {self.model.owner_field: request.user.pk} | given

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Add what the database keeps, and the version that the form was made from."""
        sets = [(title, dict(options)) for title, options in super().get_fieldsets(request, obj)]
        if obj:
            sets.append(("Record", {"fields": (*self.stamps, "version")}))
        return sets

    @action(description="Change log", url_path="changes", permissions=["view"], icon="history")  # type: ignore[untyped-decorator]
    def show_changes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to what happened to the record, through whichever door."""
        del request
        return HttpResponse(
            status=302, headers={"Location": f"{reverse('admin:records_change_changelist')}?q={object_id}"}
        )

    @admin.display(description="updated", ordering="updated_at")
    def touched(self, record: Record) -> str:
        """Return when the record changed last, in short."""
        return when(record.updated_at)

    def get_obj_perms_base_context(self, request: HttpRequest, obj: Record) -> dict[str, Any]:
        """Show the two rights that can be granted."""
        context: dict[str, Any] = super().get_obj_perms_base_context(request, obj)  # type: ignore[no-untyped-call]
        name = obj._meta.model_name
        granted = context["model_perms"].filter(codename__in=[f"{action}_{name}" for action in ACTIONS])
        return context | {"model_perms": granted}

    def get_obj_perms_user_select_form(self, request: HttpRequest) -> type[UserChoice]:
        """Return the form that asks whose rights are meant."""
        del request
        return UserChoice

    def get_obj_perms_manage_user_form(self, request: HttpRequest) -> type[UserGrantForm]:
        """Return the form for one person's rights."""
        del request
        return UserGrantForm

    def get_obj_perms_manage_group_form(self, request: HttpRequest) -> type[RoleGrantForm]:
        """Return the form for one role's rights."""
        del request
        return RoleGrantForm

    def obj_perms_manage_group_view(self, request: HttpRequest, object_pk: str, group_id: str) -> HttpResponse:
        """Look only for roles that can be."""
        if not group_id.isascii() or not group_id.isdigit():
            raise Http404
        return super().obj_perms_manage_group_view(request, object_pk, group_id)  # type: ignore[no-any-return, no-untyped-call]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Want the right to see every row."""
        return may(request, self.model, "view")

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Want the right to make and to change every row."""
        return may(request, self.model, "view", "add", "change")

    def get_resource_kwargs(self, request: HttpRequest, *args: Any, **options: Any) -> dict[str, Any]:
        """Tell the rows for whom they are."""
        del args
        return options | {"user": request.user}

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **options: Any) -> Any:
        """Export what one answer can carry."""
        check_size(queryset)
        return super().get_export_data(file_format, request, queryset, **options)

    def get_import_form_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Tell the form which columns there are."""
        known: type[RecordResource] = self.resource_classes[0]
        options: dict[str, Any] = super().get_import_form_kwargs(request)
        return options | {"known_columns": known.columns()}

    def get_confirm_form_kwargs(self, request: HttpRequest, import_form: Any = None) -> dict[str, Any]:
        """Bind the upload to the person and the class."""
        options: dict[str, Any] = super().get_confirm_form_kwargs(request, import_form)
        return options | {"salt": self._salt(request)}

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        """Sign the name of the upload."""
        initial: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        if "import_file_name" in initial:
            initial["import_file_name"] = signing.dumps(initial["import_file_name"], salt=self._salt(request))
        return initial

    def _salt(self, request: HttpRequest) -> str:
        return f"import {self.model._meta.label} {request.user.pk}"

    def get_import_data_kwargs(self, **options: Any) -> dict[str, Any]:
        """Import all rows or none."""
        options = super().get_import_data_kwargs(**options)
        return options | {"rollback_on_validation_errors": True}

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponseBase:
        """Say what was imported, or, when something changed after the preview, why nothing was."""
        if not result.has_errors() and not result.has_validation_errors():
            return super().process_result(result, request)  # type: ignore[no-any-return]
        messages.error(request, "Nothing was imported: something has changed since the preview. Upload the file again.")
        context = self.admin_site.each_context(request) | {
            "title": "Import",
            "form": self.create_import_form(request),
            "opts": self.model._meta,
            "result": result,
            "import_error_display": self.import_error_display,
        }
        return TemplateResponse(request, [self.import_template_name], context)
