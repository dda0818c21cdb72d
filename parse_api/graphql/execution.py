"""Runs an operation: its fields in turn, each its own answer or error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import InternalError, OperationalError
from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableValues,
    execute_sync,
    get_argument_values,
    get_variable_values,
    is_non_null_type,
)

from accounts.throttle import TooManyAttempts
from parse_api.caller import Caller
from parse_api.errors import Code, ParseError, too_many
from parse_api.graphql import mutations, queries
from parse_api.graphql.documents import OF_SCHEMA, Document
from parse_api.graphql.errors import BAD_USER_INPUT, FORBIDDEN, VALIDATION_FAILED, Refused, of_field, refused
from parse_api.graphql.plans import Late, Planner, Root, repeats
from parse_api.graphql.run import Budget, Run
from parse_api.graphql.schema import SCHEMA
from parse_api.graphql.texts import joined, text_of
from parse_api.idempotency import claim
from parse_api.limits import GRAPHQL_REPEATS, INTERNAL_ERROR, QUERY_CANCELED
from parse_api.protocol import Call
from records.log import written_by

_RESOLVERS = {OperationType.QUERY: queries.RESOLVERS, OperationType.MUTATION: mutations.RESOLVERS}
_MOST_ERRORS = 5
_TOO_MUCH = (QUERY_CANCELED, INTERNAL_ERROR, "54000")
"""States of a statement that took too long, or made more text than PostgreSQL holds in one value."""


def run(
    call: Call, caller: Caller, document: Document, operation: OperationDefinitionNode, sent: dict[str, Any]
) -> str:
    """Return the JSON of the answer to an operation; `sent` are its variables. Raises Refused when nothing is run."""
    if document.asks_schema and not caller.is_master:
        raise refused(FORBIDDEN, "The schema is for the master key.")
    variables = _variables(operation, sent)
    roots, late = _plan(document, operation, variables)
    asked = [(each, _arguments(operation, each, variables)) for each in roots]
    if operation.operation is OperationType.MUTATION and call.request_id and roots:
        try:
            written_by(caller.user, lambda: claim(call.request_id))
        except ParseError as error:
            return _answer([], [of_field(roots[0], error)], is_null=True)
    known = _of_schema(document, operation, roots, sent) if document.asks_schema else {}
    return _run_all(operation, asked, Run(call, caller, variables, late, Budget()), known)


def _variables(operation: OperationDefinitionNode, sent: dict[str, Any]) -> VariableValues:
    found = get_variable_values(
        SCHEMA, operation.variable_definitions or (), sent, max_errors=_MOST_ERRORS, hide_suggestions=True
    )
    if isinstance(found, list):
        raise Refused(BAD_USER_INPUT, found)
    return found


def _plan(
    document: Document, operation: OperationDefinitionNode, variables: VariableValues
) -> tuple[list[Root], list[Late]]:
    """Return the fields of an operation, ready; they are made once for all values that leave the same fields out."""
    switched = tuple((name, variables.coerced.get(name)) for name in sorted(document.switches))
    key = (operation.name and operation.name.value, switched)
    found = document.plans.get(key)
    if found is None:
        planner = Planner(SCHEMA, document.fragments, variables)
        try:
            found = planner.roots(_type(operation), operation.selection_set), planner.late
        except GraphQLError as error:
            raise Refused(BAD_USER_INPUT, [error]) from error
        if any(repeats(each.plan) > GRAPHQL_REPEATS for each in found[0]):
            raise refused(VALIDATION_FAILED, f"An object shows one field {GRAPHQL_REPEATS} times at most.")
        document.keep(key, found)
    return found


def _type(operation: OperationDefinitionNode) -> Any:
    return SCHEMA.get_root_type(operation.operation)


def _arguments(operation: OperationDefinitionNode, asked: Root, variables: VariableValues) -> dict[str, Any]:
    definition = _type(operation).fields.get(asked.name)
    if definition is None:
        return {}
    try:
        return get_argument_values(definition, asked.node, variables, hide_suggestions=True)
    except GraphQLError as error:
        raise Refused(BAD_USER_INPUT, [error]) from error


def _run_all(
    operation: OperationDefinitionNode, asked: list[tuple[Root, dict[str, Any]]], run: Run, known: Mapping[str, str]
) -> str:
    """Run the fields in turn; where one must not be null an error ends it all."""
    done: list[tuple[str, str]] = []
    errors = []
    for root, arguments in asked:
        if root.name.startswith("__"):
            done.append((root.key, known.get(root.key, f'"{_type(operation).name}"')))
            continue
        try:
            done.append((root.key, _run_one(operation.operation, root, arguments, run)))
        except ParseError as error:
            errors.append(of_field(root, error))
            if is_non_null_type(_type(operation).fields[root.name].type):
                return _answer([], errors, is_null=True)
            done.append((root.key, "null"))
    return _answer(done, errors)


def _run_one(kind: OperationType, root: Root, arguments: dict[str, Any], run: Run) -> str:
    """Return the answer to one field; what takes the database too long is an error of the request, not of ours.

    A mutation that was done is answered, however long that is; the next one is not begun.
    """
    run.budget.show(0)
    try:
        found = _RESOLVERS[kind][root.name](root, arguments, run)
    except TooManyAttempts as refusal:
        raise too_many(refusal.seconds) from refusal
    except (OperationalError, InternalError) as problem:
        if getattr(problem.__cause__, "sqlstate", None) not in _TOO_MUCH:
            raise
        raise ParseError(Code.BAD_QUERY, "This takes too long, or is too much.") from problem
    if kind is OperationType.MUTATION:
        run.budget.shown += len(found)
    else:
        run.budget.show(len(found))
    return found


def _answer(done: list[tuple[str, str]], errors: list[dict[str, Any]], *, is_null: bool = False) -> str:
    data = ("data", "null" if is_null else joined(done))
    return joined([("errors", text_of(None, errors)), data] if errors else [data])


def _of_schema(
    document: Document, operation: OperationDefinitionNode, roots: list[Root], sent: dict[str, Any]
) -> dict[str, str]:
    """Return what is asked of the schema, which the library tells, by its key in the answer."""
    nodes = [node for each in roots if each.name in OF_SCHEMA for node in each.nodes]
    if not nodes:
        return {}
    only = OperationDefinitionNode(
        operation=operation.operation,
        variable_definitions=operation.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    result = execute_sync(SCHEMA, DocumentNode(definitions=(only, *document.fragments.values())), variable_values=sent)
    if result.data is None:
        raise Refused(BAD_USER_INPUT, result.errors or [])
    return {key: text_of(None, value) for key, value in result.data.items()}
