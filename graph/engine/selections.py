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
    Visitor,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    visit,
)

from graph.engine.limits import fragments_of

PLACE = "after"  # argument of a subscription that says where its stream begins


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


def content_variables(document: DocumentNode, operation: OperationDefinitionNode) -> tuple[str, ...]:
    """Names of the variables that decide which events are answered and how: all but the place a stream begins at."""
    found: set[str] = set()
    inside: list[Any] = list(fragments_of(document).values())
    for selection in operation.selection_set.selections:
        inside += selection.directives or ()
        if isinstance(selection, FieldNode):
            inside += [given for given in selection.arguments or () if given.name.value != PLACE]
            inside.append(selection.selection_set)
        else:
            inside.append(selection)
    for node in filter(None, inside):
        visit(node, _Names(found))
    return tuple(sorted(found))


class _Names(Visitor):
    """Collects the names of variables."""

    def __init__(self, found: set[str]) -> None:
        super().__init__()
        self._found = found

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self._found.add(node.name.value)


class _Steps:
    """Counts the fields of an operation that read something; every fragment once, however often it is spread."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)
        self._known: dict[str, int] = {}

    def of(self, selections: Iterable[SelectionNode], parent: GraphQLNamedType | None) -> int:
        found = 0
        for selection in selections:
            if isinstance(selection, FieldNode):
                found += self._field(selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                inner = (
                    self._schema.get_type(selection.type_condition.name.value) if selection.type_condition else parent
                )
                found += self.of(selection.selection_set.selections, inner)
            else:
                found += self._fragment(selection.name.value)  # type: ignore[attr-defined]
        return found

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            fragment = self._fragments[name]
            inner = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name] = self.of(fragment.selection_set.selections, inner)
        return self._known[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> int:
        if node.selection_set is None or not is_composite_type(parent):
            return 0
        field = self._schema.get_field(parent, node.name.value)
        if field is None:
            return 0
        target = get_named_type(field.type)
        reads = is_abstract_type(target) or "id" in getattr(target, "fields", ())
        return int(reads) + self.of(node.selection_set.selections, target)


def count_steps(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """How many joins, lists and reads the largest root field asks for; what its statement would have to hold."""
    steps, fragments = _Steps(schema, document), fragments_of(document)
    root = schema.get_root_type(operation.operation)
    largest, seen = 0, set[str]()
    waiting: list[Any] = [*operation.selection_set.selections]
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            largest = max(largest, steps.of([selection], root))
        elif isinstance(selection, InlineFragmentNode):
            waiting += selection.selection_set.selections
        elif selection.name.value not in seen:
            seen.add(selection.name.value)
            waiting += fragments[selection.name.value].selection_set.selections
    return largest
