"""What a sign-up and an update may say of a user, and the errors of what they may not (CONTRACT.md, section 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.forms import LONGEST_PASSWORD
from accounts.models import User
from accounts.unique_names import free_email, free_username
from parse_api.classes import CLASSES
from parse_api.codecs import CODECS
from parse_api.errors import Code, ParseError
from parse_api.writes.keys import written

_SETTABLE = ("username", "password", "email", "displayName", "ACL", "authData")
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s\x00-\x1f]+")
_MISSING = {
    "username": (Code.NO_USERNAME, "bad or missing username"),
    "password": (Code.NO_PASSWORD, "password is required"),
    "email": (Code.NO_EMAIL, "an email is required"),
}


def checked(params: Mapping[str, Any], user: User, *, is_new: bool) -> dict[str, Any]:
    """Return the values to set on `user`, who is as he was before; raises ParseError for the first that is wrong."""
    written(params, "_User", _SETTABLE, is_new=is_new, are_texts=True)
    acl = _acl(params.get("ACL"))
    auth_data = params.get("authData")
    if not isinstance(auth_data, dict | None):
        raise ParseError(Code.BAD_TYPE, "authData is an Object.")
    if auth_data:
        raise ParseError(Code.NO_SUCH_PROVIDER, "This authentication method is unsupported.")
    asked = _MISSING if is_new else [key for key in _MISSING if key in params]
    values: dict[str, Any] = {key: _given(params, key, is_new=is_new) for key in asked if key != "email"}
    _check_username(values, user)
    if "email" in asked:
        values["email"] = _given(params, "email", is_new=is_new)
        _check_email(values["email"], user)
    if acl is not None:
        values["acl"] = acl
    if "displayName" in params:
        values["display_name"] = _display_name(params["displayName"])
    if "password" in values:
        _check_password(values, user)
    return values


def _acl(value: Any) -> Any:
    """Return an ACL to be kept; the user's own entry is added to it whenever it is shown."""
    if value is None:
        return None
    field = CLASSES["_User"].fields["ACL"]
    return CODECS[field.kind].decode(field, value)


def _given(params: Mapping[str, Any], key: str, *, is_new: bool) -> str:
    """Return what must be there, which is not empty; in a sign-up what is no name and no password is a missing one."""
    value = params.get(key)
    if isinstance(value, dict) and value.get("__op") == "Delete":
        value = None
    if (key == "email" or not is_new) and value is not None and not isinstance(value, str):
        raise ParseError(Code.BAD_TYPE, f"{key} is a String.")
    if not isinstance(value, str) or not value:
        raise ParseError(*_MISSING[key])
    return value


def _display_name(value: Any) -> str:
    if value is None or (isinstance(value, dict) and value.get("__op") == "Delete"):
        return ""
    if not isinstance(value, str):
        raise ParseError(Code.BAD_TYPE, "displayName is a String.")
    _check_length("displayName", value, "display_name")
    return value


def _check_username(values: Mapping[str, str], user: User) -> None:
    if "username" in values:
        _check_length("username", values["username"], "username")
        _check_free(Code.USERNAME_TAKEN, free_username, values["username"], user)


def _check_email(email: str, user: User) -> None:
    if not _EMAIL.fullmatch(email):
        raise ParseError(Code.BAD_EMAIL, "Email address format is invalid.")
    _check_length("email", email, "email")
    _check_free(Code.EMAIL_TAKEN, free_email, email, user)


def _check_free(code: Code, refuse_taken: Any, name: str, user: User) -> None:
    try:
        refuse_taken(name, user)
    except ValidationError as error:
        raise ParseError(code, " ".join(error.messages)) from error


def _check_length(name: str, value: str, column: str) -> None:
    longest: int = User._meta.get_field(column).max_length  # type: ignore[union-attr, assignment]
    if len(value) > longest:
        raise ParseError(Code.INVALID, f"{name} has at most {longest} characters.")


def _check_password(values: Mapping[str, str], user: User) -> None:
    """Hold the site's one policy, with the names that the user will have."""
    password = values["password"]
    if len(password) > LONGEST_PASSWORD:
        raise ParseError(Code.INVALID, f"A password has at most {LONGEST_PASSWORD} characters.")
    named = User(username=values.get("username", user.username), email=values.get("email", user.email))
    try:
        validate_password(password, named)
    except ValidationError as error:
        raise ParseError(Code.INVALID, " ".join(error.messages)) from error
