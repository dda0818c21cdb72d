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

_STAMPS = ("createdAt", "updatedAt", "__type")
_SETTABLE = ("username", "password", "email", "displayName", "ACL", "authData")
_EMAIL = re.compile(r"[^\s@\x00-\x1f]+@[^\s\x00-\x1f]+")
_MISSING = {
    "username": (Code.NO_USERNAME, "bad or missing username"),
    "password": (Code.NO_PASSWORD, "password is required"),
    "email": (Code.NO_EMAIL, "an email is required"),
}


def checked(params: Mapping[str, Any], user: User, *, is_new: bool) -> dict[str, str]:
    """Return the values to set on `user`, who is as he was before; raises ParseError for the first that is wrong."""
    _refuse_keys(params, is_new=is_new)
    if "ACL" in params and params["ACL"] is not None:
        CODECS[CLASSES["_User"].fields["ACL"].kind].decode(CLASSES["_User"].fields["ACL"], params["ACL"])
    if params.get("authData"):
        raise ParseError(Code.NO_SUCH_PROVIDER, "This authentication method is unsupported.")
    asked = _MISSING if is_new else [key for key in _MISSING if key in params]
    values = {key: _given(params, key) for key in asked}
    if "displayName" in params:
        values["display_name"] = _display_name(params["displayName"])
    _check_names(values, user)
    if "password" in values:
        _check_password(values, user)
    return values


def _refuse_keys(params: Mapping[str, Any], *, is_new: bool) -> None:
    for key in params:
        if key in _SETTABLE or key in _STAMPS or (key == "objectId" and not is_new):
            continue
        is_reserved = key in ("objectId", "id") or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", key)
        raise ParseError(Code.BAD_KEY if is_reserved else Code.FORBIDDEN, f"{key} cannot be set.")


def _given(params: Mapping[str, Any], key: str) -> str:
    value = params.get(key)
    if isinstance(value, dict) and value.get("__op") == "Delete":
        value = None
    if key == "email" and value is not None and not isinstance(value, str):
        raise ParseError(Code.BAD_TYPE, "email is a String.")
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


def _check_names(values: Mapping[str, str], user: User) -> None:
    if "username" in values:
        _check_length("username", values["username"], "username")
        _check_free(Code.USERNAME_TAKEN, free_username, values["username"], user)
    if "email" in values:
        if not _EMAIL.fullmatch(values["email"]):
            raise ParseError(Code.BAD_EMAIL, "Email address format is invalid.")
        _check_length("email", values["email"], "email")
        _check_free(Code.EMAIL_TAKEN, free_email, values["email"], user)


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
