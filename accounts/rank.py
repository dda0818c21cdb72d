"""Who may do more than whom: nobody gives a right that he does not have."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Q, QuerySet

from accounts.models import Role, User
from accounts.names import EVERYBODY


def outranks(other: User, user: User | AnonymousUser) -> bool:
    """Tell whether `other` may do something that `user` may not."""
    if user.is_superuser or other.pk == user.pk:
        return False
    return other.is_superuser or _permissions(other).exclude(pk__in=_permissions(user)).exists()


def roles_to_give(user: User | AnonymousUser) -> QuerySet[Role]:
    """Return the roles that `user` may put people into: those that may do no more than he may."""
    roles: QuerySet[Role] = Role.objects.exclude(name=EVERYBODY).order_by("name")  # type: ignore[assignment]
    if user.is_superuser:
        return roles
    return roles.exclude(permissions__in=Permission.objects.exclude(pk__in=_permissions(user)))


def _permissions(user: User | AnonymousUser) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(user=user.pk) | Q(group__user=user.pk)).values("pk").distinct()  # type: ignore[return-value]
