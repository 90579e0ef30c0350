"""How leaf values are written: for each leaf type a function that does what graphql-core does, as cheaply as it can.

No writer (None) means that values already are what the answer wants. What a quick path does not know goes to the type's
own coercion, so a value that does not fit fails here as it would there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Any

from graphql import GraphQLEnumType, GraphQLScalarType
from sqlalchemy import Boolean, Integer, String
from sqlalchemy.types import TypeEngine

from resolvers.kit.scalars import unchanged

Writer = Callable[[Any], Any]
# What graphql-core's scalars of the language leave as it is.
PYTHON_TYPE: dict[str, type] = {"String": str, "ID": str, "Boolean": bool}


def writer_of(leaf: GraphQLScalarType | GraphQLEnumType, stored: TypeEngine[Any] | None = None) -> Writer | None:
    """The writer of a leaf type; `stored` is the type of the column when the value comes straight from one."""
    if isinstance(leaf, GraphQLEnumType):
        return _enum(leaf)
    coerce = leaf.coerce_output_value
    if coerce is unchanged:
        return None
    wanted = PYTHON_TYPE.get(leaf.name)
    if wanted is not None:
        if stored is not None and isinstance(stored, String if wanted is str else Boolean):
            return None
        return lambda value: value if type(value) is wanted else coerce(value)
    # A column of 32 bits or less cannot hold what an Int may not.
    if leaf.name == "Int" and isinstance(stored, Integer) and stored.python_type is int and _fits(stored):
        return None
    if leaf.name == "Date":
        return date.isoformat
    return coerce


def _fits(stored: TypeEngine[Any]) -> bool:
    return not stored.__visit_name__.startswith("big")


def _enum(leaf: GraphQLEnumType) -> Writer:
    names = {getattr(value.value, "value", value.value): name for name, value in leaf.values.items()}

    def write(value: Any) -> Any:
        return names[value.value if isinstance(value, Enum) else value]

    return write
