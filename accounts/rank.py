"""Who may do more than whom: nobody gives a right that he does not have."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Q, QuerySet

from accounts.held_roles import giving_more_than, having, held_by
from accounts.models import Role, User
from accounts.names import MANAGERS


def outranks(other: User, user: User | AnonymousUser) -> bool:
    """Tell whether `other` may do something that `user` may not."""
    if user.is_superuser or other.pk == user.pk:
        return False
    return other.is_superuser or _permissions(other).exclude(pk__in=_permissions(user)).exists()


def roles_to_give(user: User | AnonymousUser) -> QuerySet[Role]:
    """Return the roles that `user` may put people into: those that may do no more than he may."""
    roles: QuerySet[Role] = Role.objects.named().order_by("name")
    if user.is_superuser:
        return roles
    return roles.exclude(pk__in=giving_more_than(list(_permissions(user).values_list("pk", flat=True))))


def is_last_manager(user: User) -> bool:
    """Tell whether without `user` nobody could keep people and roles any more; those who ask take turns until they end.

    Superusers can, too.
    """
    if not user.is_staff:
        return False
    managers = Group.objects.select_for_update(no_key=True).get(name=MANAGERS)
    others = User.objects.active().exclude(pk=user.pk)
    if others.filter(is_superuser=True).exists():
        return False
    return not others.filter(groups__in=having(managers.pk)).exists()


def _permissions(user: User | AnonymousUser) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(user=user.pk) | Q(group__in=held_by(user.pk))).values("pk").distinct()  # type: ignore[return-value]
