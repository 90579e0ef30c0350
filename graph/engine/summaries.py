"""Summaries in a plan: numbers and counts as values of the row, rows that belong to them as its children."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from graph.engine.shapes import ListShape, Part, Python, text
from graph.engine.steps import ListPlace
from graph.kit.connection import Requested
from graph.kit.field import NODES
from graph.kit.payload import PayloadSpec
from graph.kit.summaries import SummarySpec, permission_of
from loaders.base import NO_FILTER
from loaders.paging import Page
from loaders.summaries import FewOf, Summed
from loaders.trees import Joined, Rows, Scope
from loaders.visibility import table_of

if TYPE_CHECKING:
    from graph.engine.planner import Place, Planner
    from graph.engine.selections import Selected
    from graph.engine.steps import Run

# The text of a field: from the figures as they are shown, the row and the run.
Write = Callable[[dict[str, Any], Any, "Run"], str]


@dataclass(frozen=True, eq=False)
class SummaryShape:
    """An object of figures."""

    spec: SummarySpec
    numbers: int | None  # where in the row the numbers stand
    counts: dict[str, int]
    fields: list[tuple[str, Write]]

    def __call__(self, row: Any, run: Run) -> str:
        figures: dict[str, Any] = {name: [tuple(one) for one in row[at]] for name, at in self.counts.items()}
        if self.numbers is not None:
            figures |= zip(self.spec.summary.numbers, row[self.numbers], strict=True)
        shown = self.spec.present(figures, run.language)
        return "{" + ",".join(name + write(shown, row, run) for name, write in self.fields) + "}"


def plan_summary(planner: Planner, selected: Selected, spec: SummarySpec, place: Place) -> list[Part]:
    """What the selection needs of a summary, and the shape that shows it."""
    summary, table = spec.summary, place.table
    seen = planner.sight(permission_of(summary.model))
    place.rows.column(table, "id")

    def summed(scope: Scope) -> Summed:
        parent = scope.tables[table].c.id
        return Summed(summary, seen, lambda rows: [rows.c[spec.way] == parent])

    def position(name: str, item: Callable[[Scope], ColumnElement[Any]]) -> int:
        return place.rows.computed(table, (spec, name), item)

    numbers: int | None = None
    counts: dict[str, int] = {}
    fields: list[tuple[str, Write]] = []
    for part in planner.selections.of(selected.object, selected.nodes):
        name = _name(part)
        if part.definition is None:
            write = _fixed(selected.object.name)
        elif name in summary.few:
            write = _few(planner, part, spec, place, name)
        elif name in summary.counts:
            counts[name] = position(name, _counting(summed, name))
            write = _counts(planner, part, name)
        else:
            numbers = position("", lambda scope: summed(scope).numbers())
            write = _figure(name)
        fields.append((f'"{part.key}":', write))
    shape = planner.code.name(SummaryShape(spec, numbers, counts, fields), "summary")
    return [Python(f"{shape}({place.row}, x)")]


def _name(part: Selected) -> str:
    declared = part.definition.extensions["strawberry-definition"].spec if part.definition is not None else None
    return declared.name if isinstance(declared, PayloadSpec) else ""


def _fixed(name: str) -> Write:
    return lambda shown, row, run: f'"{name}"'


def _figure(name: str) -> Write:
    return lambda shown, row, run: text(shown[name])


def _counting(summed: Callable[[Scope], Summed], name: str) -> Callable[[Scope], ColumnElement[Any]]:
    return lambda scope: summed(scope).counts(name)


def _counts(planner: Planner, part: Selected, name: str) -> Write:
    wanted = [(inner.key, _name(inner)) for inner in planner.selections.of(part.object, part.nodes)]
    kind = part.object.name
    return lambda shown, row, run: text([{key: one[of] if of else kind for key, of in wanted} for one in shown[name]])


def _few(planner: Planner, part: Selected, spec: SummarySpec, place: Place, name: str) -> Write:
    few = spec.summary.few[name]
    info = NODES.of_table(table_of(few.model).name)
    index = len(place.lists)
    fixed = Requested(few.order, Page(limit=few.cap), NO_FILTER, "")
    place.lists.append(ListPlace(index, None, None, "", nested=True, fixed=fixed))
    rows = Rows(Joined(info.source, planner.sight(info.source.permission)))
    inner = planner.place(rows, place.lists)
    inner.alone = True
    row_shape = planner.row(info, part.nodes, inner)
    way = FewOf(spec.summary, few, spec.way, planner.sight(permission_of(spec.summary.model)))
    at = place.rows.children(place.table, index, way, rows)
    shape = ListShape(rows, row_shape, few.cap)
    return lambda shown, row, run: text(shape(row[at], run))
