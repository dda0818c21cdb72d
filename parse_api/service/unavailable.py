"""What Parse servers can do and this one does not: answered with the protocol's own errors, so that apps can tell."""

from __future__ import annotations

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError
from parse_api.protocol import Call


def track_event(_call: Call, _caller: Caller, _name: str) -> Answer:
    """Take an event of the SDKs' analytics; nobody keeps it."""
    return Answer({})


def run_function(_call: Call, _caller: Caller, name: str) -> Answer:
    """Refuse a Cloud function: there are none."""
    raise ParseError(Code.FUNCTION_FAILED, f"Invalid function: {name[:100]!r}")


def run_job(_call: Call, caller: Caller, *_name: str) -> Answer:
    """Refuse a background job: there are none."""
    caller.need_master()
    raise ParseError(Code.FUNCTION_FAILED, "There are no jobs here.")


def push(_call: Call, caller: Caller) -> Answer:
    """Refuse a push message."""
    caller.need_master()
    raise ParseError(Code.PUSH_UNAVAILABLE, "Push messages are not sent from here.")


def list_hooks(_call: Call, caller: Caller, *_name: str) -> Answer:
    """List the hooks: none."""
    caller.need_master()
    return Answer([])


def keep_hook(_call: Call, caller: Caller, *_name: str) -> Answer:
    """Refuse to keep a hook."""
    caller.need_master()
    raise ParseError(Code.NO_HOOKS, "Hooks are not kept here.")


def keep_file(_call: Call, _caller: Caller, *_name: str) -> Answer:
    """Refuse to keep a file."""
    raise ParseError(Code.NO_FILES, "Files are not kept here.")


def delete_file(_call: Call, caller: Caller, _name: str) -> Answer:
    """Refuse to delete a file: there are none."""
    caller.need_master()
    raise ParseError(Code.NO_FILES, "Files are not kept here.")
