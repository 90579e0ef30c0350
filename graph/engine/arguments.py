"""Variables and arguments, from JSON to the Python values resolvers work with, in one pass.

graphql-core coerces a variable by walking all fields of its input type, and Strawberry walks them again to make an
object. Here each input type is compiled once into a function that looks only at what was given. Whatever it does not
accept is `Invalid`: the reference executor then says what is wrong, or finds that nothing is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_argument_values,
    get_variable_values,
    is_input_type,
    type_from_ast,
    value_from_ast_untyped,
)
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry.types.arguments import StrawberryArgument, convert_argument, convert_arguments
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.maybe import Some

Convert = Callable[[Any], Any]
# Defaults that may be shared between requests.
CONSTANT = (str, int, float, bool, Enum, type(None))


class Invalid(Exception):
    """A value that is not accepted here; the reference executor tells why."""


class Converters:
    """Functions from JSON to Python values, one per input type of a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        converter = schema.extensions["strawberry-definition"].schema_converter
        self.config, self.scalars = converter.config, converter.scalar_registry
        self._known: dict[GraphQLInputObjectType, Convert] = {}

    def of(self, kind: GraphQLInputType) -> Convert:
        """The function for a type; it raises Invalid, or whatever a scalar raises."""
        if isinstance(kind, GraphQLNonNull):
            inner = self.of(kind.of_type)

            def given(value: Any) -> Any:
                if value is None:
                    raise Invalid("null")
                return inner(value)

            return given
        found = self._nullable(kind)
        return lambda value: None if value is None else found(value)

    def _nullable(self, kind: GraphQLInputType) -> Convert:
        if isinstance(kind, GraphQLList):
            item = self.of(kind.of_type)
            return lambda value: [item(each) for each in value] if isinstance(value, list) else [item(value)]
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            return kind.coerce_input_value
        assert isinstance(kind, GraphQLInputObjectType)
        # An input type may hold itself, so the function is looked up when a value is there.
        return lambda value: self._object(kind)(value)

    def _object(self, kind: GraphQLInputObjectType) -> Convert:
        if kind not in self._known:
            self._known[kind] = self._compile(kind)
        return self._known[kind]

    def _compile(self, kind: GraphQLInputObjectType) -> Convert:
        definition = kind.extensions["strawberry-definition"]
        if definition.from_input is not None or kind.is_one_of:
            return _refuse
        fields: dict[str, tuple[str, Convert]] = {}
        always: dict[str, Any] = {}
        needed: set[str] = set()
        for field in definition.fields:
            name = self.config.name_converter.from_field(field)
            declared = kind.fields[name]
            annotation = field.resolve_type(type_definition=definition)
            fields[name] = (field.python_name, self._field(annotation, self.of(declared.type)))
            if field.default_value is MISSING and field.default_factory is MISSING:
                always[field.python_name] = None
            default = coerce_default_value(declared)
            if default is not Undefined:
                if not isinstance(default, CONSTANT):
                    return _refuse
                always[field.python_name] = default
            elif isinstance(declared.type, GraphQLNonNull):
                needed.add(name)
        make = definition.origin

        def convert(value: Any) -> Any:
            if not isinstance(value, dict) or not needed <= value.keys():
                raise Invalid("no object of this type")
            found = dict(always)
            for name, each in value.items():
                if name not in fields:
                    raise Invalid("an unknown field")
                python_name, inner = fields[name]
                found[python_name] = inner(each)
            return make(**found)

        return convert

    @staticmethod
    def _field(annotation: Any, inner: Convert) -> Convert:
        if not isinstance(annotation, StrawberryMaybe):
            return inner
        if isinstance(annotation.of_type, StrawberryOptional):
            return lambda value: Some(inner(value))

        def present(value: Any) -> Any:
            if value is None:
                raise Invalid("null")
            return Some(inner(value))

        return present


def _refuse(value: Any) -> Any:
    raise Invalid("a type with rules of its own")


@dataclass(frozen=True, eq=False)
class Variable:
    """A declared variable of an operation."""

    name: str
    convert: Convert
    required: bool
    has_default: bool
    default: Any  # as JSON


