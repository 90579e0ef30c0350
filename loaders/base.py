"""The batch statements behind every field: one row by id, pages of children, counts, lists. All from foreign keys.

A `Loaders` belongs to one request (or one event of a stream): it holds the viewer's sight and remembers nothing
beyond it. Rows are asyncpg records of the declared columns; no object is hydrated.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from uuid import UUID

import asyncpg
from sqlalchemy import BindParameter, Column, ColumnElement, Select, Table, Uuid, any_, func, select, true
from sqlalchemy.sql.visitors import cloned_traverse
from strawberry.dataloader import DataLoader

from domain.access import GUARDED, Audience
from loaders.figures import Figure
from loaders.paging import OrderKey, Page, Slice, paged, signature, trusting
from loaders.sql import STATEMENTS, Statement, param, type_uuids
from loaders.visibility import Sees, predicates, sight, table_of
from models.base import TenantRow


class Row(asyncpg.Record):
    """A row as the database gave it; `source` says of what type."""

    source: ClassVar[Source]


@dataclass(frozen=True, eq=False)
class Source:
    """What a node type reads: its model, the columns its fields declare, the permission that opens it."""

    name: str
    model: type[TenantRow]
    columns: tuple[str, ...]
    permission: str | None
    masks: tuple[tuple[str, Callable[[Any, Any], ColumnElement[bool]]], ...] = ()
    record: type[Row] = field(default=Row)

    @property
    def table(self) -> Table:
        return table_of(self.model)


@dataclass(frozen=True)
class Condition:
    """A filter: what decides the SQL, how to build it, the values to bind.

    `one_plan` tells whether a plan that is right for some values is right for all: not so for ranges, which may hold
    few rows or nearly all.
    """

    form: Hashable = ()
    build: Callable[[Any], Sequence[ColumnElement[bool]]] = lambda table: ()
    values: dict[str, Any] = field(default_factory=dict)
    one_plan: bool = True

    def also(self, other: Condition) -> Condition:
        """Both conditions, whose values have different names."""
        if self.form == ():
            return other
        return Condition(
            (self.form, other.form),
            lambda table: [*self.build(table), *other.build(table)],
            {**self.values, **other.values},
            self.one_plan and other.one_plan,
        )

    def prefixed(self, prefix: str) -> Condition:
        """The same filter with other names for its values, for a statement that holds several filters."""
        if not self.values:
            return self

        def rename(bound: BindParameter[Any]) -> None:
            if bound.key in self.values:  # who asks is bound under one name everywhere
                bound.key = prefix + bound.key

        def build(table: Any) -> list[ColumnElement[bool]]:
            return [cloned_traverse(found, {}, {"bindparam": rename}) for found in self.build(table)]

        values = {prefix + name: value for name, value in self.values.items()}
        return Condition(self.form, build, values, self.one_plan)


@dataclass(frozen=True, eq=False)
class Link:
    """A table that connects rows of two others: `here` is its key to the row asked about, `there` to those found."""

    here: Column[Any]
    there: Column[Any]

    def leads(self, table: Any, parent: ColumnElement[Any]) -> ColumnElement[bool]:
        between = self.here.table.alias()
        ids = select(between.c[self.there.name]).where(
            between.c.tenant_id == param("tenant", Uuid), between.c[self.here.name] == parent
        )
        return table.c.id.in_(ids.correlate_except(between))  # type: ignore[no-any-return]


class Leading(Protocol):
    """How rows belong to a parent when no key of theirs says so; rows of the agency at large have to be looked at."""

    def leads(self, table: Any, parent: ColumnElement[Any]) -> ColumnElement[bool]: ...


class Everywhere:
    """Rows that belong to every parent: those of the agency at large."""

    def leads(self, table: Any, parent: ColumnElement[Any]) -> ColumnElement[bool]:
        return true()


EVERYWHERE = Everywhere()
Way = str | Leading


def belongs(table: Any, way: Way, parent: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a row of `table` belongs to the row with the id `parent`."""
    if isinstance(way, str):
        found: ColumnElement[bool] = table.c[way] == parent
        return found
    return way.leads(table, parent)


class Reading(Protocol):
    """Where statements go: the read pool."""

    async def fetch(
        self, tenant: UUID, sql: str, arguments: Sequence[Any], record: type[asyncpg.Record], *, one_plan: bool
    ) -> list[Any]: ...


NO_FILTER = Condition()


