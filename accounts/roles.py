"""The roles that the product relies on, seeded after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

from accounts.models import Role
from accounts.names import EVERYBODY, MANAGERS


def seed(app_config: AppConfig, **_: Any) -> None:
    """Make both roles, and give managers the class-level permissions that an app declares for them.

    An app says in `manager_permissions` which actions managers have on which of its models. They are granted
    once, when managers have none on the model yet: what a superuser takes away later stays away.
    """
    if app_config.name == "accounts":
        _make_role(EVERYBODY)
        _make_role(MANAGERS)
    declared: dict[str, tuple[str, ...]] = getattr(app_config, "manager_permissions", {})
    managers = Group.objects.filter(name=MANAGERS).first()
    if managers is None:
        return
    for model, actions in declared.items():
        known = Permission.objects.filter(content_type__app_label=app_config.label, content_type__model=model)
        if not known.filter(group=managers).exists():
            managers.permissions.add(*known.filter(codename__in=[f"{action}_{model}" for action in actions]))


def _make_role(name: str) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    if not Role.objects.filter(pk=group.pk).exists():
        role = Role(group_ptr=group, name=name)
        role.save_base(raw=True)
