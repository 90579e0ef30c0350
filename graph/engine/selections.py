"""What an operation selects of a type: fragments opened, fields of one key merged, `@skip` and `@include` decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
)

from graph.engine.limits import fragments_of


@dataclass(frozen=True)
class Selected:
    """A field of the answer: its key, its definition, and the places of the document that ask for it."""

    key: str
    name: str
    definition: GraphQLField | None  # None for `__typename`
    nodes: list[FieldNode]

    @property
    def output(self) -> GraphQLOutputType:
        """The type of the field."""
        assert self.definition is not None
        return self.definition.type

    @property
    def object(self) -> GraphQLObjectType:
        """The type of the objects the field answers, whatever is around it."""
        found = get_named_type(self.output)
        assert isinstance(found, GraphQLObjectType)
        return found


class Selections:
    """The selections of one operation, with the variables that decide about fields already known."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self._fragments = fragments_of(document)
        self._variables = variables

    def of(self, parent: GraphQLObjectType, nodes: Iterable[FieldNode | OperationDefinitionNode]) -> list[Selected]:
        """The fields of an object that these places of the document select, in the order of the answer."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for node in nodes:
            if node.selection_set is not None:
                self._collect(parent, node.selection_set.selections, found, seen)
        return [
            Selected(key, fields[0].name.value, self.schema.get_field(parent, fields[0].name.value), fields)
            if fields[0].name.value != "__typename"
            else Selected(key, "__typename", None, fields)
            for key, fields in found.items()
        ]

    def _collect(
        self,
        parent: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for selection in selections:
            if not self._included(selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(selection, InlineFragmentNode):
                fragment = selection
            else:
                name = selection.name.value  # type: ignore[attr-defined]
                if name in seen:
                    continue
                seen.add(name)
                fragment = self._fragments[name]
            if self._applies(parent, fragment):
                self._collect(parent, fragment.selection_set.selections, found, seen)

    def _applies(self, parent: GraphQLObjectType, fragment: InlineFragmentNode | FragmentDefinitionNode) -> bool:
        if fragment.type_condition is None:
            return True
        wanted: GraphQLNamedType | None = self.schema.get_type(fragment.type_condition.name.value)
        if wanted is parent:
            return True
        if not is_abstract_type(wanted):
            return False
        abstract: GraphQLAbstractType = wanted
        return self.schema.is_sub_type(abstract, parent)

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name in ("skip", "include") and self._condition(directive) is (name == "skip"):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        value = (directive.arguments or ())[0].value
        if isinstance(value, VariableNode):
            return bool(self._variables[value.name.value])
        assert isinstance(value, BooleanValueNode)
        return value.value


def deciding_variables(document: DocumentNode, operation: OperationDefinitionNode) -> tuple[str, ...]:
    """Names of the variables of an operation on which it depends whether a field is in the answer."""
    declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    found: set[str] = set()
    waiting: list[Any] = [operation, *fragments_of(document).values()]
    while waiting:
        node = waiting.pop()
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        found.add(argument.value.name.value)
        if getattr(node, "selection_set", None) is not None:
            waiting += node.selection_set.selections
    return tuple(sorted(found & declared))
