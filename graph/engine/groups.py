"""Groups of small rows in a plan: the rows are children of their record, brought together when they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import orjson

from graph.engine.shapes import TRUTHS, Part, Python, Shape
from graph.engine.steps import ListPlace
from graph.kit.connection import Requested
from graph.kit.field import NODES
from graph.kit.groups import GroupsSpec
from graph.kit.payload import PayloadSpec
from loaders.base import NO_FILTER
from loaders.paging import Page
from loaders.trees import Joined, Rows

if TYPE_CHECKING:
    from graph.engine.planner import Place, Planner
    from graph.engine.selections import Selected
    from graph.engine.steps import Run

# The text of a field of a group: from its value, its rows and who asks.
Write = Callable[[str, Sequence[Any], "Run"], str]


@dataclass(frozen=True, eq=False)
class GroupsShape:
    """A list of groups, each in the place of its first row."""

    fields: list[tuple[str, Write]]  # what stands before a field's text, and the text
    by: int
    cap: int

    def __call__(self, found: Sequence[Any], run: Run) -> Any:
        groups: dict[str, list[Any]] = {}
        for row in found[: self.cap]:
            groups.setdefault(row[self.by], []).append(row)
        texts = (
            "{" + ",".join(name + write(value, rows, run) for name, write in self.fields) + "}"
            for value, rows in groups.items()
        )
        return orjson.Fragment(f"[{','.join(texts)}]")


def plan_groups(planner: Planner, selected: Selected, spec: GroupsSpec, place: Place) -> list[Part]:
    """The rows as children of this one, and the shape that groups them."""
    index = len(place.lists)
    fixed = Requested(spec.order, Page(limit=spec.cap), NO_FILTER, "")
    place.lists.append(ListPlace(index, None, None, "", nested=True, fixed=fixed))
    rows = Rows(Joined(spec.source, planner.sight(None)))
    by, member = rows.column(rows.root, spec.by.name), rows.column(rows.root, spec.member.name)
    inner = planner.place(rows, place.lists)
    fields: list[tuple[str, Write]] = []
    for part in planner.selections.of(selected.object, selected.nodes):
        write = _fixed(selected.object.name) if part.definition is None else _write(planner, part, spec, inner, member)
        fields.append((f'"{part.key}":', write))
    shape = planner.code.name(GroupsShape(fields, by, spec.cap), "groups")
    return [Python(f"text({shape}({place.row}[{place.rows.children(place.table, index, spec.key.name, rows)}], x))")]


def _write(planner: Planner, part: Selected, spec: GroupsSpec, inner: Place, member: int) -> Write:
    declared = part.definition.extensions["strawberry-definition"].spec if part.definition is not None else None
    assert isinstance(declared, PayloadSpec)
    if declared.name == spec.by.name:
        return lambda value, rows, run: encode_basestring(value)
    if declared.name == "count":
        return lambda value, rows, run: str(len(rows))
    if declared.name == "mine":
        planner.personal = True
        return lambda value, rows, run: TRUTHS[any(row[member] == run.viewer.member_id for row in rows)]
    info = NODES.of_table(spec.member.info["references"])
    text = planner.joined_object(info, spec.member.name, part.nodes, inner)
    return _users(text)


def _fixed(name: str) -> Write:
    return lambda value, rows, run: f'"{name}"'


def _users(text: Shape) -> Write:
    return lambda value, rows, run: "[" + ",".join(text(row, run) for row in rows) + "]"
