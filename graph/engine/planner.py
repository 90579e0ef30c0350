"""The planner: from the selection of an operation to steps, decided once for a document and a set of rights.

It walks the selection beside the declarations of `graph.kit`. A declared column becomes a position in a select, a key a
join, a list of children an array of records, a permission is decided here and now. What stays is data for `trees` (what
to read) and an expression for `shapes` (how to show it). A field that is none of the declared kinds makes the whole
operation `Unplannable`; the reference executor answers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from graphql import (
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
)
from sqlalchemy import ColumnElement
from strawberry.types.field import StrawberryField

from domain import access
from domain.access import Audience
from graph.engine import shapes
from graph.engine.arguments import Arguments, Converters
from graph.engine.connections import plan_connection
from graph.engine.groups import plan_groups
from graph.engine.pens import DatabasePen, ServerPen
from graph.engine.rights import Rights
from graph.engine.selections import Selected, Selections
from graph.engine.shapes import Code, ListShape, Part, Python, Unplannable
from graph.engine.steps import ListPlace, ListStep, LookupStep, PositionStep, Reading, Step
from graph.engine.summaries import plan_summary
from graph.engine.writers import Writers
from graph.kit.connection import ChildrenSpec, EverySpec, ManySpec, Requested, ThroughSpec
from graph.kit.field import (
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
from graph.kit.figures import FigureSpec, GatheredSpec
from graph.kit.groups import GroupsSpec
from graph.kit.history import HistorySpec
from graph.kit.root import LookupSpec, PositionSpec, RootListSpec
from graph.kit.summaries import SummarySpec
from loaders.base import NO_FILTER
from loaders.paging import Page
from loaders.trees import Joined, Rows, Scope
from loaders.visibility import sight


@dataclass(eq=False)
class Place:
    """Where in a select a field stands."""

    rows: Rows
    table: Joined
    lists: list[ListPlace]
    pen: ServerPen
    alone: bool = False  # whether nothing but the text of a row is wanted
    row: str = "r"
    # What must hold for the texts that the database writes; otherwise there is none.
    musts: list[Callable[[Scope], ColumnElement[bool]]] = field(default_factory=list)


class Planner:
    """Plans selections for one set of rights."""

    def __init__(self, selections: Selections, rights: Rights, converters: Converters) -> None:
        self.selections = selections
        self.rights = rights
        self.converters = converters
        self.personal = False  # whether an answer depends on who asks, not only on rights
        self.code = Code()
        writers = Writers(selections, self.code)
        self.server, self.database = ServerPen(writers, rights), DatabasePen(writers, rights)

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
                selected.key,
                source.permission,
                nullable,
                selected.nodes,
                arguments,
                source.name,
                reading,
                shape,
                spec.otherwise,
            )
        if isinstance(spec, RootListSpec):
            return self._list_step(selected, field, spec, nullable)
        raise Unplannable(f"{selected.name}: {type(spec).__name__}")

    def _list_step(self, selected: Selected, field: KitField, spec: RootListSpec, nullable: bool) -> ListStep:
        source = spec.target.source
        self.allowed(spec.permission)
        self.personal = self.personal or spec.asks_for_own(selected.nodes)
        rows = Rows(Joined(source, self.sight(source.permission)))
        lists = [ListPlace(0, spec, self.arguments(selected, field), source.name, nested=False)]
        place = Place(rows, rows.root, lists, self.database)
        shape, total, meta = plan_connection(self, selected, spec.target, place, 0)
        return ListStep(
            selected.key, spec.permission, nullable, selected.nodes, Reading(rows, lists), shape, total, meta
        )

    def allowed(self, permission: str | None) -> None:
        """A root field the viewer may not open is an error, which the reference executor tells."""
        if (permission is not None and not self.rights.may(permission)) or access.Scope.READ not in self.rights.scopes:
            raise Unplannable("a root field is not permitted")

    def sight(self, permission: str | None) -> Audience:
        """Which rows of a kind the viewer sees."""
        found = sight(permission, self.rights)
        self.personal = self.personal or found is Audience.OWN
        return found

    def arguments(self, selected: Selected, field: StrawberryField) -> Arguments:
        assert selected.definition is not None
        return Arguments(self.converters, selected.definition, selected.nodes[0], field)

    def rows(
        self, info: NodeInfo, nodes: list[FieldNode], kind: GraphQLObjectType | None = None
    ) -> tuple[Reading, shapes.Shape]:
        """Rows looked up by their ids, with what is selected of them, or of a value object `kind` that they have."""
        rows = Rows(Joined(info.source, self.sight(info.source.permission)))
        place = Place(rows, rows.root, [], self.server)
        shape = self.row(info, nodes, place, kind)
        return Reading(rows, place.lists), shape

    def row(
        self, info: NodeInfo, nodes: list[FieldNode], place: Place, kind: GraphQLObjectType | None = None
    ) -> shapes.Shape:
        """The shape of one row: the text of an object, ready to be put into the answer."""
        parts = self._object(kind or self._type(info), nodes, place)
        of_columns = [part for part in parts if not isinstance(part, str)]
        place.rows.bare = place.alone and bool(of_columns) and not any(isinstance(part, Python) for part in of_columns)
        return self.code.function(f"Fragment({place.pen.joined(parts, place)})")

    def _type(self, info: NodeInfo) -> GraphQLObjectType:
        found = self.selections.schema.get_type(info.source.name)
        assert isinstance(found, GraphQLObjectType)
        return found

    # The text of a row

    def _object(self, kind: GraphQLObjectType, nodes: list[FieldNode], place: Place) -> list[Part]:
        return self._braced(kind, nodes, lambda selected: self._field(selected, place))

    def _braced(
        self, kind: GraphQLObjectType, nodes: list[FieldNode], written: Callable[[Selected], list[Part]]
    ) -> list[Part]:
        parts: list[Part] = ["{"]
        for number, selected in enumerate(self.selections.of(kind, nodes)):
            parts.append(f'{"," if number else ""}"{selected.key}":')
            parts += [f'"{kind.name}"'] if selected.definition is None else written(selected)
        return [*parts, "}"]

    def _field(self, selected: Selected, place: Place) -> list[Part]:
        spec = field_of(selected).spec
        plan = self._PLANS.get(type(spec))
        if plan is None:
            raise Unplannable(f"{selected.name}: {type(spec).__name__}")
        mask = spec.mask
        if mask is None or mask.needs in self.rights.permissions:
            return plan(self, selected, spec, place)
        if mask.unless is None:
            return ["null"]
        self.personal = True
        seen = place.rows.mask(place.table, mask.label)
        shown = place.pen.joined(plan(self, selected, spec, place), place)
        return [Python(f"({shown} if {place.row}[{seen}] else 'null')")]

    def _column(self, selected: Selected, spec: ColumnSpec, place: Place) -> list[Part]:
        return [place.pen.column(selected, spec, place)]

    def _id(self, selected: Selected, spec: IdSpec, place: Place) -> list[Part]:
        return [place.pen.id(place)]

    def _derived(self, selected: Selected, spec: DerivedSpec, place: Place) -> list[Part]:
        self.personal = self.personal or spec.viewer
        members = place.pen.members(selected, spec, place)
        if members is None:
            return [place.pen.derived(selected, spec, place)]
        return self._braced(selected.object, selected.nodes, lambda part: [members(part.name)])

    def _money(self, selected: Selected, spec: MoneySpec, place: Place) -> list[Part]:
        """`Money` without the object in between."""
        amount, currency = spec.columns
        pen = place.pen

        def written(part: Selected) -> list[Part]:
            return [pen.amount(place, amount) if part.name == "amount" else pen.text(place, currency)]

        parts = self._braced(selected.object, selected.nodes, written)
        must = isinstance(selected.output, GraphQLNonNull)
        return pen.if_there(parts, replace(place, musts=[]), place, amount, must=must)

    def _value_object(self, selected: Selected, spec: ValueSpec, place: Place) -> list[Part]:
        if not spec.there:
            return self._object(selected.object, selected.nodes, place)
        inner = replace(place, musts=[])
        parts = self._object(selected.object, selected.nodes, inner)
        return place.pen.if_there(parts, inner, place, spec.there, must=False)

    def _figure(self, selected: Selected, spec: FigureSpec, place: Place) -> list[Part]:
        self.personal = self.personal or spec.figure.personal
        seen, table = self.sight(spec.over.permission), place.table
        for name in spec.figure.columns:
            place.rows.need(table, name)
        return [place.pen.figure(spec, place, lambda scope: spec.figure.of(scope.tables[table], seen))]

    def _gathered(self, selected: Selected, spec: GatheredSpec, place: Place) -> list[Part]:
        table = place.table
        for name in spec.figure.columns:
            place.rows.need(table, name)
        at = place.rows.computed(table, spec.figure, lambda scope: spec.figure.of(scope.tables[table], Audience.ALL))
        values = [*(self.server.value(place, name) for name in spec.given), f"{place.row}[{at}]"]
        call = f"{self.code.name(spec.compute, 'compute')}({', '.join(values)})"
        return [Python(self.server.writers.text(selected.output, call, selected.nodes))]

    def _aggregate(self, selected: Selected, spec: AggregateSpec, place: Place) -> list[Part]:
        child = spec.counted
        seen = self.sight(child.permission)
        at = place.rows.count(place.table, child, spec.way, seen, condition=spec.condition)
        return [Python(f"str({place.row}[{at}])")]

    def _one(self, selected: Selected, spec: OneSpec, place: Place) -> list[Part]:
        must = isinstance(selected.output, GraphQLNonNull)
        return self._led_to(spec.target, spec.key.name, selected.nodes, place, must=must)

    def _led_to(self, info: NodeInfo, key: str, nodes: list[FieldNode], place: Place, *, must: bool) -> list[Part]:
        # The key as the type's own table has it: an interface declares it on behalf of many.
        table = place.rows.one(place.table, key, info.source, self.sight(info.source.permission))
        inner = replace(place, table=table, musts=[])
        parts = self._object(self._type(info), nodes, inner)
        return place.pen.if_there(parts, inner, place, "id", must=must)

    def place(self, rows: Rows, lists: list[ListPlace]) -> Place:
        """Where the rows of a list stand."""
        return Place(rows, rows.root, lists, self.database)

    def joined_object(self, info: NodeInfo, key: str, nodes: list[FieldNode], place: Place) -> shapes.Shape:
        """The text of the row that a key of a list's row leads to, which must be there."""
        return self.code.function(place.pen.joined(self._led_to(info, key, nodes, place, must=True), place))

    # Lists of children

    def _many(self, selected: Selected, spec: ManySpec, place: Place) -> list[Part]:
        assert spec.key is not None
        target = spec.target.source
        if target.permission is not None and not self.rights.may(target.permission):
            return ["null"]
        self.personal = self.personal or spec.asks_for_own(selected.nodes)
        index = len(place.lists)
        place.lists.append(
            ListPlace(index, spec, self.arguments(selected, field_of(selected)), spec.place, nested=True)
        )
        seen = self.sight(target.permission)
        rows = Rows(Joined(target, seen))
        inner = self.place(rows, place.lists)
        shape, total, meta = plan_connection(self, selected, spec.target, inner, index)
        values = [f"{place.row}[{place.rows.children(place.table, index, spec.key.name, rows)}]"]
        for wanted, paged in ((total, False), (meta, True)):
            at = place.rows.total(place.table, index, target, spec.key.name, seen, paged=paged) if wanted else None
            values.append("None" if at is None else f"{place.row}[{at}]")
        parent = f"{place.row}[{place.rows.column(place.table, 'id')}]"
        return [Python(f"text({self.code.name(shape, 'connection')}({', '.join(values)}, {parent}, x))")]

    def _children(self, selected: Selected, spec: ChildrenSpec, place: Place) -> list[Part]:
        info = spec.target
        index = len(place.lists)
        fixed = Requested(spec.order, Page(limit=spec.cap), NO_FILTER, "")
        place.lists.append(ListPlace(index, None, None, "", nested=True, fixed=fixed))
        rows = Rows(Joined(info.source, self.sight(info.source.permission)))
        row = self.row(info, selected.nodes, Place(rows, rows.root, place.lists, self.database, alone=True))
        at = place.rows.children(place.table, index, spec.way, rows)
        shape = self.code.name(ListShape(rows, row, spec.cap), "children")
        return [Python(f"text({shape}({place.row}[{at}], x))")]

    _PLANS: dict[type[Spec], Callable[..., list[Part]]] = {
        ColumnSpec: _column,
        IdSpec: _id,
        DerivedSpec: _derived,
        MoneySpec: _money,
        ValueSpec: _value_object,
        AggregateSpec: _aggregate,
        FigureSpec: _figure,
        GatheredSpec: _gathered,
        OneSpec: _one,
        ManySpec: _many,
        HistorySpec: _many,
        ChildrenSpec: _children,
        ThroughSpec: _children,
        EverySpec: _children,
        GroupsSpec: plan_groups,
        SummarySpec: plan_summary,
    }


def field_of(selected: Selected) -> KitField:
    """The declaration behind a field."""
    found = selected.definition.extensions.get("strawberry-definition") if selected.definition is not None else None
    if not isinstance(found, KitField):
        raise Unplannable(f"{selected.name} is not declared")
    return found
