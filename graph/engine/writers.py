"""How leaf values are written: for each leaf type a function that does what graphql-core does, as cheaply as it can.

No writer (None) means that values already are what the answer wants. What a quick path does not know goes to the type's
own coercion, so a value that does not fit fails here as it would there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
)
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine
from strawberry.types.field import StrawberryField

from graph.engine.selections import Selections
from graph.engine.shapes import Code, Unplannable
from loaders import jsontext
from models.base import Halves
from resolvers.kit.scalars import unchanged, write_datetime

Writer = Callable[[Any], Any]
# What graphql-core's scalars of the language leave as it is.
PYTHON_TYPE: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


def writer_of(leaf: GraphQLScalarType | GraphQLEnumType) -> Writer | None:
    """The writer of a leaf type for any value of it."""
    if isinstance(leaf, GraphQLEnumType):
        return names_of(leaf).__getitem__
    coerce = leaf.coerce_output_value
    if coerce is unchanged:
        return None
    wanted = PYTHON_TYPE.get(leaf.name)
    if wanted is not None:
        return lambda value: value if type(value) is wanted else coerce(value)
    return coerce


def written(leaf: GraphQLScalarType | GraphQLEnumType, value: str, code: Code, stored: TypeEngine[Any] | None) -> str:
    """The expression that writes a value, itself a simple expression that is not null.

    `stored` is the type of the column when the value comes straight from one, so that less has to be asked of it.
    """
    if isinstance(leaf, GraphQLEnumType):
        return f"{code.name(names_of(leaf), 'names')}[{value}]"
    if isinstance(stored, TypeDecorator):
        stored = stored.impl_instance
    coerce = leaf.coerce_output_value
    if coerce is unchanged:
        return value
    wanted = PYTHON_TYPE.get(leaf.name)
    if wanted is not None:
        if isinstance(stored, String if wanted is str else Boolean):
            return value
        return f"({value} if type({value}) is {wanted.__name__} else {code.name(coerce, 'coerce')}({value}))"
    if leaf.name == "Int":
        if isinstance(stored, Integer) and not isinstance(stored, BigInteger):
            return value  # a column of 32 bits or less cannot hold what an Int may not
        fits = f"type({value}) is int and -2147483648 <= {value} <= 2147483647"
        return f"({value} if {fits} else {code.name(coerce, 'coerce')}({value}))"
    if coerce is write_datetime and isinstance(stored, DateTime):
        # The driver gives UTC; the same text as `write_datetime` without a call of Python's.
        return f'{value}.isoformat("T", "milliseconds")[:-6] + "Z"'
    return f"{code.name(coerce, 'write')}({value})"


def text_of(leaf: GraphQLScalarType | GraphQLEnumType, value: str, code: Code, stored: TypeEngine[Any] | None) -> str:
    """The expression of a value's JSON text; `value` and `stored` as in `written`."""
    if isinstance(leaf, GraphQLEnumType):
        quoted = {member: f'"{name}"' for member, name in names_of(leaf).items()}
        return f"{code.name(quoted, 'quoted')}[{value}]"
    if isinstance(stored, TypeDecorator):
        stored = stored.impl_instance
    coerce = leaf.coerce_output_value
    anything = f"text({written(leaf, value, code, stored)})"
    if coerce is write_datetime and isinstance(stored, DateTime):
        return f"""'"' + {written(leaf, value, code, stored)} + '"'"""
    if coerce is unchanged or leaf.name in ("String", "ID"):
        return (
            f"quote({value})"
            if isinstance(stored, String)
            else f"(quote({value}) if type({value}) is str else {anything})"
        )
    if leaf.name == "Boolean":
        return (
            f"TRUTHS[{value}]"
            if isinstance(stored, Boolean)
            else f"(TRUTHS[{value}] if type({value}) is bool else {anything})"
        )
    if leaf.name == "Int" and isinstance(stored, Integer) and not isinstance(stored, BigInteger):
        return f"str({value})"
    return anything


def in_database(output: GraphQLOutputType, column: Column[Any], unit: Any) -> jsontext.Write | None:
    """How the database writes a column that has a value; None where the server must do it."""
    leaf = output.of_type if isinstance(output, GraphQLNonNull) else output
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if unit is not None:
        return jsontext.halves if isinstance(stored, Halves) else jsontext.hundredths
    if isinstance(leaf, GraphQLEnumType):
        same = isinstance(stored, String) and all(name == value for value, name in texts_of(leaf).items())
        return jsontext.quoted if same else None
    if not isinstance(leaf, GraphQLScalarType):
        return None
    coerce = leaf.coerce_output_value
    if isinstance(stored, String):
        return jsontext.string if coerce is unchanged or leaf.name in ("String", "ID") else None
    if isinstance(stored, Boolean):
        return jsontext.plain if leaf.name == "Boolean" else None
    if isinstance(stored, Integer) and not isinstance(stored, BigInteger):
        return jsontext.plain if leaf.name == "Int" else None
    if isinstance(stored, DateTime) and coerce is write_datetime:
        return jsontext.moment
    if isinstance(stored, Date) and leaf.name == "Date":
        return jsontext.day
    return None


