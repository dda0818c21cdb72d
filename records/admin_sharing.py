"""guardian's pages for the rights on one record, narrowed to the two that can be granted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from guardian.admin import AdminGroupObjectPermissionsForm, AdminUserObjectPermissionsForm, UserManage
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import User
from records.access import ACTIONS, share
from records.models import Record

LABELS = {"view": "View", "change": "Edit"}


class UserChoice(UserManage):
    """Whose rights are meant."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["user"].label, self.fields["user"].help_text = "Username", "As the person signs in."


class GrantForm(forms.Form):
    """Which of the two rights somebody has on a record; editing without seeing is not offered."""

    obj: Record

    def get_obj_perms_field_choices(self) -> list[tuple[str, str]]:
        """Offer to view and to edit."""
        return [(f"{action}_{self.obj._meta.model_name}", LABELS[action]) for action in ACTIONS]

    def get_obj_perms_field_initial(self) -> list[str]:
        """Tick what is granted, as far as it is offered."""
        offered = [codename for codename, _ in self.get_obj_perms_field_choices()]
        return [codename for codename in super().get_obj_perms_field_initial() if codename in offered]  # type: ignore[misc]

    def get_obj_perms_field_widget(self) -> forms.Widget:
        """Show two check boxes."""
        return UnfoldAdminCheckboxSelectMultipleWidget()  # type: ignore[no-any-return]

    def chosen(self) -> tuple[str, ...]:
        """Return the actions to grant; who may edit may see."""
        ticked = [codename.split("_", 1)[0] for codename in self.cleaned_data["permissions"]]
        return ACTIONS if "change" in ticked else tuple(ticked)


class UserGrantForm(GrantForm, AdminUserObjectPermissionsForm):  # type: ignore[misc]
    """The rights of one person."""

    user: User

    def clean(self) -> dict[str, Any]:
        """Leave the owner his record."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.obj.owner == self.user and "permissions" in cleaned and self.chosen() != ACTIONS:
            self.add_error("permissions", "The owner sees and edits what is his. Give the record another owner first.")
        return cleaned

    def save_obj_perms(self) -> None:
        """Grant exactly what was chosen."""
        share(self.obj, self.user, self.chosen())


class RoleGrantForm(GrantForm, AdminGroupObjectPermissionsForm):  # type: ignore[misc]
    """The rights of one role."""

    group: Group

    def save_obj_perms(self) -> None:
        """Grant exactly what was chosen."""
        share(self.obj, self.group, self.chosen())
