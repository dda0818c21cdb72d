"""The one error of the Parse protocol, and its codes."""

from __future__ import annotations

from enum import IntEnum
from http import HTTPStatus


class Code(IntEnum):
    """What a code tells the app (CONTRACT.md, section 4)."""

    INTERNAL = 1, "internal error; never for something that a client sent"
    NOT_FOUND = 101, "no such object, or not readable, not writable, no session where one is needed; wrong log-in"
    BAD_QUERY = 102, "unknown parameter, bad operator value, ACL in a where"
    BAD_CLASS = 103, "schema of an unknown class"
    BAD_KEY = 105, "bad or reserved key"
    BAD_JSON = 107, "bad JSON"
    UNKNOWN_OPERATION = 108, "unknown __op"
    BAD_TYPE = 111, "wrong type, bad pointer"
    PUSH_UNAVAILABLE = 115, "no push messages here"
    FORBIDDEN = 119, "not allowed: unknown class, unknown field, closed class, hidden field in a query"
    START_OVER = 120, "the cursor of a sync leads on no more: forget the copy and start over"
    NESTED_KEY = 121, "a key within a value of an update has a $ or a dot"
    UNRESOLVED_ACL = 123, "unresolved ACL"
    BAD_EMAIL = 125, "bad e-mail address"
    NO_FILES = 130, "files are not kept here"
    NO_INSTALLATION = 135, "installation without an id"
    FIXED_ON_DEVICE = 136, "installationId, deviceToken or deviceType of an installation cannot become another"
    DUPLICATE = 137, "duplicate value"
    FUNCTION_FAILED = 141, "Cloud function unknown or failed"
    INVALID = 142, "required field missing, or refused by a rule"
    NO_HOOKS = 143, "no hooks here"
    TOO_MANY = 155, "too many attempts; wait as long as Retry-After says"
    DUPLICATE_REQUEST = 159, "duplicate request id"
    NO_USER_ID = 162, "no userId"
    NO_USERNAME = 200, "username missing"
    NO_PASSWORD = 201, "password missing"
    USERNAME_TAKEN = 202, "username taken"
    EMAIL_TAKEN = 203, "e-mail address taken"
    NO_EMAIL = 204, "e-mail address missing"
    NOT_THIS_USER = 206, "changing or deleting a user without being that user"
    BAD_SESSION = 209, "bad session token"
    NO_SUCH_PROVIDER = 252, "unknown third-party log-in"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Code:
        """Make a member of its number, with what it means beside."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


_STATUS: dict[Code | None, HTTPStatus] = {
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.START_OVER: HTTPStatus.GONE,
    Code.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
}


class ParseError(Exception):
    """A request that is refused: HTTP status, code (None for the 403s and unknown paths) and a text for people."""

    def __init__(self, code: Code | None, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = int(status or _STATUS.get(code, HTTPStatus.BAD_REQUEST))

    def body(self) -> dict[str, object]:
        """Return what the app gets."""
        return {"error": self.message} if self.code is None else {"code": int(self.code), "error": self.message}


def not_found() -> ParseError:
    """Return the answer to everything that is not there or not for the caller."""
    return ParseError(Code.NOT_FOUND, "Object not found.")


def unauthorized() -> ParseError:
    """Return the answer to wrong keys, and to who needs the master key."""
    return ParseError(None, "unauthorized", status=HTTPStatus.FORBIDDEN)


def no_route() -> ParseError:
    """Return the answer to a path or verb that does not exist."""
    return ParseError(None, "There is nothing at this address.", status=HTTPStatus.NOT_FOUND)


def too_many(seconds: int) -> ParseError:
    """Return the answer to who has to wait before another attempt."""
    return ParseError(Code.TOO_MANY, f"Too many attempts. Try again in {seconds} seconds.")