def texts_of(leaf: GraphQLEnumType) -> dict[Any, str]:
    """The names of an enum's values by what is stored for them."""
    return {getattr(value.value, "value", value.value): name for name, value in leaf.values.items()}


def names_of(leaf: GraphQLEnumType) -> dict[Any, str]:
    """The names of an enum's values, by member and by what is stored for it."""
    found = texts_of(leaf)
    members = getattr(leaf, "wrapped_cls", ())
    return found | {member: found[member.value] for member in members}


class Writers:
    """The expressions of one plan that write values."""

    def __init__(self, selections: Selections, code: Code) -> None:
        self.selections = selections
        self.code = code

    def column(self, output: GraphQLOutputType, value: str, column: Column[Any], unit: Any) -> str:
        """A leaf, or a list of leaves, of a column; `unit` says how the column is shown."""
        must = isinstance(output, GraphQLNonNull)
        inner = output.of_type if isinstance(output, GraphQLNonNull) else output
        if isinstance(inner, GraphQLList):
            found = self._items(inner, value, getattr(column.type, "item_type", None))
        elif not isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            raise Unplannable(f"an object in the column {column}")
        elif unit is None:
            found = written(inner, value, self.code, column.type)
        elif writer_of(inner) is None:
            found = f"{self.code.name(unit, 'unit')}({value})"
        else:
            raise Unplannable(f"{column} is shown in a unit of its own")
        if not column.nullable or (found == value and not must):
            return found
        return f"({found} if {value} is not None else {'required(None)' if must else None})"

    def column_text(self, output: GraphQLOutputType, value: str, column: Column[Any], unit: Any) -> str:
        """The JSON text of a column."""
        must = isinstance(output, GraphQLNonNull)
        inner = output.of_type if isinstance(output, GraphQLNonNull) else output
        if not isinstance(inner, GraphQLScalarType | GraphQLEnumType) or (unit and writer_of(inner) is not None):
            return f"text({self.column(output, value, column, unit)})"
        if unit is None:
            found = text_of(inner, value, self.code, column.type)
        else:
            found = f"""'"' + {self.code.name(unit, "unit")}({value}) + '"'"""
        if not column.nullable:
            return found
        return f"({found} if {value} is not None else {'required(None)' if must else repr('null')})"

    def text(self, output: GraphQLOutputType, value: str, nodes: list[FieldNode]) -> str:
        """The JSON text of any value that an expression gives."""
        must = isinstance(output, GraphQLNonNull)
        inner = output.of_type if isinstance(output, GraphQLNonNull) else output
        if not isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            return f"text({self.value(output, value, nodes)})"
        held = self.code.temporary()
        found = text_of(inner, held, self.code, None)
        return f"({found} if ({held} := {value}) is not None else {'required(None)' if must else repr('null')})"

    def _items(self, output: GraphQLList[Any], value: str, stored: Any) -> str:
        must = isinstance(output.of_type, GraphQLNonNull)
        inner = output.of_type.of_type if must else output.of_type
        if not isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            raise Unplannable("a list of lists or objects in a column")
        found = written(inner, "i", self.code, stored)
        values = f"required_items({value})" if must else value
        if found == "i":
            return values
        return f"[{found if must else f'None if i is None else {found}'} for i in {values}]"

    def value(self, output: GraphQLOutputType, value: str, nodes: list[FieldNode]) -> str:
        """Any value that an expression gives: it is evaluated once, and nothing is known of it."""
        must = isinstance(output, GraphQLNonNull)
        inner = output.of_type if isinstance(output, GraphQLNonNull) else output
        held = value if value.isidentifier() else self.code.temporary()
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            found = written(inner, held, self.code, None)
        elif isinstance(inner, GraphQLList):
            item = self.code.temporary()
            found = f"[{self.value(inner.of_type, item, nodes)} for {item} in {held}]"
        elif isinstance(inner, GraphQLObjectType):
            found = self._attributes(inner, held, nodes)
        else:
            raise Unplannable(f"{inner.name} in a derived field")
        if found == held and not must:
            return value
        once = held if held == value else f"({held} := {value})"
        return f"({found} if {once} is not None else {'required(None)' if must else None})"

    def _attributes(self, kind: GraphQLObjectType, held: str, nodes: list[FieldNode]) -> str:
        """An object of plain attributes."""
        parts = []
        for selected in self.selections.of(kind, nodes):
            if selected.definition is None:
                parts.append(f"{selected.key!r}: {kind.name!r}")
                continue
            field = selected.definition.extensions.get("strawberry-definition")
            if not isinstance(field, StrawberryField) or not field.is_basic_field:
                raise Unplannable(f"{kind.name}.{selected.name} has a resolver")
            value = self.value(selected.definition.type, f"{held}.{field.python_name}", selected.nodes)
            parts.append(f"{selected.key!r}: {value}")
        return "{" + ", ".join(parts) + "}"
