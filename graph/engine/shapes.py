"""Shapes: how a row becomes a part of the answer. The only generated code of this project.

A shape is one Python function per selection, written once per plan (as `dataclasses` writes `__init__`): it builds the
object from the record by position, in the order of the document, without looking at the schema again. The text of every
shape is kept in `Code.sources` and shown by `explain`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import orjson

from loaders.trees import Item, Rows

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


def text(value: Any) -> str:
    """A value as JSON."""
    return orjson.dumps(value).decode()


TRUTHS = {True: "true", False: "false"}


@dataclass(frozen=True)
class Python:
    """A part of a row's text that is written by the server: an expression that answers text."""

    expression: str


# A row's text is made of pieces that are always the same, texts of the database, and texts of the server.
Part = str | Item | Python


class Code:
    """Expressions and the objects they name. In an expression `r` is the row and `x` the `Run`."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {
            "Fragment": orjson.Fragment,
            "required": required,
            "required_items": required_items,
            "text": text,
            "quote": encode_basestring,
            "TRUTHS": TRUTHS,
        }
        self._counter = itertools.count()
        self.sources: list[str] = []

    def name(self, value: Any, hint: str) -> str:
        """A name for an object inside expressions."""
        found = f"{hint}{next(self._counter)}"
        self._names[found] = value
        return found

    def temporary(self) -> str:
        return f"t{next(self._counter)}"

    def function(self, expression: str) -> Shape:
        """The function `(r, x)` that answers the expression."""
        source = f"def shape(r, x):\n    return {expression}\n"
        self.sources.append(source)
        scope = dict(self._names)
        exec(compile(source, "<shape>", "exec"), scope)  # noqa: S102 - our own text: keys are GraphQL names, values are bound by name
        found: Shape = scope["shape"]
        return found


@dataclass(frozen=True, eq=False)
class ListShape:
    """A list of at most `cap` rows that is no connection."""

    rows: Rows
    row: Shape
    cap: int

    def __call__(self, found: Sequence[Any], run: Run) -> Any:
        return listed(self.rows, self.row, found[: self.cap], run)


def listed(rows: Rows, row: Shape, found: Sequence[Any], run: Run) -> Any:
    """Rows as a list of the answer; bare ones are the texts themselves."""
    if rows.bare:
        return orjson.Fragment(f"[{','.join(required_items(found))}]")
    return [row(one, run) for one in found]
