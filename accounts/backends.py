"""Checks passwords, for every door: counted before, in the same time whether the account exists or not."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts import throttle
from accounts.address import UNKNOWN, client_address, is_from_this_machine, network
from accounts.held_roles import held_by
from accounts.models import ApiSession, User
from accounts.names import normalize_name
from accounts.person_sql import person_with


class PasswordBackend(ModelBackend):
    """Knows people by username or e-mail address.

    Raises TooManyAttempts when it is too early for another attempt.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        **_: Any,
    ) -> User | None:
        """Return the active person whose password this is."""
        name = username or email
        if not name or password is None:
            return None
        found: list[User] = list(_people(name, client_address(request) if request else UNKNOWN))
        counters = [_counter(user, request) for user in found] or [normalize_name(name)]
        _charge(request, counters)
        if not found:
            make_password(password)  # takes as long as a check
        for user in found:
            if user.check_password(password) and self._may_enter(user, request):
                _rightful(request, counters)
                return user
        return None

    def get_user(self, user_id: str) -> User | None:
        """Return who is signed in, with his roles and permissions; None when he may no longer be."""
        user = person_with(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return all permissions of a person and his roles, with one query for a request instead of Django's two."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{name}" for app, name in _permissions(user_obj)}
        cached: set[str] = user_obj._perm_cache
        return cached

    def _may_enter(self, user: User, request: HttpRequest | None) -> bool:
        """Keep out those who were deactivated, and demo accounts that come from elsewhere: their password is known."""
        return self.user_can_authenticate(user) and (not user.is_demo or is_from_this_machine(request))


def is_own_password(request: HttpRequest, user: User, password: str) -> bool:
    """Check the password of somebody who is signed in, with the same counters as at the log-in."""
    fresh: User = _people(user.username, client_address(request)).get(pk=user.pk)
    counters = [_counter(fresh, request)]
    _charge(request, counters)
    if not fresh.check_password(password):
        return False
    _rightful(request, counters)
    return True


def _permissions(user: User) -> Any:
    """Return app and codename of everything that a person was permitted himself or in a role."""
    permissions = Permission.objects.order_by().values_list("content_type__app_label", "codename")
    if user.is_superuser:
        return permissions
    return permissions.filter(user=user).union(permissions.filter(group__in=held_by(user.pk)))


def _people(name: str, address: str) -> Any:
    """Return at most two, each with `is_known_here`: whether he has signed in from this address."""
    here = {"user_id": OuterRef("pk"), "ip": address}
    is_known_here = Exists(UserSession.objects.filter(**here)) | Exists(ApiSession.objects.filter(**here))
    return User.objects.signing_in_as(name).annotate(is_known_here=is_known_here).order_by("pk")


def _counter(user: Any, request: HttpRequest | None) -> str:
    """Return whose attempts these are.

    Where the person has signed in before, he has a counter of his own, so that nobody who guesses from elsewhere
    can make him wait.
    """
    return f"{user.pk} {client_address(request)}" if request and user.is_known_here else user.pk


def _charge(request: HttpRequest | None, counters: list[str]) -> None:
    attempts = [(throttle.PASSWORDS_OF_ACCOUNT, counter) for counter in counters]
    if request is not None:
        attempts.insert(0, (throttle.PASSWORDS_FROM_ADDRESS, network(client_address(request))))
    throttle.charge(*attempts)


def _rightful(request: HttpRequest | None, counters: list[str]) -> None:
    throttle.forget(*[(throttle.PASSWORDS_OF_ACCOUNT, counter) for counter in counters])
    if request is not None:
        throttle.give_back(throttle.PASSWORDS_FROM_ADDRESS, network(client_address(request)))
