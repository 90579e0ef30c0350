"""What a document asks for: depth, aliases, repetitions, directives, root mutations and cost.

Measured on the parsed document before standard validation, because the validation of a document made to hurt is
itself dear. Every fragment is measured once, however often it is spread, so the work is linear in the text. Nothing
here assumes a valid document: unknown names count as leaves, and a cycle of fragments ends where it closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
)

from domain.errors import ApiError, ErrorCode
from settings import Limits

DEFAULT_PAGE = 20
MAX_PAGE = 100
UNSIZED_LIST = 5
MOST = 2**31 - 1
WRAPPERS = ("Connection", "Edge", "Payload", "PageInfo", "PageMeta")
SIZES = frozenset({"first", "last", "page", "ids"})
INTROSPECTION = frozenset({"__schema", "__type"})


def too_complex(what: str, requested: int, maximum: int) -> ApiError:
    return ApiError(ErrorCode.QUERY_TOO_COMPLEX, status=400, what=what, requested=min(requested, MOST), maximum=maximum)


def too_deep(requested: int, maximum: int) -> ApiError:
    return ApiError(ErrorCode.QUERY_TOO_DEEP, status=400, what="depth", requested=min(requested, MOST), maximum=maximum)


def check_shape(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document that is too deep or repeats too much; says nothing about cost."""
    try:
        _Shape(document, limits).check()
    except RecursionError:
        # Fragments chained deeper than Python can follow are deeper than any limit.
        raise too_deep(MOST, limits.depth) from None


@dataclass(frozen=True, slots=True)
class _Measure:
    """Depth, number of root fields, and per root field the number of fields it stands for; spreads included."""

    depth: int
    fields: int
    sizes: Mapping[str, int]


NOTHING = _Measure(0, 0, {})


class _Shape:
    """One walk over a document."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self.document = document
        self.limits = limits
        self.fragments = fragments_of(document)
        self.measured: dict[str, _Measure] = {}
        self.aliases = 0
        self.directives = 0
        self.repeated = 0
        self.spreads = 0

    def check(self) -> None:
        operations = []
        for definition in self.document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._count_directives(definition.directives)
                for variable in definition.variable_definitions or ():
                    self._count_directives(variable.directives)
                operations.append((definition, self._measure(definition.selection_set)))
            elif isinstance(definition, FragmentDefinitionNode):
                self._fragment(definition.name.value)
        self._check_counts()
        for definition, measure in operations:
            maximum = self.limits.depth
            if root_names(definition, self.fragments) <= INTROSPECTION:
                maximum = self.limits.introspection_depth
            if measure.depth > maximum:
                raise too_deep(measure.depth, maximum)
            if definition.operation is OperationType.MUTATION and measure.fields > self.limits.mutations:
                raise too_complex("mutations", measure.fields, self.limits.mutations)

    def _check_counts(self) -> None:
        for what, requested, maximum in (
            ("aliases", self.aliases, self.limits.aliases),
            ("directives", self.directives, self.limits.directives),
            ("repeated fields", self.repeated, self.limits.repeated_fields),
        ):
            if requested > maximum:
                raise too_complex(what, requested, maximum)

    def _fragment(self, name: str) -> _Measure:
        if name not in self.measured:
            self.measured[name] = NOTHING  # what a cycle adds where it closes
            fragment = self.fragments.get(name)
            if fragment is not None:
                self._count_directives(fragment.directives)
                self.measured[name] = self._measure(fragment.selection_set)
        return self.measured[name]

    def _measure(self, selection_set: SelectionSetNode) -> _Measure:
        depth = fields = 0
        sizes: dict[str, int] = {}
        for selection in selection_set.selections:
            self._count_directives(selection.directives)
            if isinstance(selection, FieldNode):
                found = self._field(selection)
            elif isinstance(selection, FragmentSpreadNode):
                self.spreads += 1
                if self.spreads > self.limits.fragment_spreads:
                    raise too_complex("fragment spreads", self.spreads, self.limits.fragment_spreads)
                found = self._fragment(selection.name.value)
            else:
                assert isinstance(selection, InlineFragmentNode)
                found = self._measure(selection.selection_set)
            depth = max(depth, found.depth)
            fields += found.fields
            for name, size in found.sizes.items():
                if name in sizes:
                    # Validation compares every pair of fields of one name, and all below them.
                    self.repeated += size
                sizes[name] = sizes.get(name, 0) + size
        return _Measure(depth, fields, sizes)

    def _field(self, node: FieldNode) -> _Measure:
        below = self._measure(node.selection_set) if node.selection_set else NOTHING
        if node.alias is not None:
            self.aliases += 1
        return _Measure(1 + below.depth, 1, {(node.alias or node.name).value: 1 + sum(below.sizes.values())})

    def _count_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        self.directives += len(directives or ())


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def root_names(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> set[str]:
    """Names of the root fields of an operation, also of those inside fragments."""
    names: set[str] = set()
    seen: set[str] = set()
    waiting = [operation.selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                names.add(selection.name.value)
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                if selection.name.value in fragments:
                    waiting.append(fragments[selection.name.value].selection_set)
    return names


class Cost:
    """The cost of one operation: a point per object that may be returned.

    A list multiplies what is below it by the page it is asked for. Sizes may stand in variables, so cost is computed
    per request; it is remembered per combination of the values that matter.
    """

    REMEMBERED = 32

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments_of(document)
        self._defaults = {
            definition.variable.name.value: _literal(definition.default_value)
            for definition in operation.variable_definitions or ()
            if isinstance(definition, VariableDefinitionNode) and definition.default_value is not None
        }
        self._sizing: tuple[str, ...] | None = None
        self._known: dict[tuple[Any, ...], int] = {}

    def of(self, variables: Mapping[str, Any]) -> int:
        """Points the operation asks for with these variables."""
        key = None
        if self._sizing is not None:
            key = tuple(_fingerprint(self._value(variables, name)) for name in self._sizing)
            if key in self._known:
                return self._known[key]
        used: set[str] = set()

        def variable(name: str) -> Any:
            used.add(name)
            return self._value(variables, name)

        walk = _CostWalk(self._schema, self._fragments, variable)
        root = self._schema.get_root_type(self._operation.operation)
        cost = min(walk.selection_set(self._operation.selection_set, root, 1), MOST)
        if self._sizing is None:
            self._sizing = tuple(sorted(used))
            key = tuple(_fingerprint(self._value(variables, name)) for name in self._sizing)
        if len(self._known) >= self.REMEMBERED:
            self._known.clear()
        assert key is not None
        self._known[key] = cost
        return cost

    def _value(self, variables: Mapping[str, Any], name: str) -> Any:
        return variables[name] if name in variables else self._defaults.get(name)


def _fingerprint(value: Any) -> Any:
    """What of a variable's value decides sizes, in a form that can be a key."""
    if isinstance(value, list):
        return ("items", len(value))
    if isinstance(value, dict):
        return ("size", _number(value.get("size")))
    return _number(value)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _literal(node: ValueNode | None, variable: Callable[[str], Any] = lambda name: None) -> Any:
    """The value of a literal, as far as sizes need it."""
    if isinstance(node, VariableNode):
        return variable(node.name.value)
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) < 12 else MOST
    if isinstance(node, ListValueNode):
        return [None] * len(node.values)
    if isinstance(node, ObjectValueNode):
        return {
            field.name.value: _literal(field.value, variable) for field in node.fields if field.name.value == "size"
        }
    return None


