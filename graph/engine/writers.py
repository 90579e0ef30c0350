"""How leaf values are written: for each leaf type a function that does what graphql-core does, as cheaply as it can.

No writer (None) means that values already are what the answer wants. What a quick path does not know goes to the type's
own coercion, so a value that does not fit fails here as it would there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, GraphQLScalarType
from sqlalchemy import BigInteger, Boolean, DateTime, Integer, String
from sqlalchemy.types import TypeEngine

from graph.engine.shapes import Code
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


def names_of(leaf: GraphQLEnumType) -> dict[Any, str]:
    """The names of an enum's values, by member and by what is stored for it."""
    found: dict[Any, str] = {}
    for name, value in leaf.values.items():
        found[value.value] = found[getattr(value.value, "value", value.value)] = name
    members = getattr(leaf, "wrapped_cls", ())
    return found | {member: found[member.value] for member in members}