class Variables:
    """The values of an operation's variables in one request."""

    def __init__(self, reader: VariableReader, given: dict[str, Any], values: dict[str, Any]) -> None:
        self._reader = reader
        self._given = given
        self.values = values
        self._coerced: VariableValues | None = None

    @property
    def coerced(self) -> VariableValues:
        """As graphql-core has them, for literals with variables inside."""
        if self._coerced is None:
            self._coerced = self._reader.coerce(self._given)
        return self._coerced


class VariableReader:
    """Reads the variables of one operation."""

    def __init__(self, schema: GraphQLSchema, converters: Converters, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._nodes = operation.variable_definitions or ()
        self._variables: list[Variable] = []
        for node in self._nodes:
            kind = type_from_ast(schema, node.type)
            assert is_input_type(kind)
            has_default = node.default_value is not None
            self._variables.append(
                Variable(
                    node.variable.name.value,
                    converters.of(kind),
                    isinstance(kind, GraphQLNonNull) and not has_default,
                    has_default,
                    value_from_ast_untyped(node.default_value) if node.default_value is not None else None,
                )
            )

    def read(self, given: dict[str, Any]) -> Variables:
        """All variables, or Invalid (or what a scalar raises) when one is not what was declared."""
        values: dict[str, Any] = {}
        for variable in self._variables:
            name = variable.name
            if name in given:
                values[name] = variable.convert(given[name])
            elif variable.has_default:
                values[name] = variable.convert(variable.default)
            elif variable.required:
                raise Invalid("a variable is missing")
        return Variables(self, given, values)

    def coerce(self, given: dict[str, Any]) -> VariableValues:
        found = get_variable_values(self._schema, self._nodes, given)
        if isinstance(found, list):
            raise Invalid("a variable")
        return found


@dataclass(frozen=True, eq=False)
class Given:
    """An argument the document gives: a variable, or a literal."""

    name: str  # in Python
    node: ValueNode
    variable: str | None
    declared: GraphQLArgument
    argument: StrawberryArgument


class Arguments:
    """The arguments of one field of a document."""

    def __init__(
        self, converters: Converters, definition: GraphQLField, node: FieldNode, field: StrawberryField
    ) -> None:
        self._converters, self._definition, self._node, self._field = converters, definition, node, field
        nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
        self.constant = not any(_mentions_variables(value) for value in nodes.values())
        self._given: list[Given] = []
        # Defaults, and variables inside literals, go the long way of graphql-core.
        self._long = False
        for argument in field.arguments:
            name = converters.config.name_converter.from_argument(argument)
            declared, value = definition.args[name], nodes.get(name)
            assert argument.python_name
            if value is None or isinstance(value, VariableNode):
                self._long = self._long or coerce_default_value(declared) is not Undefined
            elif _mentions_variables(value):
                self._long = True
            if value is not None:
                variable = value.name.value if isinstance(value, VariableNode) else None
                self._given.append(Given(argument.python_name, value, variable, declared, argument))

    def read(self, variables: Variables) -> dict[str, Any]:
        """The arguments by their Python names, as Strawberry gives them to a resolver."""
        if self._long:
            values = get_argument_values(self._definition, self._node, variables.coerced)
            return convert_arguments(values, self._field.arguments, self._converters.scalars, self._converters.config)
        found: dict[str, Any] = {}
        for given in self._given:
            if given.variable is None:
                found[given.name] = self._literal(given)
            elif given.variable in variables.values:
                found[given.name] = variables.values[given.variable]
            if found.get(given.name) is None and isinstance(given.declared.type, GraphQLNonNull):
                raise Invalid("null")
        return found

    def _literal(self, given: Given) -> Any:
        value = coerce_input_literal(given.node, given.declared.type)
        if value is Undefined:
            raise Invalid("a literal")
        return convert_argument(value, given.argument.type, self._converters.scalars, self._converters.config)


def _mentions_variables(value: ValueNode) -> bool:
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, VariableNode):
            return True
        waiting += getattr(node, "values", None) or ()
        waiting += [entry.value for entry in getattr(node, "fields", None) or ()]
    return False