class _CostWalk:
    """One computation of cost. `page` is the size of the connection whose wrapper fields are being walked."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variable: Callable[[str], Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variable = variable
        self._known: dict[tuple[str, int], int] = {}

    def selection_set(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None, page: int) -> int:
        total = 0
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                total += self._field(selection, parent, page)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                total += self.selection_set(selection.selection_set, inner, page)
            elif isinstance(selection, FragmentSpreadNode):
                total += self._fragment(selection.name.value, page)
        return total

    def _fragment(self, name: str, page: int) -> int:
        fragment = self._fragments.get(name)
        if fragment is None:
            return 0
        if (name, page) not in self._known:
            self._known[name, page] = 0
            inner = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name, page] = self.selection_set(fragment.selection_set, inner, page)
        return self._known[name, page]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> int:
        if node.selection_set is None or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        field = self._schema.get_field(parent, node.name.value)
        if field is None:
            return 0
        target = get_named_type(field.type)
        if target.name.endswith("Connection"):
            return self.selection_set(node.selection_set, target, self._size(node, field))
        times = 1
        if _is_list(field):
            times = page if parent.name.endswith("Connection") else self._size(node, field)
        return times * (_points(target) + self.selection_set(node.selection_set, target, 1))

    def _size(self, node: FieldNode, field: GraphQLField) -> int:
        """How many entries a list may have: what is asked for, the default of the argument, or a guess."""
        given = {
            argument.name.value: _literal(argument.value, self._variable)
            for argument in node.arguments or ()
            if argument.name.value in SIZES
        }
        ids = given.get("ids")
        if isinstance(ids, list):
            return min(len(ids), MAX_PAGE)
        page = given.get("page")
        sizes = [given.get("first"), given.get("last"), page.get("size") if isinstance(page, dict) else None]
        for size in map(_number, sizes):
            if size is not None:
                # A page beyond the maximum is refused by the list itself, with the name of the argument.
                return min(max(size, 0), MAX_PAGE)
        if "first" not in field.args:
            return UNSIZED_LIST
        size = _default(field.args["first"])
        return size if size is not None else DEFAULT_PAGE


def _default(argument: GraphQLArgument) -> int | None:
    """The default of an argument, which Strawberry gives as a value and a schema read from text as a literal."""
    if argument.default is not None:
        literal = _number(_literal(argument.default.literal))
        return literal if literal is not None else _number(argument.default.value)
    return _number(argument.default_value)


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type)


def _points(target: GraphQLNamedType) -> int:
    """One for an object with an identity; values such as money and wrappers such as edges are free."""
    if target.name.startswith("__") or target.name.endswith(WRAPPERS):
        return 0
    if is_object_type(target):
        return 1 if "id" in target.fields else 0
    return 1 if is_abstract_type(target) else 0