class Loaders:
    """Batching readers of one viewer. Fresh for each request, each mutation and each event."""

    def __init__(self, reads: Reading, viewer: Sees) -> None:
        self._reads = reads
        self.viewer = viewer
        self.statements = 0
        self.guarded = False  # whether rows were read that are guarded
        self._one: dict[tuple[Source, bool | None], DataLoader[UUID, Row | None]] = {}
        self._many: dict[Hashable, DataLoader[UUID, Any]] = {}

    async def fetch(self, statement: Statement, values: dict[str, Any], record: type[Row] = Row) -> list[Any]:
        """Run one statement for the viewer's agency."""
        self.statements += 1
        viewer = self.viewer
        bound = statement.args({**values, "tenant": viewer.tenant_id, "member": viewer.member_id})
        return await self._reads.fetch(viewer.tenant_id, statement.sql, bound, record, one_plan=statement.one_plan)

    # One row by id

    def one(self, source: Source, *, deleted: bool | None = False) -> DataLoader[UUID, Row | None]:
        """Rows by id; missing, invisible and (unless `deleted` is None) deleted are all None."""
        found = self._one.get((source, deleted))
        if found is None:

            async def load(ids: list[UUID]) -> list[Row | None]:
                rows = {row["id"]: row for row in await self._by_ids(source, ids, deleted)}
                return [rows.get(id) for id in ids]

            found = self._one[source, deleted] = DataLoader(load_fn=load)
        return found

    async def _by_ids(self, source: Source, ids: Sequence[UUID], deleted: bool | None) -> list[Any]:
        self.guarded = self.guarded or source.permission in GUARDED
        seen = sight(source.permission, self.viewer)
        table = source.table

        def build() -> Select[Any]:
            return select(*_columns(source, table)).where(
                *predicates(source.model, seen, deleted=deleted), table.c.id == any_(param("ids", type_uuids))
            )

        statement = STATEMENTS.get(("ids", source, seen, deleted), build)
        return await self.fetch(statement, {"ids": list(ids)}, source.record)

    # Children of many parents

    def page(
        self, source: Source, way: Way, order: Sequence[OrderKey], page: Page, condition: Condition = NO_FILTER
    ) -> DataLoader[UUID, Slice]:
        """A page of children per parent, all parents in one statement."""
        key = ("page", source, way, signature(order), page, condition.form, _values_key(condition.values))
        found = self._many.get(key)
        if found is None:

            async def load(parents: list[UUID]) -> list[Slice]:
                return await self._load_pages(source, way, order, page, condition, parents)

            found = self._many[key] = DataLoader(load_fn=load)
        return found

    async def _load_pages(
        self,
        source: Source,
        way: Way,
        order: Sequence[OrderKey],
        page: Page,
        condition: Condition,
        parents: list[UUID],
    ) -> list[Slice]:
        seen = sight(source.permission, self.viewer)
        table = source.table

        def build() -> Select[Any]:
            keys = keyed()

            def base(columns: Sequence[ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
                # Also where it stands inside of a further select, it is the page of this parent.
                return (
                    select(*columns)
                    .where(
                        *predicates(source.model, seen, nested=isinstance(way, str)),
                        belongs(table, way, keys.c.key),
                        *condition.build(table),
                        *conditions,
                    )
                    .correlate_except(table)
                )

            inner = paged(base, table, _columns(source, table), order, page).lateral("child")
            return select(keys.c.ordinal, inner).select_from(keys.join(inner, true())).order_by(keys.c.ordinal)

        key = ("page", source, way, signature(order), page.form, condition.form, seen)
        statement = STATEMENTS.get(key, build)
        values = {"keys": parents, **page.values(), **condition.values}
        with trusting(page):
            rows = await self.fetch(statement, values, source.record)
        grouped: list[list[Any]] = [[] for _ in parents]
        for row in rows:
            grouped[row["ordinal"] - 1].append(row)
        return [Slice.of(group, page, order) for group in grouped]

    def count(self, source: Source, way: Way, condition: Condition = NO_FILTER) -> DataLoader[UUID, int]:
        """How many visible children a parent has."""
        key = ("count", source, way, condition.form, _values_key(condition.values))
        found = self._many.get(key)
        if found is None:

            async def load(parents: list[UUID]) -> list[int]:
                seen = sight(source.permission, self.viewer)
                table = source.table

                def build() -> Select[Any]:
                    if not isinstance(way, str):
                        return _linked_counts(source.model, way, seen, condition)
                    return (
                        select(table.c[way].label("key"), func.count().label("found"))
                        .where(
                            *predicates(source.model, seen, nested=True),
                            table.c[way] == any_(param("keys", type_uuids)),
                            *condition.build(table),
                        )
                        .group_by(table.c[way])
                    )

                statement = STATEMENTS.get(("count", source, way, condition.form, seen), build)
                rows = await self.fetch(statement, {"keys": parents, **condition.values})
                counts = {row["key"]: row["found"] for row in rows}
                return [counts.get(parent, 0) for parent in parents]

            found = self._many[key] = DataLoader(load_fn=load)
        return found

    def figure(self, source: Source, permission: str | None, figure: Figure) -> DataLoader[UUID, Any]:
        """A figure over the rows that `permission` opens, for rows of `source`."""
        found = self._many.get(("figure", source, figure))
        if found is None:
            seen, table = sight(permission, self.viewer), source.table

            def build() -> Select[Any]:
                return select(table.c.id, figure.of(table, seen).label("found")).where(
                    table.c.tenant_id == param("tenant", Uuid), table.c.id == any_(param("ids", type_uuids))
                )

            async def load(ids: list[UUID]) -> list[Any]:
                rows = await self.fetch(STATEMENTS.get(("figure", source, seen, figure), build), {"ids": ids})
                values = {row["id"]: row["found"] for row in rows}
                return [values.get(id) for id in ids]

            found = self._many["figure", source, figure] = DataLoader(load_fn=load)
        return found

    def batched(
        self, key: Hashable, load: Callable[[list[UUID]], Coroutine[Any, Any, list[Any]]]
    ) -> DataLoader[UUID, Any]:
        """The loader of this request for what `key` names."""
        found = self._many.get(key)
        if found is None:
            found = self._many[key] = DataLoader(load_fn=load)
        return found

    # Lists of a whole agency

    async def listing(
        self, source: Source, order: Sequence[OrderKey], page: Page, condition: Condition = NO_FILTER
    ) -> Slice:
        """One page of all visible rows."""
        seen = sight(source.permission, self.viewer)
        table = source.table

        def base(columns: Sequence[ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
            return select(*columns).where(*predicates(source.model, seen), *condition.build(table), *conditions)

        key = ("list", source, signature(order), page.form, condition.form, seen)
        statement = STATEMENTS.get(
            key, lambda: paged(base, table, _columns(source, table), order, page), one_plan=condition.one_plan
        )
        with trusting(page):
            rows = await self.fetch(statement, {**page.values(), **condition.values}, source.record)
        return Slice.of(rows, page, order)

    async def total(self, source: Source, condition: Condition = NO_FILTER) -> int:
        """How many visible rows fulfil the condition."""
        seen = sight(source.permission, self.viewer)
        table = source.table

        def build() -> Select[Any]:
            return (
                select(func.count().label("found"))
                .select_from(table)
                .where(*predicates(source.model, seen), *condition.build(table))
            )

        statement = STATEMENTS.get(("total", source, condition.form, seen), build, one_plan=condition.one_plan)
        return int((await self.fetch(statement, condition.values))[0]["found"])


def keyed() -> Any:
    """The parents as a table with their place in the question."""
    keys = func.unnest(param("keys", type_uuids)).table_valued("key", with_ordinality="ordinal")
    return keys.render_derived(name="parent")


def _linked_counts(model: type[TenantRow], way: Leading, seen: Audience, condition: Condition) -> Select[Any]:
    """How many visible rows a link leads to, per parent."""
    keys, table = keyed(), table_of(model)
    number = (
        select(func.count())
        .select_from(table)
        .where(*predicates(model, seen), belongs(table, way, keys.c.key), *condition.build(table))
        .correlate(keys)
        .scalar_subquery()
    )
    return select(keys.c.key, number.label("found"))


def _columns(source: Source, table: Any) -> list[ColumnElement[Any]]:
    masks = [mask(table, param("member", Uuid)).label(label) for label, mask in source.masks]
    return [*(table.c[name] for name in source.columns), *masks]


def _values_key(values: dict[str, Any]) -> Hashable:
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in sorted(values.items()))


__all__ = ["NO_FILTER", "Condition", "Link", "Loaders", "Row", "Source", "Way", "belongs"]
