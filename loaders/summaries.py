"""Summaries: many figures over the same rows, in one reading for a whole agency or for each of some parents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Integer, Select, and_, cast, func, select

from domain.access import Audience
from loaders.base import Condition, Loaders, keyed
from loaders.paging import OrderKey
from loaders.sql import STATEMENTS
from loaders.visibility import predicates, table_of
from models.base import TenantRow

Make = Callable[[Any], ColumnElement[Any]]


@dataclass(frozen=True, eq=False)
class Counted:
    """How many rows have which value; `label` is what the database knows to say of it."""

    value: Make
    label: Make | None = None
    most: int = 100  # values, the most frequent first


@dataclass(frozen=True, eq=False)
class Few:
    """Some rows that belong to the summary: of the summary's model, or of another that points to it with `key`."""

    model: type[TenantRow]
    order: tuple[OrderKey, ...]
    cap: int
    key: str = ""
    where: Make | None = None


@dataclass(frozen=True, eq=False)
class Summary:
    """Figures over rows of `model`, by the names under which they are shown."""

    model: type[TenantRow]
    only: Make | None = None  # which rows count at all
    numbers: dict[str, Make] = field(default_factory=dict)
    counts: dict[str, Counted] = field(default_factory=dict)
    few: dict[str, Few] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Summed:
    """A summary of the rows for which `within` holds, as a viewer sees them: parts of a statement."""

    summary: Summary
    seen: Audience
    within: Callable[[FromClause], Sequence[ColumnElement[bool]]]

    def _rows(self) -> tuple[FromClause, list[ColumnElement[bool]]]:
        table = table_of(self.summary.model).alias()
        seen = predicates(self.summary.model, self.seen, table=table)
        only = [] if self.summary.only is None else [self.summary.only(table)]
        return table, [*seen, *only, *self.within(table)]

    def numbers(self) -> ColumnElement[Any]:
        """All numbers as one record, in the order of their names."""
        table, conditions = self._rows()
        wanted = [cast(make(table), Integer) for make in self.summary.numbers.values()]
        return select(func.row(*wanted)).where(*conditions).correlate_except(table).scalar_subquery()

    def ids(self) -> Select[Any]:
        """The ids of the rows."""
        table, conditions = self._rows()
        return select(table.c.id).where(*conditions).correlate_except(table)

    def counts(self, name: str) -> ColumnElement[Any]:
        """Records of value, label and number."""
        table, conditions = self._rows()
        counted = self.summary.counts[name]
        value = counted.value(table)
        label = (counted.label or counted.value)(table)
        found = (
            select(func.row(value, label, func.count()))
            .where(*conditions)
            .group_by(value)
            .order_by(func.count().desc(), value)
            .limit(counted.most)
        )
        array: ColumnElement[Any] = func.array(found.correlate_except(table).scalar_subquery())
        return array

    def few(self, name: str, seen: Audience) -> ColumnElement[Any]:
        """The ids of some rows in their order; `seen` is which of their model the viewer sees."""
        few, (table, conditions) = self.summary.few[name], self._rows()
        other = table_of(few.model).alias() if few.key else table
        if few.key:
            conditions = [*predicates(few.model, seen, table=other), other.c[few.key].in_(self.ids())]
        if few.where is not None:
            conditions.append(few.where(other))
        order = [key.column(other).desc() if key.descending else key.column(other) for key in few.order]
        last = other.c.id.desc() if few.order[-1].descending else other.c.id
        found = select(other.c.id).where(*conditions).order_by(*order, last).limit(few.cap)
        array: ColumnElement[Any] = func.array(found.correlate_except(table, other).scalar_subquery())
        return array

    def everything(self, seen: Callable[[type[TenantRow]], Audience]) -> list[ColumnElement[Any]]:
        """Numbers, counts and ids as columns that `read` understands."""
        counts = [self.counts(name).label(f"count_{name}") for name in self.summary.counts]
        few = [self.few(name, seen(one.model)).label(f"few_{name}") for name, one in self.summary.few.items()]
        return [self.numbers().label("numbers"), *counts, *few]


@dataclass(frozen=True, eq=False)
class FewOf:
    """The way from a parent to some rows of its summary, whose rows point to it with the key `way`."""

    summary: Summary
    few: Few
    way: str
    seen: Audience  # of the summary's rows

    def leads(self, table: Any, parent: ColumnElement[Any]) -> ColumnElement[bool]:
        more: tuple[Make | None, ...] = (self.few.where,)
        if self.few.key:
            summed = Summed(self.summary, self.seen, lambda rows: [rows.c[self.way] == parent])
            found = table.c[self.few.key].in_(summed.ids())
        else:
            found, more = table.c[self.way] == parent, (self.summary.only, *more)
        return and_(found, *(condition(table) for condition in more if condition is not None))


def loader(loaders: Loaders, summary: Summary, way: str, seen: Callable[[type[TenantRow]], Audience]) -> Any:
    """The figures of every parent, all parents in one statement."""
    models = (summary.model, *(few.model for few in summary.few.values()))
    key = ("summary", summary, way, *map(seen, models))

    def build() -> Select[Any]:
        keys = keyed()
        summed = Summed(summary, seen(summary.model), lambda table: [table.c[way] == keys.c.key])
        return select(keys.c.key, *summed.everything(seen)).select_from(keys)

    async def load(ids: list[UUID]) -> list[dict[str, Any]]:
        rows = await loaders.fetch(STATEMENTS.get(key, build), {"keys": ids})
        found = {row["key"]: read(summary, row) for row in rows}
        return [found[id] for id in ids]

    return loaders.batched(key, load)


async def total(
    loaders: Loaders, summary: Summary, condition: Condition, seen: Callable[[type[TenantRow]], Audience]
) -> dict[str, Any]:
    """The figures over all rows of the agency that fulfil a condition."""
    models = (summary.model, *(few.model for few in summary.few.values()))

    def build() -> Select[Any]:
        summed = Summed(summary, seen(summary.model), condition.build)
        return select(*summed.everything(seen))

    statement = STATEMENTS.get(("summary", summary, condition.form, *map(seen, models)), build)
    return read(summary, (await loaders.fetch(statement, condition.values))[0])


def read(summary: Summary, row: Any) -> dict[str, Any]:
    """The figures of a row of `everything` by their names: numbers, tuples of counts, ids."""
    return {
        **dict(zip(summary.numbers, row["numbers"], strict=True)),
        **{name: [tuple(found) for found in row[f"count_{name}"]] for name in summary.counts},
        **{name: list(row[f"few_{name}"]) for name in summary.few},
    }
