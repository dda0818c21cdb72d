"""What is answered instead of data: a request that GraphQL refuses, and the errors of the protocol in a field."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from graphql import GraphQLError

from parse_api.errors import Code, ParseError
from parse_api.graphql.plans import Root

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT = "BAD_USER_INPUT"
BAD_REQUEST = "BAD_REQUEST"
NO_OPERATION = "OPERATION_RESOLUTION_FAILURE"
FORBIDDEN = "FORBIDDEN"
REFUSALS = {
    PARSE_FAILED: HTTPStatus.BAD_REQUEST,
    VALIDATION_FAILED: HTTPStatus.BAD_REQUEST,
    BAD_USER_INPUT: HTTPStatus.BAD_REQUEST,
    BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    NO_OPERATION: HTTPStatus.BAD_REQUEST,
    FORBIDDEN: HTTPStatus.FORBIDDEN,
}
"""The status of a request that is not run, by the code of its errors."""


class Refused(Exception):  # noqa: N818 - it carries errors
    """A request of which nothing is run; `code` is one of REFUSALS."""

    def __init__(self, code: str, errors: Sequence[GraphQLError], *, status: int | None = None) -> None:
        super().__init__(code)
        self.status = int(status or REFUSALS[code])
        self.errors = [_shown(each, code) for each in errors]


def refused(code: str, message: str, *, status: int | None = None) -> Refused:
    """Return the refusal with one error of these words."""
    return Refused(code, [GraphQLError(message)], status=status)


def of_field(asked: Root, error: ParseError) -> dict[str, Any]:
    """Return the error of a field as an answer lists it; its code is the number of the protocol."""
    told = GraphQLError(error.message, asked.node, path=[asked.key])
    return _shown(told, int(error.code or Code.FORBIDDEN))


def _shown(error: GraphQLError, code: str | int) -> dict[str, Any]:
    return {**error.formatted, "extensions": {"code": code}}
