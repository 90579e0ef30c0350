"""Connections: how the rows of a list become `nodes`, `edges`, `pageInfo`, `totalCount` and `pageMeta`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.engine.selections import Selected
from graph.engine.shapes import Shape, Unexpected, Unplannable, listed, required
from loaders.paging import Slice, encode_cursor
from loaders.trees import Rows

if TYPE_CHECKING:
    from graph.engine.planner import Place, Planner
    from graph.engine.steps import Run
    from graph.kit.field import NodeInfo

Part = Callable[["Cut", "Run"], Any]
EdgePart = Callable[["Cut", Any, "Run"], Any]


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


def nodes(rows: Rows, row: Shape) -> Part:
    return lambda cut, run: listed(rows, row, cut.piece.rows, run)


def edges(parts: tuple[tuple[str, EdgePart], ...]) -> Part:
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


# Planning

ROWS = {"nodes", "edges"}
CURSORS = {"pageInfo", "edges"}  # where cursors may be


def plan_connection(
    planner: Planner, selected: Selected, info: NodeInfo, place: Place, index: int
) -> tuple[ConnectionShape, bool, bool]:
    """The shape of a connection, and whether `totalCount` and `pageMeta` are wanted."""
    parts = planner.selections.of(selected.object, selected.nodes)
    place.rows.cursors = any(name.endswith("ursor") for name in _places(planner, parts))
    place.alone = not place.rows.cursors and [part.name for part in parts if part.name in ROWS] == ["nodes"]
    shaped = tuple((part.key, _part(planner, selected.object.name, part, info, place)) for part in parts)
    wanted = {part.name for part in parts}
    return ConnectionShape(index, place.rows, shaped), "totalCount" in wanted, "pageMeta" in wanted


def _part(planner: Planner, kind: str, part: Selected, info: NodeInfo, place: Place) -> Part:
    match part.name:
        case "nodes":
            return nodes(place.rows, planner.row(info, part.nodes, place))
        case "edges":
            return _edges(planner, part, info, place)
        case "totalCount":
            return lambda cut, run: cut.total
        case "pageInfo":
            return page_info(_names(planner, part))
        case "pageMeta":
            return page_meta(_names(planner, part))
        case "__typename":
            return lambda cut, run: kind
    raise Unplannable(f"{kind}.{part.name}")


def _edges(planner: Planner, selected: Selected, info: NodeInfo, place: Place) -> Part:
    kind = selected.object.name
    parts: list[tuple[str, EdgePart]] = []
    for part in planner.selections.of(selected.object, selected.nodes):
        if part.name == "node":
            parts.append((part.key, _node(planner.row(info, part.nodes, place))))
        elif part.name == "cursor":
            parts.append((part.key, lambda cut, row, run: cut.cursor(row)))
        else:
            parts.append((part.key, lambda cut, row, run: kind))
    return edges(tuple(parts))


def _node(shape: Shape) -> EdgePart:
    return lambda cut, row, run: shape(row, run)


def _places(planner: Planner, parts: list[Selected]) -> set[str]:
    """Names of what is selected where a cursor may be."""
    return {name for part in parts if part.name in CURSORS for _, name in _names(planner, part)}


def _names(planner: Planner, selected: Selected) -> tuple[tuple[str, str], ...]:
    return tuple((part.key, part.name) for part in planner.selections.of(selected.object, selected.nodes))
