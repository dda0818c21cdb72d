"""The endpoints that read classes: lists and single objects."""

from __future__ import annotations

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.protocol import Call
from parse_api.queries import find as queries


def find(call: Call, caller: Caller, class_name: str) -> Answer:
    """List what a query finds in a class."""
    return Answer(queries.find(caller, class_name, call.params))


def get(call: Call, caller: Caller, class_name: str, pk: str) -> Answer:
    """Answer one object of a class."""
    return Answer(queries.get(caller, class_name, pk, call.params))


def find_users(call: Call, caller: Caller) -> Answer:
    """List people."""
    return find(call, caller, "_User")


def get_user(call: Call, caller: Caller, pk: str) -> Answer:
    """Answer a person; to himself with the token that he sent, as SDKs expect when they fetch the current user."""
    answer = get(call, caller, "_User", pk)
    if caller.user is None or caller.user.pk != pk:
        return answer
    return Answer(answer.body.removesuffix(b"}") + b',"sessionToken":"%b"}' % caller.token.encode())
