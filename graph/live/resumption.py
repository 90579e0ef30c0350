"""Where a subscription over HTTP begins: behind `after`, or behind the event that `Last-Event-ID` names."""

from __future__ import annotations

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NullValueNode,
    ValueNode,
    VariableNode,
)

from domain.errors import ApiError, ErrorCode, texts
from graph.engine.operations import Accepted

ARGUMENT = "after"
HEADER = "Last-Event-ID"

texts(
    {
        "resume": (
            "Resuming by Last-Event-ID needs a variable as the argument `after`.",
            "Zum Fortsetzen mit Last-Event-ID muss das Argument `after` eine Variable sein.",
        ),
    }
)


def resume(schema: GraphQLSchema, accepted: Accepted, last_event: str) -> None:
    """Continue behind an event: its id becomes the value of the variable that is the argument `after`.

    INVALID_INPUT when no variable is: to begin somewhere else would lose events without a word. A field without the
    argument keeps no past, so it begins now, as ever.
    """
    field = _root_field(accepted)
    if not _is_durable(schema, field):
        return
    value = _after(field)
    if not isinstance(value, VariableNode):
        raise ApiError(ErrorCode.INVALID_INPUT, field=[HEADER], rule="resume")
    accepted.call.variables = accepted.call.variables | {value.name.value: last_event}


def begins_now(schema: GraphQLSchema, accepted: Accepted) -> bool:
    """Whether a durable stream starts at its present end, because nothing says otherwise."""
    field = _root_field(accepted)
    if not _is_durable(schema, field):
        return False
    value = _after(field)
    if isinstance(value, VariableNode):
        name = value.name.value
        definitions = accepted.operation.definition.variable_definitions or ()
        default = next(found.default_value for found in definitions if found.variable.name.value == name)
        return accepted.call.variables.get(name, default) is None
    return value is None or isinstance(value, NullValueNode)


def _is_durable(schema: GraphQLSchema, field: FieldNode) -> bool:
    assert schema.subscription_type is not None
    return ARGUMENT in schema.subscription_type.fields[field.name.value].args


def _after(field: FieldNode) -> ValueNode | None:
    return next((found.value for found in field.arguments or () if found.name.value == ARGUMENT), None)


def _root_field(accepted: Accepted) -> FieldNode:
    """A subscription has one root field, validation has made sure of that; it may stand in fragments."""
    definitions = accepted.prepared.document.definitions
    fragments = {found.name.value: found for found in definitions if isinstance(found, FragmentDefinitionNode)}
    node = accepted.operation.definition.selection_set.selections[0]
    while not isinstance(node, FieldNode):
        assert isinstance(node, FragmentSpreadNode | InlineFragmentNode)
        inner = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        node = inner.selection_set.selections[0]
    return node
