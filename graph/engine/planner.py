"""The planner: from the selection of an operation to steps, decided once for a document and a set of rights.

It walks the selection beside the declarations of `graph.kit`. A declared column becomes a position in a select, a key a
join, a list of children an array of records, a permission is decided here and now. What stays is data for `trees` (what
to read) and an expression for `shapes` (how to show it). A field that is none of the declared kinds makes the whole
operation `Unplannable`; the reference executor answers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
)
from strawberry.types.field import StrawberryField

from domain.access import Scope
from graph.engine import shapes
from graph.engine.arguments import Arguments, Converters
from graph.engine.connections import plan_connection
from graph.engine.selections import Selected, Selections
from graph.engine.shapes import Code, ListShape, Unplannable
from graph.engine.steps import ListPlace, ListStep, LookupStep, PositionStep, Reading, Step
from graph.engine.writers import Writers
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
        self.writers = Writers(selections, self.code)

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
        shape, total, meta = plan_connection(self, selected, spec.target, place, 0)
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
        shape = self.row(info, nodes, place)
        return Reading(rows, place.lists), shape

    def row(self, info: NodeInfo, nodes: list[FieldNode], place: Place) -> shapes.Shape:
        """The shape of one row."""
        return self.code.function(self._object(self._type(info), nodes, place))

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
        return self.writers.column(selected.output, value, column, spec.write)

    def _id(self, selected: Selected, spec: IdSpec, place: Place) -> str:
        encode = self.code.name(shapes.global_id(place.table.source.name), "id")
        return f"{encode}({place.row}[{place.rows.column(place.table, 'id')}])"

    def _derived(self, selected: Selected, spec: DerivedSpec, place: Place) -> str:
        values = [f"{place.row}[{place.rows.column(place.table, name)}]" for name in spec.columns]
        if spec.viewer:
            values.append("viewer=x.viewer")
        call = f"{self.code.name(spec.compute, 'compute')}({', '.join(values)})"
        return self.writers.value(selected.output, call, selected.nodes)

    def _money(self, selected: Selected, spec: MoneySpec, place: Place) -> str:
        """`Money` without the object in between."""
        amount, currency = (f"{place.row}[{place.rows.column(place.table, name)}]" for name in spec.columns)
        unit = self.code.name(hundredths, "unit")
        written = {"amount": f"{unit}({amount})", "currency": currency, "__typename": "'Money'"}
        parts = [f"{part.key!r}: {written[part.name]}" for part in self.selections.of(selected.object, selected.nodes)]
        found = "{" + ", ".join(parts) + "}"
        if isinstance(selected.output, GraphQLNonNull):
            return f"({found} if required({amount}) is not None else None)"
        return f"(None if {amount} is None else {found})"

    def _value_object(self, selected: Selected, spec: ValueSpec, place: Place) -> str:
        return self._object(selected.object, selected.nodes, place)

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
        if isinstance(selected.output, GraphQLNonNull):
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
        shape, total, meta = plan_connection(self, selected, spec.target, inner, index)
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
        row = self.row(info, selected.nodes, Place(rows, rows.root, place.lists))
        at = place.rows.children(place.table, index, spec.key.name, rows)
        shape = self.code.name(ListShape(row, spec.cap), "children")
        return f"{shape}({place.row}[{at}], x)"

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
