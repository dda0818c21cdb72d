"""Users and roles in the admin: managers keep them without being able to raise anybody above themselves."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from accounts.deletion import DeletesWithReason
from accounts.models import Role, User
from accounts.names import EVERYBODY, MANAGERS
from accounts.rank import outranks, roles_to_give
from accounts.versions import VersionedForm

admin.site.unregister(Group)


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """The roles that the person at the form may give; others of the user stay as they are."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self) -> None:
        super().__init__(
            Role.objects.none(), required=False, help_text="Managers see and change everything and reach this admin."
        )


class UserForm(VersionedForm, UserChangeForm):  # type: ignore[misc]
    """An existing user."""

    roles = RolesField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "time_zone" in self.fields:
            zones = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
            self.fields["time_zone"].widget = UnfoldAdminSelectWidget(choices=zones)


class NewUserForm(UserCreationForm):  # type: ignore[misc]
    """A user to be made."""

    roles = RolesField()

    class Meta:
        """What somebody needs to get started."""

        model = User
        fields = ("username", "email", "display_name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]
    """People. A manager changes nobody who may do more than he may, and makes nobody a superuser."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "email", "role_list", "is_active", "is_superuser", "created_at")
    list_filter = ("is_active", "is_superuser", "groups")
    list_filter_submit = True
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("id", "last_login", "created_at", "updated_at")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    view_on_site = False
    add_fieldsets = ((None, {"fields": ("username", "email", "display_name", "password1", "password2", "roles")}),)
    fieldsets = (
        (None, {"fields": ("username", "email", "display_name", "time_zone", "password")}),
        ("Access", {"fields": ("is_active", "roles")}),
        ("Record", {"fields": ("id", "last_login", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Fetch the roles of all rows at once."""
        people: QuerySet[User] = User.objects.for_user(request.user, "view")
        return people.prefetch_related("groups").order_by("username")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        """Lock who is about to be saved, so that the version that the form compares is still the one it replaces."""
        if request.method == "POST":
            User.objects.for_user(request.user, "view").filter(pk=object_id).select_for_update().exists()
        person: User | None = super().get_object(request, object_id, from_field)
        return person

    @admin.display(description="roles")
    def role_list(self, user: User) -> str:
        """Name the roles of a user, everybody's left out."""
        return ", ".join(sorted(group.name for group in user.groups.all() if group.name != EVERYBODY))

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Add the version that the form was made from; let only superusers make superusers."""
        if obj is None or not self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        more = {"Access": ("is_superuser",) if request.user.is_superuser else (), "Record": ("version",)}
        return [
            (title, options | {"fields": (*options["fields"], *more.get(str(title), ()))})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """Offer the roles that the person at the form may give."""
        form = super().get_form(request, obj, change=change, **options)
        if field := form.base_fields.get("roles"):
            field.queryset = roles_to_give(request.user)  # type: ignore[attr-defined]
            field.initial = [] if obj is None else list(obj.groups.values_list("pk", flat=True))
        return form

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Give and take the roles that the person at the form may give; everybody's and higher ones stay."""
        super().save_related(request, form, formsets, change)
        if "roles" in form.cleaned_data:
            offered = set(form.fields["roles"].queryset.values_list("pk", flat=True))
            wanted = {role.pk for role in form.cleaned_data["roles"]}
            form.instance.groups.remove(*(offered - wanted))
            form.instance.groups.add(*wanted)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep those who may do more out of reach."""
        return super().has_change_permission(request, obj) and not (obj and outranks(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep those who may do more out of reach."""
        return super().has_delete_permission(request, obj) and not (obj and outranks(obj, request.user))


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A role and its members."""

    members = forms.ModelMultipleChoiceField(User.objects.order_by("username"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and "members" in self.fields:
            self.initial["members"] = list(self.instance.user_set.values_list("pk", flat=True))


@admin.register(Role)
class RoleAdmin(DeletesWithReason, ModelAdmin):  # type: ignore[misc]
    """Roles and who is in them. The group of everybody is never shown: the database keeps it."""

    form = RoleForm
    list_display = ("name", "member_count", "created_at")
    search_fields = ("name",)
    ordering = ("name",)
    readonly_fields = ("object_id", "created_at", "updated_at")
    show_full_result_count = False
    filter_horizontal = ("permissions",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        """Leave everybody's group out."""
        del request
        roles: QuerySet[Role] = Role.objects.named()
        return roles.annotate(members=Count("user", filter=Q(user__is_active=True)))

    @admin.display(description="active members")
    def member_count(self, role: Role) -> int:
        """Count who is in it and may sign in."""
        return int(getattr(role, "members", 0))

    def get_fieldsets(self, request: HttpRequest, obj: Role | None = None) -> Any:
        """Let only superusers change what a role may do."""
        fields = ["name", "members", *(["permissions"] if request.user.is_superuser else [])]
        record = [("Record", {"fields": self.readonly_fields})] if obj else []
        return [(None, {"fields": fields}), *record]

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> tuple[str, ...]:
        """Show the name only, once there is one: access lists carry it."""
        del request
        return (*self.readonly_fields, "name") if obj else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: Role | None = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """Look members up while typing."""
        form = super().get_form(request, obj, change=change, **options)
        membership = User.groups.through._meta.get_field("user")
        form.base_fields["members"].widget = AutocompleteSelectMultiple(membership, self.admin_site)
        return form

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Name the model of each permission without a query per permission."""
        if db_field.name == "permissions":
            options["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **options)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Make the members what the form says."""
        super().save_related(request, form, formsets, change)
        if "members" in form.cleaned_data:
            form.instance.user_set.set(form.cleaned_data["members"])

    def why_kept(self, record: Role) -> str:
        """Keep the managers."""
        return "the product relies on this role." if record.name == MANAGERS else ""

    def has_change_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """Keep roles that may do more than the person at the form out of his reach."""
        return super().has_change_permission(request, obj) and self._may_give(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        """Keep the managers, and roles that may do more than the person at the form."""
        kept = obj is not None and obj.name == MANAGERS
        return super().has_delete_permission(request, obj) and not kept and self._may_give(request, obj)

    def _may_give(self, request: HttpRequest, role: Role | None) -> bool:
        return role is None or roles_to_give(request.user).filter(pk=role.pk).exists()
