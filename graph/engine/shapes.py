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

from loaders.paging import Slice, encode_cursor
from loaders.trees import Rows

if TYPE_CHECKING:
    from graph.engine.steps import Run

Shape = Callable[[Any, "Run"], Any]


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


Part = Callable[["Cut", "Run"], Any]


@dataclass(slots=True)
class Cut:
    """The page of one connection, with what its parts may need."""

    piece: Slice
    total: int | None
    counted: int | None
    scope: str
    width: int  # of a row, behind which the values of the order follow

    def cursor(self, row: Any) -> str:
        order = self.piece.order
        return encode_cursor(self.scope, order, row[self.width : self.width + len(order)], row[0])


@dataclass(frozen=True, eq=False)
class ConnectionShape:
    """`nodes`, `edges`, `pageInfo`, `totalCount`, `pageMeta` as they were selected."""

    index: int  # of the list among those of the statement
    rows: Rows
    parts: tuple[tuple[str, Part], ...]

    def __call__(self, found: Sequence[Any], total: int | None, counted: int | None, parent: Any, run: Run) -> Any:
        """`total` is the count for `totalCount`, `counted` the one for `pageMeta`."""
        bound = run.bounds[self.index]
        if bound.parent is not None and bound.parent != parent:
            raise Unexpected("a cursor of another list")
        piece = Slice.of(list(found), bound.listing.page, bound.listing.order)
        cut = Cut(piece, total, counted, bound.scope(parent) if self.rows.cursors else "", self.rows.width)
        return {key: part(cut, run) for key, part in self.parts}


def nodes(row: Shape) -> Part:
    return lambda cut, run: [row(found, run) for found in cut.piece.rows]


def edges(parts: tuple[tuple[str, Callable[[Cut, Any, Run], Any]], ...]) -> Part:
    return lambda cut, run: [{key: part(cut, found, run) for key, part in parts} for found in cut.piece.rows]


def page_info(parts: tuple[tuple[str, str], ...]) -> Part:
    """`parts`: key of the answer and name of the field."""

    def values(cut: Cut, run: Run) -> Any:
        return {key: _PAGE_INFO[name](cut) for key, name in parts}

    return values


_PAGE_INFO: dict[str, Callable[[Cut], Any]] = {
    "hasNextPage": lambda cut: cut.piece.has_next,
    "hasPreviousPage": lambda cut: cut.piece.has_previous,
    "startCursor": lambda cut: cut.cursor(cut.piece.rows[0]) if cut.piece.rows else None,
    "endCursor": lambda cut: cut.cursor(cut.piece.rows[-1]) if cut.piece.rows else None,
    "__typename": lambda cut: "PageInfo",
}


def page_meta(parts: tuple[tuple[str, str], ...]) -> Part:
    def values(cut: Cut, run: Run) -> Any:
        page = cut.piece.page
        if page.number is None:
            return None
        total = required(cut.counted)
        found = {"page": page.number, "size": page.limit, "pages": -(-total // page.limit), "total": total}
        return {key: found.get(name, "PageMeta") for key, name in parts}

    return values
