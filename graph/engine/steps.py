"""Steps: what a plan does, one after another or side by side. Each reads with one statement and shapes the rows."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from graphql import FieldNode
from sqlalchemy import ColumnElement, Select
from strawberry.types.unset import UNSET

from domain.access import GUARDED
from graph.engine.arguments import Arguments, Variables
from graph.engine.connections import ConnectionShape
from graph.engine.shapes import Shape, Unexpected
from graph.kit.connection import ListSpec, Requested, scope_of
from graph.kit.root import readable_id
from loaders import trees
from loaders.paging import decode_head
from loaders.sql import Statement, compile_statement
from loaders.trees import Listing, Rows
from resolvers.kit.context import Context, State, Viewer
from storage.events import Cursor
from storage.files import FileStore

STATEMENTS_PER_STEP = 64


@dataclass(slots=True)
class Bound:
    """A list whose arguments are known."""

    listing: Listing
    asked: Requested
    form: Hashable
    values: dict[str, Any]
    place: str | None = None  # of a list of children, whose cursors name the parent
    parent: UUID | None = None  # the only parent a given cursor belongs to

    def scope(self, parent: UUID | None) -> str:
        """What the cursors of this list begin with."""
        if self.place is None:
            return self.asked.scope
        return scope_of(f"{self.place}:{parent}", self.asked.condition)


@dataclass(slots=True)
class Run:
    """One execution of a step, as shapes see it."""

    viewer: Viewer
    language: str
    state: State
    bounds: Sequence[Bound] = ()

    @classmethod
    def of(cls, context: Context, bounds: Sequence[Bound]) -> Run:
        return cls(context.signed_in, context.request.language, context.state, bounds)

    @property
    def files(self) -> FileStore:
        """The store of files, which is not opened before somebody asks for one."""
        return self.state.files


@dataclass(eq=False)
class ListPlace:
    """A list of a statement: its declaration and the arguments it gets."""

    index: int
    spec: ListSpec | None
    arguments: Arguments | None
    place: str
    nested: bool
    fixed: Requested | None = None  # a list without arguments
    _constant: Bound | None = None

    def bind(self, variables: Variables) -> Bound:
        """What the list asks for with these variables; raises ApiError for what may not be asked."""
        if self._constant is not None:
            return self._constant
        if self.fixed is not None or self.arguments is None or self.spec is None:
            assert self.fixed is not None
            found = self._bound(self.fixed, None)
        else:
            given = self.arguments.read(variables)
            parent = _named_parent(self.place, given) if self.nested else None
            place = f"{self.place}:{parent}" if self.nested else self.place
            found = self._bound(self.spec.request(given, place), parent)
        if self.arguments is None or self.arguments.constant:
            self._constant = found
        return found

    def _bound(self, asked: Requested, parent: UUID | None) -> Bound:
        prefix = f"l{self.index}_"
        listing = Listing(asked.order, replace(asked.page, prefix=prefix), asked.condition.prefixed(prefix))
        place = self.place if self.nested else None
        return Bound(listing, asked, listing.form, listing.values, place, parent)


def _named_parent(place: str, given: dict[str, Any]) -> UUID | None:
    """The parent a cursor among the arguments names. Whether it is the right one turns out when the row is there."""
    cursor = given.get("after") or given.get("before")
    if not isinstance(cursor, str):
        return None
    head = decode_head(cursor)
    name, _, rest = head.partition(":")
    parent, _, _ = rest.partition(":")
    try:
        return UUID(parent) if name == place else UUID(int=0)
    except ValueError:
        return UUID(int=0)


@dataclass(eq=False)
class Reading:
    """A select with its shapes and the statements it became, one per form of the lists in it."""

    rows: Rows
    lists: list[ListPlace]
    statements: OrderedDict[Hashable, Statement] = field(default_factory=OrderedDict)

    def bind(self, variables: Variables) -> list[Bound]:
        return [place.bind(variables) for place in self.lists]

    def statement(self, key: Hashable, bounds: Sequence[Bound], build: Callable[[], Select[Any]]) -> Statement:
        """The statement for these forms; compiled once while it is used."""
        form = (key, *[bound.form for bound in bounds])
        found = self.statements.get(form)
        if found is None:
            one_plan = all(bound.listing.condition.one_plan for bound in bounds)
            found = self.statements[form] = compile_statement(build(), one_plan=one_plan)
            if len(self.statements) > STATEMENTS_PER_STEP:
                self.statements.popitem(last=False)
        else:
            self.statements.move_to_end(form)
        return found


@dataclass(slots=True)
class Trace:
    """What one statement was and cost, for `extensions.plan`."""

    field: str
    sql: str
    rows: int
    milliseconds: float


@dataclass(eq=False)
class Execution:
    """One run of a plan."""

    context: Context
    variables: Variables
    traces: list[Trace] | None = None  # filled when somebody asked for them
    position: str | None = None

    async def fetch(self, field: str, statement: Statement, values: dict[str, Any]) -> list[Any]:
        loaders = self.context.loaders
        if self.traces is None:
            return await loaders.fetch(statement, values)
        started = time.perf_counter()
        rows = await loaders.fetch(statement, values)
        self.traces.append(Trace(field, statement.sql, len(rows), round((time.perf_counter() - started) * 1000, 3)))
        return rows


def _values(bounds: Sequence[Bound]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for bound in bounds:
        found |= bound.values
    return found


def _listings(bounds: Sequence[Bound]) -> list[Listing]:
    return [bound.listing for bound in bounds]


@dataclass(eq=False)
class Step:
    """One root field of a query. `permission` opens it and names the rate it counts against."""

    key: str
    permission: str | None
    nullable: bool
    nodes: list[FieldNode]
    reads = False  # whether it is one statement, which can read the stream's position as well

    @property
    def public(self) -> bool:
        return False

    def bind(self, variables: Variables) -> Any:
        """The arguments with their values; raises ApiError or GraphQLError for bad ones. None: nothing to read."""
        raise NotImplementedError

    async def run(self, execution: Execution, bound: Any, *, position: bool = False) -> Any:
        """The field's part of the answer. With `position` the same statement reads the stream's position as well."""
        raise NotImplementedError


@dataclass(eq=False)
class ListStep(Step):
    """A list of all visible rows."""

    reading: Reading
    shape: ConnectionShape
    total: bool
    meta: bool
    reads = True

    def bind(self, variables: Variables) -> list[Bound]:
        return self.reading.bind(variables)

    async def run(self, execution: Execution, bound: list[Bound], *, position: bool = False) -> Any:
        listing = bound[0].listing
        counted = self.total or (self.meta and listing.page.number is not None)

        def build() -> Select[Any]:
            extra: list[ColumnElement[Any]] = [trees.total(self.reading.rows, listing)] if counted else []
            if position:
                extra.append(trees.position())
            return trees.page(self.reading.rows, 0, _listings(bound), extra)

        statement = self.reading.statement((counted, position), bound, build)
        rows = await execution.fetch(self.key, statement, _values(bound))
        total = None
        if counted or position:
            beside = rows[0]
            if position:
                execution.position = _position(beside[-1])
            if counted:
                total = beside[-2] if position else beside[-1]
        empty = not rows or rows[0][0] is None
        found: Any = rows[0][0] if self.reading.rows.bare else [] if empty else rows
        return self.shape(found, total, total, None, Run.of(execution.context, bound))


@dataclass(eq=False)
class LookupStep(Step):
    """One row by its global id, or the one that is shown when no id is given."""

    arguments: Arguments
    type_name: str
    reading: Reading
    shape: Shape
    otherwise: Callable[[Any], ColumnElement[bool]] | None = None
    reads = True

    def bind(self, variables: Variables) -> tuple[UUID | None, list[Bound]] | None:
        given: Any = self.arguments.read(variables).get("id")
        if self.otherwise is not None and given in (None, UNSET):
            return None, self.reading.bind(variables)
        name, id = readable_id(given, "id")
        return (id, self.reading.bind(variables)) if name == self.type_name else None

    async def run(
        self, execution: Execution, bound: tuple[UUID | None, list[Bound]] | None, *, position: bool = False
    ) -> Any:
        if bound is None:
            return None
        id, lists = bound
        which = {"which": self.otherwise} if id is None and self.otherwise is not None else {}

        def build() -> Select[Any]:
            extra = [trees.position()] if position else ()
            return trees.by_id(self.reading.rows, _listings(lists), extra, **which)

        statement = self.reading.statement((position, id is None), lists, build)
        rows = await execution.fetch(self.key, statement, _values(lists) | ({} if id is None else {"id": id}))
        if position:
            execution.position = _position(rows[0][-1])
        if not rows or rows[0][0] is None:
            return None
        return self.shape(rows[0], Run.of(execution.context, lists))


@dataclass(eq=False)
class PositionStep(Step):
    """The stream's position, read by the first statement of the operation."""

    def bind(self, variables: Variables) -> None:
        return None

    async def run(self, execution: Execution, bound: None, *, position: bool = False) -> Any:
        return execution.position


def _position(found: Any) -> str:
    """The cursor of the stream's end."""
    if found is None:
        raise Unexpected("an agency without a stream")
    return Cursor(*found).encode()


async def read_by_ids(
    execution: Execution, field: str, reading: Reading, shape: Shape, ids: list[UUID], *, deleted: bool | None
) -> dict[UUID, Any]:
    """The shaped rows of some ids."""
    bounds = reading.bind(execution.variables)
    if reading.rows.root.source.permission in GUARDED:
        execution.context.looked_behind = True
    statement = reading.statement(
        deleted, bounds, lambda: trees.by_ids(reading.rows, _listings(bounds), deleted=deleted)
    )
    run = Run.of(execution.context, bounds)
    rows = await execution.fetch(field, statement, _values(bounds) | {"ids": ids})
    return {row[0]: shape(row, run) for row in rows}
