"""The planner: from the selection of an operation to steps, decided once for a document and a set of rights.

It walks the selection beside the declarations of `graph.kit`. A declared column becomes a position in a select, a key a
join, a list of children an array of records, a permission is decided here and now. What stays is data for `trees` (what
to read) and an expression for `shapes` (how to show it). A field that is none of the declared kinds makes the whole
operation `Unplannable`; the reference executor answers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    OperationDefinitionNode,
)
from sqlalchemy import Column
from strawberry.types.field import StrawberryField

from domain.access import Scope
from graph.engine import shapes
from graph.engine.arguments import Arguments, Converters
from graph.engine.selections import Selected, Selections
from graph.engine.shapes import Code, ConnectionShape, ListShape
from graph.engine.steps import ListPlace, ListStep, LookupStep, PositionStep, Reading, Step
from graph.engine.writers import writer_of, written
from graph.kit.connection import ChildrenSpec, ManySpec, Requested
from graph.kit.field import (
    NODES,
    AggregateSpec,
    ColumnSpec,
    DerivedSpec,
    IdSpec,
    KitField,
    MoneySpec,
    NodeInfo,
    OneSpec,
    Spec,
    ValueSpec,
)
from graph.kit.root import LookupSpec, PositionSpec, RootListSpec
from loaders.base import NO_FILTER
from loaders.paging import Page
from loaders.trees import Joined, Rows
from loaders.visibility import sight
from resolvers.kit.scalars import hundredths


class Unplannable(Exception):
    """The operation contains something that only the reference executor can do; the text says what."""


@dataclass(frozen=True)
class Rights:
    """What a plan depends on of a viewer."""

    permissions: frozenset[str]
    scopes: frozenset[Scope]

    def may(self, permission: str) -> bool:
        return permission in self.permissions or permission + ".own" in self.permissions


@dataclass(eq=False)
class Place:
    """Where in a select a field stands."""

    rows: Rows
    table: Joined
    lists: list[ListPlace]
    row: str = "r"


class Planner:
    """Plans selections for one set of rights."""

    def __init__(self, selections: Selections, rights: Rights, converters: Converters) -> None:
        self.selections = selections
        self.rights = rights
        self.converters = converters
        self.code = Code()

    # Root fields

    def root(self, operation: OperationDefinitionNode, kind: GraphQLObjectType) -> list[Selected]:
        return self.selections.of(kind, [operation])

    def step(self, selected: Selected) -> Step:
        """The step of a root field that is declared; custom ones are the business of `values`."""
        field = field_of(selected)
        spec = field.spec
        assert selected.definition is not None
        nullable = not isinstance(selected.definition.type, GraphQLNonNull)
        if isinstance(spec, PositionSpec):
            self.allowed(None)
            return PositionStep(selected.key, None, nullable, selected.nodes)
        if isinstance(spec, LookupSpec):
            source = spec.target.source
            self.allowed(source.permission)
            reading, shape = self.rows(spec.target, selected.nodes)
            arguments = self.arguments(selected, field)
            return LookupStep(
                selected.key, source.permission, nullable, selected.nodes, arguments, source.name, reading, shape
            )
        if isinstance(spec, RootListSpec):
            return self._list_step(selected, field, spec, nullable)
        raise Unplannable(f"{selected.name}: {type(spec).__name__}")

    def _list_step(self, selected: Selected, field: KitField, spec: RootListSpec, nullable: bool) -> ListStep:
        source = spec.target.source
        self.allowed(source.permission)
        rows = Rows(Joined(source, sight(source.permission, self.rights)))
        lists = [ListPlace(0, spec, self.arguments(selected, field), source.name, nested=False)]
        place = Place(rows, rows.root, lists)
        shape, total, meta = self._connection(selected, spec.target, place, 0)
        return ListStep(
            selected.key, source.permission, nullable, selected.nodes, Reading(rows, lists), shape, total, meta
        )

    def allowed(self, permission: str | None) -> None:
        """A root field the viewer may not open is an error, which the reference executor tells."""
        if (permission is not None and not self.rights.may(permission)) or Scope.READ not in self.rights.scopes:
            raise Unplannable("a root field is not permitted")

    def arguments(self, selected: Selected, field: StrawberryField) -> Arguments:
        assert selected.definition is not None
        return Arguments(self.converters, selected.definition, selected.nodes[0], field)

    def rows(self, info: NodeInfo, nodes: list[FieldNode]) -> tuple[Reading, shapes.Shape]:
        """Rows of one type with what is selected of them."""
        rows = Rows(Joined(info.source, sight(info.source.permission, self.rights)))
        place = Place(rows, rows.root, [])
        expression = self._object(self._type(info), nodes, place)
        return Reading(rows, place.lists), self.code.function(expression)

    def _type(self, info: NodeInfo) -> GraphQLObjectType:
        found = self.selections.schema.get_type(info.source.name)
        assert isinstance(found, GraphQLObjectType)
        return found

    # Objects made from a row

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode], place: Place) -> str:
        parts = []
        for selected in self.selections.of(kind, nodes):
            if selected.definition is None:
                parts.append(f"{selected.key!r}: {kind.name!r}")
            else:
                parts.append(f"{selected.key!r}: {self._field(selected, place)}")
        return "{" + ", ".join(parts) + "}"

    def _field(self, selected: Selected, place: Place) -> str:
        field = field_of(selected)
        spec = field.spec
        plan = self._PLANS.get(type(spec))
        if plan is None:
            raise Unplannable(f"{selected.name}: {type(spec).__name__}")
        mask = spec.mask
        if mask is None or mask.needs in self.rights.permissions:
            return plan(self, selected, spec, place)
        if mask.unless is None:
            return "None"
        seen = place.rows.mask(place.table, mask.label)
        return f"({plan(self, selected, spec, place)} if {place.row}[{seen}] else None)"

    def _column(self, selected: Selected, spec: ColumnSpec, place: Place) -> str:
        column = place.table.source.table.c[spec.columns[0]]
        value = f"{place.row}[{place.rows.column(place.table, column.name)}]"
        return self._written(self._output(selected), value, column, spec.write)

    def _id(self, selected: Selected, spec: IdSpec, place: Place) -> str:
        encode = self.code.name(shapes.global_id(place.table.source.name), "id")
        return f"{encode}({place.row}[{place.rows.column(place.table, 'id')}])"

    def _derived(self, selected: Selected, spec: DerivedSpec, place: Place) -> str:
        values = [f"{place.row}[{place.rows.column(place.table, name)}]" for name in spec.columns]
        if spec.viewer:
            values.append("viewer=x.viewer")
        call = f"{self.code.name(spec.compute, 'compute')}({', '.join(values)})"
        return self._value(self._output(selected), call, selected.nodes)

    def _money(self, selected: Selected, spec: MoneySpec, place: Place) -> str:
        """`Money` without the object in between."""
        amount, currency = (f"{place.row}[{place.rows.column(place.table, name)}]" for name in spec.columns)
        unit = self.code.name(hundredths, "unit")
        written = {"amount": f"{unit}({amount})", "currency": currency, "__typename": "'Money'"}
        kind = _named(self._output(selected))
        assert isinstance(kind, GraphQLObjectType)
        parts = [f"{part.key!r}: {written[part.name]}" for part in self.selections.of(kind, selected.nodes)]
        found = "{" + ", ".join(parts) + "}"
        if isinstance(self._output(selected), GraphQLNonNull):
            return f"({found} if required({amount}) is not None else None)"
        return f"(None if {amount} is None else {found})"

    def _value_object(self, selected: Selected, spec: ValueSpec, place: Place) -> str:
        kind = _named(self._output(selected))
        assert isinstance(kind, GraphQLObjectType)
        return self._object(kind, selected.nodes, place)

    def _aggregate(self, selected: Selected, spec: AggregateSpec, place: Place) -> str:
        child = NODES.of_table(spec.target.table.name).source
        seen = sight(child.permission, self.rights)
        at = place.rows.count(place.table, child, spec.target, seen, condition=spec.condition)
        return f"{place.row}[{at}]"

    def _one(self, selected: Selected, spec: OneSpec, place: Place) -> str:
        # The key as the type's own table has it: an interface declares it on behalf of many.
        info = NODES.of_table(spec.key.info["references"])
        table, at = place.rows.one(place.table, spec.key.name, info.source, sight(info.source.permission, self.rights))
        found = self._object(self._type(info), selected.nodes, Place(place.rows, table, place.lists, place.row))
        here = f"{place.row}[{at}]"
        if isinstance(self._output(selected), GraphQLNonNull):
            return f"({found} if required({here}) else None)"
        return f"(None if {here} is None else {found})"

    # Lists of children

    def _many(self, selected: Selected, spec: ManySpec, place: Place) -> str:
        assert spec.key is not None
        target = spec.target.source
        if target.permission is not None and not self.rights.may(target.permission):
            return "None"
        index = len(place.lists)
        place.lists.append(
            ListPlace(index, spec, self.arguments(selected, field_of(selected)), spec.place, nested=True)
        )
        seen = sight(target.permission, self.rights)
        rows = Rows(Joined(target, seen))
        inner = Place(rows, rows.root, place.lists)
        shape, total, meta = self._connection(selected, spec.target, inner, index)
        values = [f"{place.row}[{place.rows.children(place.table, index, spec.key.name, rows)}]"]
        for wanted, paged in ((total, False), (meta, True)):
            at = place.rows.total(place.table, index, target, spec.key.name, seen, paged=paged) if wanted else None
            values.append("None" if at is None else f"{place.row}[{at}]")
        parent = f"{place.row}[{place.rows.column(place.table, 'id')}]"
        return f"{self.code.name(shape, 'connection')}({', '.join(values)}, {parent}, x)"

    def _children(self, selected: Selected, spec: ChildrenSpec, place: Place) -> str:
        info = NODES.of_table(spec.key.table.name)
        index = len(place.lists)
        fixed = Requested(spec.order, Page(limit=spec.cap), NO_FILTER, "")
        place.lists.append(ListPlace(index, None, None, "", nested=True, fixed=fixed))
        rows = Rows(Joined(info.source, sight(info.source.permission, self.rights)))
        row = self.code.function(self._object(self._type(info), selected.nodes, Place(rows, rows.root, place.lists)))
        at = place.rows.children(place.table, index, spec.key.name, rows)
        shape = self.code.name(ListShape(row, spec.cap), "children")
        return f"{shape}({place.row}[{at}], x)"

    def _connection(
        self, selected: Selected, info: NodeInfo, place: Place, index: int
    ) -> tuple[ConnectionShape, bool, bool]:
        """The shape of a connection, and whether `totalCount` and `pageMeta` are wanted."""
        kind = _named(self._output(selected))
        assert isinstance(kind, GraphQLObjectType)
        parts: list[tuple[str, shapes.Part]] = []
        wanted: set[str] = set()
        for part in self.selections.of(kind, selected.nodes):
            wanted.add(part.name)
            parts.append((part.key, self._connection_part(kind, part, info, place)))
        shape = ConnectionShape(index, place.rows, tuple(parts))
        return shape, "totalCount" in wanted, "pageMeta" in wanted

    def _connection_part(self, kind: GraphQLObjectType, part: Selected, info: NodeInfo, place: Place) -> shapes.Part:
        match part.name:
            case "nodes":
                return shapes.nodes(self._row(info, part.nodes, place))
            case "edges":
                return self._edges(part, info, place)
            case "totalCount":
                return lambda cut, run: cut.total
            case "pageInfo":
                names = self._names(part)
                place.rows.cursors = place.rows.cursors or any(name.endswith("Cursor") for _, name in names)
                return shapes.page_info(names)
            case "pageMeta":
                return shapes.page_meta(self._names(part))
            case "__typename":
                return lambda cut, run: kind.name
        raise Unplannable(f"{kind.name}.{part.name}")

    def _row(self, info: NodeInfo, nodes: list[FieldNode], place: Place) -> shapes.Shape:
        return self.code.function(self._object(self._type(info), nodes, place))

    def _edges(self, selected: Selected, info: NodeInfo, place: Place) -> shapes.Part:
        kind = _named(self._output(selected))
        assert isinstance(kind, GraphQLObjectType)
        parts: list[tuple[str, Callable[..., Any]]] = []
        for part in self.selections.of(kind, selected.nodes):
            if part.name == "node":
                parts.append((part.key, _node(self._row(info, part.nodes, place))))
            elif part.name == "cursor":
                place.rows.cursors = True
                parts.append((part.key, lambda cut, row, run: cut.cursor(row)))
            else:
                parts.append((part.key, lambda cut, row, run: kind.name))
        return shapes.edges(tuple(parts))

    def _names(self, selected: Selected) -> tuple[tuple[str, str], ...]:
        kind = _named(self._output(selected))
        assert isinstance(kind, GraphQLObjectType)
        return tuple((part.key, part.name) for part in self.selections.of(kind, selected.nodes))

    # Values

    @staticmethod
    def _output(selected: Selected) -> GraphQLOutputType:
        assert selected.definition is not None
        return selected.definition.type

    def _written(self, output: GraphQLOutputType, value: str, column: Column[Any], unit: Any) -> str:
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

    def _value(self, output: GraphQLOutputType, value: str, nodes: list[FieldNode]) -> str:
        """Any value that an expression gives: it is evaluated once, and nothing is known of it."""
        must = isinstance(output, GraphQLNonNull)
        inner = output.of_type if isinstance(output, GraphQLNonNull) else output
        held = value if value.isidentifier() else self.code.temporary()
        if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
            found = written(inner, held, self.code, None)
        elif isinstance(inner, GraphQLList):
            item = self.code.temporary()
            found = f"[{self._value(inner.of_type, item, nodes)} for {item} in {held}]"
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
            value = self._value(selected.definition.type, f"{held}.{field.python_name}", selected.nodes)
            parts.append(f"{selected.key!r}: {value}")
        return "{" + ", ".join(parts) + "}"

    _PLANS: dict[type[Spec], Callable[..., str]] = {
        ColumnSpec: _column,
        IdSpec: _id,
        DerivedSpec: _derived,
        MoneySpec: _money,
        ValueSpec: _value_object,
        AggregateSpec: _aggregate,
        OneSpec: _one,
        ManySpec: _many,
        ChildrenSpec: _children,
    }


def field_of(selected: Selected) -> KitField:
    """The declaration behind a field."""
    found = selected.definition.extensions.get("strawberry-definition") if selected.definition is not None else None
    if not isinstance(found, KitField):
        raise Unplannable(f"{selected.name} is not declared")
    return found


def _named(output: GraphQLOutputType) -> Any:
    found: Any = output
    while hasattr(found, "of_type"):
        found = found.of_type
    return found


def _node(shape: shapes.Shape) -> Callable[..., Any]:
    return lambda cut, row, run: shape(row, run)
