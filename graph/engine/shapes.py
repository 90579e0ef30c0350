"""Shapes: how a row becomes a part of the answer. The only generated code of this project.

A shape is one Python function per selection, written once per plan (as `dataclasses` writes `__init__`): it builds the
object from the record by position, in the order of the document, without looking at the schema again. The text of every
shape is kept in `Code.text` and shown by `explain`.
"""

from __future__ import annotations

import itertools
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from graph.engine.steps import Run

Shape = Callable[[Any, "Run"], Any]


class Unplannable(Exception):
    """The operation contains something that only the reference executor can do; the text says what."""


class Unexpected(Exception):
    """The data are not what the plan took for granted; the reference executor says what that means."""


def required(value: Any) -> Any:
    """A value of a non-null field."""
    if value is None:
        raise Unexpected("null in a non-null field")
    return value


def required_items(values: Any) -> Any:
    """A list of non-null items."""
    if None in values:
        raise Unexpected("null among non-null items")
    return values


class Code:
    """Expressions and the objects they name. In an expression `r` is the row and `x` the `Run`."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"required": required, "required_items": required_items}
        self._counter = itertools.count()
        self.text: list[str] = []

    def name(self, value: Any, hint: str) -> str:
        """A name for an object inside expressions."""
        found = f"{hint}{next(self._counter)}"
        self._names[found] = value
        return found

    def temporary(self) -> str:
        return f"t{next(self._counter)}"

    def function(self, expression: str) -> Shape:
        """The function `(r, x)` that answers the expression."""
        text = f"def shape(r, x):\n    return {expression}\n"
        self.text.append(text)
        scope = dict(self._names)
        exec(compile(text, "<shape>", "exec"), scope)  # noqa: S102 - our own text: keys are GraphQL names, values are bound by name
        found: Shape = scope["shape"]
        return found


def global_id(type_name: str) -> Callable[[UUID], str]:
    """`encode_id` for one type. Neither names nor uuids ever give the letters in which base64url differs."""
    prefix = f"{type_name}:"
    length = -(-(len(prefix) + 36) * 8 // 6)

    def encode(id: UUID) -> str:
        return b2a_base64((prefix + str(id)).encode("ascii"), newline=False)[:length].decode("ascii")

    return encode


@dataclass(frozen=True, eq=False)
class ListShape:
    """A list of at most `cap` rows that is no connection."""

    row: Shape
    cap: int

    def __call__(self, rows: Sequence[Any], run: Run) -> list[Any]:
        row = self.row
        return [row(found, run) for found in rows[: self.cap]]
