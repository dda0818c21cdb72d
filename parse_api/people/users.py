"""The Parse class _User: sign-up, oneself, changes and the end of an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import throttle
from accounts.address import client_address, is_from_this_machine, network
from accounts.models import User
from accounts.rank import is_last_manager
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.codecs import format_date
from parse_api.errors import Code, ParseError, not_found
from parse_api.identity import bad_session, confirm, hold_session
from parse_api.people import sessions
from parse_api.people.user_fields import checked
from parse_api.people.user_object import shown
from parse_api.protocol import Call


def sign_up(call: Call, caller: Caller) -> Answer:
    """Make an account and a session of it; with the master key also where sign-up is closed, and without a session."""
    if not caller.is_master:
        if not settings.CRM_SIGNUP:
            raise ParseError(Code.FORBIDDEN, "Accounts are made by a manager here.")
        _count(call)
    user = User()
    values = checked(call.params, user, is_new=True)
    user.set_password(values.pop("password"))
    _save(user, values)
    user.refresh_from_db(fields=["created_at"])
    body = {"objectId": user.pk, "createdAt": format_date(user.created_at)}
    if not caller.is_master:
        body["sessionToken"] = sessions.begin(call, user, sessions.SIGN_UP)[1]
    return Answer(body, status=201, location=f"/users/{user.pk}")


def me(_call: Call, caller: Caller) -> Answer:
    """Answer the caller, with the token that he sent."""
    if caller.user is None:
        raise bad_session()
    confirm(caller)
    return Answer({**shown(caller.user), "sessionToken": caller.token})


def update(call: Call, caller: Caller, pk: str) -> Answer:
    """Change the caller's own account; a new password ends all his sessions and begins a new one."""
    user = _own(caller, pk)
    values = checked(call.params, user, is_new=False)
    password = values.pop("password", None)
    if password is not None:
        user.set_password(password)
        values["password"] = user.password
    _save(user, values)
    user.refresh_from_db(fields=["updated_at"])
    body = {"updatedAt": format_date(user.updated_at)}
    if password is not None and not caller.is_master:
        body["sessionToken"] = sessions.begin(call, user, sessions.LOG_IN)[1]
    return Answer(body)


def delete(_call: Call, caller: Caller, pk: str) -> Answer:
    """End the caller's own account, and every session of it."""
    user = _own(caller, pk)
    if not caller.is_master and is_last_manager(user):
        raise ParseError(Code.FORBIDDEN, "You are the last manager: make another one first.")
    user.delete()
    return Answer({})


def _own(caller: Caller, pk: str) -> User:
    """Return the caller, or with the master key anybody, with the row locked.

    Whoever held the row may have ended the caller's session: a stolen one must not set the next password.
    """
    confirm(caller)
    if not caller.is_master and (caller.user is None or caller.user.pk != pk):
        raise ParseError(Code.NOT_THIS_USER, "Cannot modify another user.")
    user: User | None = User.objects.select_for_update(no_key=True).filter(pk=pk).first()
    hold_session(caller)
    if user is None:
        raise not_found()
    return user


def _save(user: User, values: dict[str, Any]) -> None:
    """Write these columns and nothing else; a name that was taken a moment ago is refused as well."""
    for column, value in values.items():
        setattr(user, column, value)
    columns = None if user._state.adding else [*values, *(() if values else ("username",))]
    try:
        with transaction.atomic():
            user.save(update_fields=columns)
    except IntegrityError as error:
        if "user_email_unique" in str(error):
            raise ParseError(Code.EMAIL_TAKEN, "This e-mail address is taken.") from error
        if "user_username_unique" in str(error):
            raise ParseError(Code.USERNAME_TAKEN, "This username is taken.") from error
        raise


def _count(call: Call) -> None:
    """Count a sign-up, valid or not, as the page does; those made on this machine are no strangers'."""
    if not is_from_this_machine(call.request):
        throttle.charge((throttle.SIGN_UPS_FROM_ADDRESS, network(client_address(call.request))))
