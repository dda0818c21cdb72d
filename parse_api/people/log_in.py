"""Log-in: the same check, the same counters and the same answer to every failure as at the other doors."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate

from accounts import mail, throttle
from accounts.address import client_address, network
from accounts.forms import LONGEST_PASSWORD, ResetPasswordForm
from accounts.models import User
from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError
from parse_api.people import sessions
from parse_api.people.user_object import shown
from parse_api.protocol import Call
from records.log import written_by


def log_in(call: Call, _caller: Caller) -> Answer:
    """Answer the person whose name and password these are, with the token of a new session."""
    person = _person(call)
    return Answer(_signed_in(call, person, sessions.LOG_IN))


def verify_password(call: Call, _caller: Caller) -> Answer:
    """Answer the person whose name and password these are; no session begins."""
    return Answer(shown(_person(call)))


def log_in_as(call: Call, caller: Caller) -> Answer:
    """Begin a session of anybody, with the master key."""
    if not caller.is_master:
        raise ParseError(Code.FORBIDDEN, "This needs the master key.")
    pk = call.params.get("userId")
    if not isinstance(pk, str) or not pk:
        raise ParseError(Code.NO_USER_ID, "userId is required")
    person = User.objects.active().filter(pk=pk).first()
    if person is None:
        raise ParseError(Code.NOT_FOUND, "user not found")
    return Answer(_signed_in(call, person, sessions.LOG_IN_AS))


def request_password_reset(call: Call, _caller: Caller) -> Answer:
    """Send a link to who has the address; to others it says and takes the same."""
    email = call.params.get("email")
    if not email:
        raise ParseError(Code.NO_EMAIL, "you must provide an email")
    form = ResetPasswordForm({"email": email if isinstance(email, str) else ""})
    if not form.is_valid():
        raise ParseError(Code.BAD_EMAIL, "you must provide a valid email string")
    throttle.charge((throttle.RESETS_FROM_ADDRESS, network(client_address(call.request))))
    mail.send_reset_link(form.person())
    return Answer({})


def wrong() -> ParseError:
    """Return the answer to every log-in that fails, whatever the reason."""
    return ParseError(Code.NOT_FOUND, "Invalid username/password.")


def _person(call: Call) -> User:
    """Return whose name and password were sent; names count with their letter case, as apps are used to."""
    username, email, password = (call.params.get(key) for key in ("username", "email", "password"))
    if not _is_given(username) and not _is_given(email):
        raise ParseError(Code.NO_USERNAME, "username/email is required.")
    if not _is_given(password):
        raise ParseError(Code.NO_PASSWORD, "password is required.")
    names = [name for name in (username, email) if _is_given(name)]
    if not all(isinstance(name, str) for name in names):
        raise wrong()
    if not isinstance(password, str) or len(password) > LONGEST_PASSWORD:
        raise wrong()
    person = authenticate(call.request, username=names[0], password=password)
    if not isinstance(person, User) or not _are_of(person, username, email):
        raise wrong()
    return person


def _is_given(value: object) -> bool:
    """Tell whether something was sent, if only an empty list or object, which then is wrong."""
    return bool(value) or isinstance(value, (dict, list))


def _are_of(person: User, username: Any, email: Any) -> bool:
    return (not username or username in (person.username, person.email)) and (not email or email == person.email)


def _signed_in(call: Call, person: User, created_with: dict[str, str]) -> dict[str, Any]:
    """Begin a session unless the password changed, or the person was deactivated, since it was looked at."""

    def write() -> str:
        locked = User.objects.active().select_for_update(no_key=True)
        if not locked.filter(pk=person.pk, password=person.password).exists():
            raise wrong()
        return sessions.begin(call, person, created_with)[1]

    return {**shown(person), "sessionToken": written_by(person, write)}
