"""Values: the answer from what a resolver of our own gave, with the rows it refers to read in batches.

Payloads, events and the few root fields with a function of their own give dictionaries, plain objects and references.
Those are written at once; a reference leaves a hole, and all holes of one place in the document are filled by one
statement per type of row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from inspect import isawaitable
from operator import attrgetter
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    is_abstract_type,
)
from strawberry.types.field import StrawberryField

from graph.engine.planner import Planner
from graph.engine.shapes import Shape, Unexpected, Unplannable
from graph.engine.steps import Execution, Reading, read_by_ids
from graph.engine.writers import writer_of
from graph.kit.field import NODES, VALUES, ColumnSpec, DerivedSpec, NodeInfo
from graph.kit.payload import PayloadSpec
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context

# Puts a value into a container under a key.
Put = Callable[[Any, "Filling", Any, Any], None]
Get = Callable[[Any, Context], Any]


@dataclass(eq=False)
class RowPlace:
    """A place of the document where rows are shown, of one type or of several; planned per type when one appears."""

    planner: Planner
    nodes: list[FieldNode]
    only: frozenset[str] | None  # names of the types that may appear; None for any
    kind: GraphQLObjectType | None = None  # what is shown of a row, when it is a value object of it
    readings: dict[str, tuple[Reading, Shape]] = field(default_factory=dict)

    def reading(self, info: NodeInfo) -> tuple[Reading, Shape]:
        name = info.source.name
        if self.only is not None and name not in self.only:
            raise Unexpected(f"a {name} where none may be")
        if name not in self.readings:
            self.readings[name] = self.planner.rows(info, self.nodes, self.kind)
        return self.readings[name]


@dataclass(frozen=True, slots=True)
class Hole:
    """A row that is still to be read."""

    container: Any
    key: Any
    ref: Ref
    required: bool


@dataclass(eq=False)
class Filling:
    """An answer being written."""

    execution: Execution
    name: str  # of the root field, for those who want to see the plan
    holes: defaultdict[RowPlace, list[Hole]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[tuple[Awaitable[Any], Put, Any, Any]] = field(default_factory=list)
    thinned: list[list[Any]] = field(default_factory=list)  # lists that leave out what cannot be shown

    async def finish(self) -> None:
        """Wait for what is still being computed, read what is referred to."""
        while self.waiting:
            value, put, container, key = self.waiting.pop(0)
            put(await value, self, container, key)
        for place, holes in self.holes.items():
            await self._fill(place, holes)
        for entries in self.thinned:
            entries[:] = [entry for entry in entries if entry is not None]

    def abandon(self) -> None:
        """Close what was begun and is not waited for, when something before it failed."""
        for value, *_ in self.waiting:
            if isinstance(value, Coroutine):
                value.close()

    async def _fill(self, place: RowPlace, holes: list[Hole]) -> None:
        grouped: defaultdict[tuple[str, bool], list[Hole]] = defaultdict(list)
        for hole in holes:
            grouped[hole.ref.table, hole.ref.trash].append(hole)
        for (table, trash), group in grouped.items():
            reading, shape = place.reading(NODES.of_table(table))
            ids = list(dict.fromkeys(hole.ref.id for hole in group))
            found = await read_by_ids(self.execution, self.name, reading, shape, ids, deleted=None if trash else False)
            for hole in group:
                row = found.get(hole.ref.id)
                if row is None and hole.required:
                    raise Unexpected("a required row that cannot be shown")
                hole.container[hole.key] = row


async def written(execution: Execution, key: str, put: Put, value: Any) -> Any:
    """A value as the answer shows it, with everything it refers to."""
    box: dict[str, Any] = {key: None}
    filling = Filling(execution, key)
    try:
        put(value, filling, box, key)
        await filling.finish()
    finally:
        filling.abandon()
    return box[key]


def put_output(planner: Planner, output: GraphQLOutputType, nodes: list[FieldNode], *, thin: bool = False) -> Put:
    """How a value of this type is put into the answer; with `thin`, lists leave out rows that cannot be shown."""
    must = isinstance(output, GraphQLNonNull)
    inner = output.of_type if isinstance(output, GraphQLNonNull) else output
    if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
        found = _leaf(inner)
    elif isinstance(inner, GraphQLList):
        found = _list(planner, inner, nodes, thin=thin)
    elif is_abstract_type(inner) or inner.name in NODES.by_name:
        only = None if is_abstract_type(inner) else frozenset({inner.name})
        place = RowPlace(planner, nodes, only)
        if only is None:
            # What kinds of rows will be shown, and what they ask of the viewer, is not known yet.
            planner.personal, planner.rights.permissions.whole = True, True
        else:
            place.reading(NODES.by_name[inner.name])
        return _row(place, must=must)
    elif inner.name in VALUES:
        assert isinstance(inner, GraphQLObjectType)
        return _value(planner, inner, nodes, must=must)
    else:
        assert isinstance(inner, GraphQLObjectType)
        found = _object(planner, inner, nodes)

    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        if value is None:
            if must:
                raise Unexpected("null in a non-null field")
            container[key] = None
        else:
            found(value, filling, container, key)

    return put


def _leaf(leaf: GraphQLScalarType | GraphQLEnumType) -> Put:
    write = writer_of(leaf)

    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        container[key] = value if write is None else write(value)

    return put


def _list(planner: Planner, output: GraphQLList[Any], nodes: list[FieldNode], *, thin: bool) -> Put:
    # Where rows that cannot be shown are left out, none of them is required.
    inner = output.of_type.of_type if thin and isinstance(output.of_type, GraphQLNonNull) else output.of_type
    item = put_output(planner, inner, nodes)
    whole = put_output(planner, output.of_type, nodes)

    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        entries: list[Any] = [None] * len(value)
        container[key] = entries
        thinned = thin and any(isinstance(entry, Ref) for entry in value)
        if thinned:
            filling.thinned.append(entries)
        put_item = item if thinned else whole
        for index, entry in enumerate(value):
            put_item(entry, filling, entries, index)

    return put


def _row(place: RowPlace, *, must: bool) -> Put:
    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        if isinstance(value, Ref):
            container[key] = None
            filling.holes[place].append(Hole(container, key, value, must))
        elif value is None and not must:
            container[key] = None
        else:
            raise Unexpected(f"{type(value).__name__} instead of a reference")

    return put


def _value(planner: Planner, kind: GraphQLObjectType, nodes: list[FieldNode], *, must: bool) -> Put:
    """A value object: of a row that is referred to, or of the columns themselves where a resolver has read them."""
    info = NODES.of_table(VALUES[kind.name])
    row = _row(RowPlace(planner, nodes, frozenset({info.source.name}), kind), must=must)
    try:
        columns = _object(planner, kind, nodes)
    except Unplannable:
        return row  # something of it must be read

    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        (row if value is None or isinstance(value, Ref) else columns)(value, filling, container, key)

    return put


def _object(planner: Planner, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Put:
    parts: list[tuple[str, Get | None, Put | None]] = []
    for selected in planner.selections.of(kind, nodes):
        if selected.definition is None:
            parts.append((selected.key, None, None))
            continue
        get, thin = _getter(kind, selected.name, selected.definition.extensions.get("strawberry-definition"))
        parts.append((selected.key, get, put_output(planner, selected.definition.type, selected.nodes, thin=thin)))

    def put(value: Any, filling: Filling, container: Any, key: Any) -> None:
        made: dict[str, Any] = {}
        container[key] = made
        for name, get, put_part in parts:
            if get is None or put_part is None:
                made[name] = kind.name
                continue
            part = get(value, filling.execution.context)
            if isawaitable(part):
                made[name] = None
                filling.waiting.append((part, put_part, made, name))
            else:
                put_part(part, filling, made, name)

    return put


def _getter(kind: GraphQLObjectType, name: str, declared: Any) -> tuple[Get, bool]:
    """How a field of an object is found, and whether its list leaves out what cannot be shown."""
    spec = getattr(declared, "spec", None)
    if isinstance(spec, PayloadSpec):
        return spec.value, True
    if isinstance(spec, ColumnSpec | DerivedSpec) and spec.mask is None:
        return lambda value, context: spec.resolve(value, context, {}), False
    if isinstance(declared, StrawberryField) and declared.is_basic_field:
        attribute = attrgetter(declared.python_name)
        return lambda value, context: attribute(value), False
    raise Unplannable(f"{kind.name}.{name} has a resolver")
