"""One statement for a tree: rows of a type, the rows their keys point to, and their children as arrays of records.

A `Rows` says what is wanted: which columns of which tables, which counts, which lists of children. Keys become left
joins; a list of children becomes an array of records in the row of its parent, ordered and limited in the database, so
a screen is one round trip. Rows come back as records that are read by position; nothing is decoded twice.

What a viewer may see, pages, orders and filters are those of `visibility`, `paging` and `Condition`, which the batch
readers of `base` use as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    and_,
    any_,
    case,
    func,
    literal_column,
    null,
    select,
    true,
)

import models
from domain.access import Audience
from loaders import jsontext
from loaders.base import NO_FILTER, Condition, Source, Way, belongs
from loaders.paging import OrderKey, Page, ordered, paged, signature
from loaders.sql import param, type_uuids
from loaders.visibility import predicates


@dataclass(frozen=True)
class Listing:
    """What the arguments of one list ask for, with the names of its values made unique in the statement."""

    order: Sequence[OrderKey]
    page: Page
    condition: Condition = NO_FILTER

    @property
    def form(self) -> Hashable:
        """What decides the SQL text; everything else is a bound value."""
        return signature(self.order), self.page.form, self.condition.form

    @property
    def values(self) -> dict[str, Any]:
        return self.page.values() | self.condition.values


@dataclass(eq=False)
class Joined:
    """A table of a select: the one it is about, or one that a key leads to."""

    source: Source
    seen: Audience
    ones: dict[str, Joined] = field(default_factory=dict)

    def one(self, key: str, source: Source, seen: Audience) -> Joined:
        """The table a key leads to; the same key always leads to the same one."""
        return self.ones.setdefault(key, Joined(source, seen))


class Scope:
    """A select being built: its tables, and what the lists in it ask for."""

    def __init__(self, root: Joined, table: FromClause, listings: Sequence[Listing], *, paged: bool = False) -> None:
        self.tables = {root: table}
        self.listings = listings
        self.paged = paged
        self._name(root)

    def _name(self, joined: Joined) -> None:
        for target in joined.ones.values():
            self.tables[target] = target.source.table.alias()
            self._name(target)


Item = Callable[[Scope], ColumnElement[Any]]
Must = Callable[[Scope], ColumnElement[bool]]


@dataclass(eq=False)
class Rows:
    """The columns of one select, each at a fixed position; the id of the row is the first."""

    root: Joined
    items: list[Item] = field(default_factory=list)
    cursors: bool = False  # the values of the order follow the items
    bare: bool = False  # of a list: every row is its one text, not a record
    _positions: dict[Hashable, int] = field(default_factory=dict)
    _inner: dict[str, Item] = field(default_factory=dict)  # what the root table must give when it is a page

    def __post_init__(self) -> None:
        self.column(self.root, "id")

    @property
    def width(self) -> int:
        return len(self.items)

    def _place(self, key: Hashable, item: Item) -> int:
        if key not in self._positions:
            self._positions[key] = len(self.items)
            self.items.append(item)
        return self._positions[key]

    def need(self, joined: Joined, name: str) -> None:
        """A column that other items refer to."""
        if joined is self.root:
            self._inner[name] = lambda scope: scope.tables[joined].c[name]

    def column(self, joined: Joined, name: str) -> int:
        """Position of a column."""
        self.need(joined, name)
        return self._place((joined, name), lambda scope: scope.tables[joined].c[name])

    def text(self, parts: Sequence[str | Item], musts: Sequence[Must] = ()) -> int:
        """Position of a text made of fixed pieces and of items that answer text; null unless all `musts` hold."""

        def item(scope: Scope) -> ColumnElement[Any]:
            found = text_of(parts, scope)
            return case((and_(*(must(scope) for must in musts)), found)) if musts else found

        return self._place(object(), item)

    def mask(self, joined: Joined, label: str) -> int:
        """Position of the boolean that tells whether a masked field may be seen in this row."""
        rule = dict(joined.source.masks)[label]

        def item(scope: Scope) -> ColumnElement[Any]:
            table = scope.tables[joined]
            if scope.paged and joined is self.root:
                return table.c[label]
            found: ColumnElement[Any] = rule(table, param("member", Uuid)).label(label)
            return found

        if joined is self.root:
            self._inner[label] = lambda scope: rule(scope.tables[joined], param("member", Uuid)).label(label)
        return self._place((joined, label), item)

    def one(self, joined: Joined, key: str, source: Source, seen: Audience) -> Joined:
        """The table a key leads to; its id is null when there is nothing to see."""
        self.need(joined, key)
        return joined.one(key, source, seen)

    def count(
        self, joined: Joined, source: Source, way: Way, seen: Audience, *, condition: Condition = NO_FILTER
    ) -> int:
        """Position of the number of visible children that fulfil a condition."""

        def item(scope: Scope) -> ColumnElement[Any]:
            return _count(source, way, seen, scope.tables[joined], condition)

        return self._place((joined, "count", source, way, condition.form), item)

    def computed(self, joined: Joined, what: Hashable, item: Item) -> int:
        """Position of a value computed from other rows, of which `what` says which it is."""
        return self._place((joined, what), item)

    def total(self, joined: Joined, index: int, source: Source, way: Way, seen: Audience, *, paged: bool) -> int:
        """Position of the number of rows of list `index`; with `paged` it is counted for pages by number only."""

        def item(scope: Scope) -> ColumnElement[Any]:
            listing = scope.listings[index]
            if paged and listing.page.number is None:
                return null()
            return _count(source, way, seen, scope.tables[joined], listing.condition)

        return self._place((joined, "total", index, paged), item)

    def children(self, joined: Joined, index: int, way: Way, child: Rows) -> int:
        """Position of the children of list `index`, an array of records as `child` describes them."""

        def item(scope: Scope) -> ColumnElement[Any]:
            parent = scope.tables[joined]
            listing = scope.listings[index]

            def base(table: FromClause) -> list[ColumnElement[bool]]:
                model, nested = child.root.source.model, isinstance(way, str)
                seen = predicates(model, child.root.seen, nested=nested, table=table)
                return [*seen, belongs(table, way, parent.c.id), *listing.condition.build(table)]

            return _array(child, index, scope.listings, base, parent)

        return self._place((joined, "children", index), item)


def text_of(parts: Sequence[str | Item], scope: Scope) -> ColumnElement[Any]:
    """Fixed pieces and items that answer text, one after another."""
    return jsontext.joined([jsontext.Fixed(part) if isinstance(part, str) else part(scope) for part in parts])


def by_id(
    rows: Rows,
    listings: Sequence[Listing],
    extra: Sequence[ColumnElement[Any]] = (),
    *,
    which: Callable[[Any], ColumnElement[bool]] = lambda table: table.c.id == param("id", Uuid),
) -> Select[Any]:
    """The row of `id`, or the one row for which `which` holds.

    With `extra` there is always one row, and the id in it is null when nothing was found.
    """
    scope = _scope(rows, listings)
    table, conditions = scope.tables[rows.root], _conditions(rows, scope, deleted=False)
    here = and_(*conditions, which(table))
    columns = _columns(rows, scope)
    if not extra:
        return select(*columns).select_from(_joins(rows.root, scope, table)).where(here)
    outside = select(*extra).subquery("beside")
    return select(*columns, *outside.c).select_from(_joins(rows.root, scope, outside.outerjoin(table, here)))


def by_ids(rows: Rows, listings: Sequence[Listing], *, deleted: bool | None) -> Select[Any]:
    """The rows of `ids`, in any order."""
    scope = _scope(rows, listings)
    table = scope.tables[rows.root]
    found = select(*_columns(rows, scope)).select_from(_joins(rows.root, scope, table))
    return found.where(*_conditions(rows, scope, deleted=deleted), table.c.id == any_(param("ids", type_uuids)))


def page(rows: Rows, index: int, listings: Sequence[Listing], extra: Sequence[ColumnElement[Any]] = ()) -> Select[Any]:
    """One page of all visible rows, with `extra` at the end of each.

    Bare rows come as one array in a single row. Others come row by row, which the driver reads faster than an array of
    records; with `extra` there is always one, whose id is null when the page is empty.
    """

    def base(table: FromClause) -> list[ColumnElement[bool]]:
        seen = predicates(rows.root.source.model, rows.root.seen, table=table)
        return [*seen, *listings[index].condition.build(table)]

    if rows.bare:
        return select(_array(rows, index, listings, base, None).label("rows"), *extra)
    found, columns = _page(rows, index, listings, base, None, extra)
    return found.with_only_columns(*columns)


def total(rows: Rows, listing: Listing) -> ColumnElement[Any]:
    """How many rows there are on all pages."""
    source = rows.root.source
    table = source.table.alias()
    conditions = [*predicates(source.model, rows.root.seen, table=table), *listing.condition.build(table)]
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery().label("total")


def position() -> ColumnElement[Any]:
    """Epoch and number of the last event of the agency's stream, as a record."""
    table = models.EventStream.__table__  # type: ignore[attr-defined]
    ends = func.row(table.c.epoch, table.c.last_seq)
    return select(ends).where(table.c.tenant_id == param("tenant", Uuid)).scalar_subquery().label("position")


def _count(source: Source, way: Way, seen: Audience, parent: FromClause, condition: Condition) -> ColumnElement[Any]:
    table = source.table.alias()
    conditions = [
        *predicates(source.model, seen, nested=isinstance(way, str), table=table),
        belongs(table, way, parent.c.id),
        *condition.build(table),
    ]
    return select(func.count()).select_from(table).where(*conditions).correlate(parent).scalar_subquery()


def _scope(rows: Rows, listings: Sequence[Listing]) -> Scope:
    return Scope(rows.root, rows.root.source.table.alias(), listings)


def _conditions(rows: Rows, scope: Scope, *, deleted: bool | None) -> list[ColumnElement[bool]]:
    return predicates(rows.root.source.model, rows.root.seen, deleted=deleted, table=scope.tables[rows.root])


def _joins(joined: Joined, scope: Scope, found: FromClause) -> FromClause:
    """A table with the tables its keys lead to."""
    for key, target in joined.ones.items():
        table = scope.tables[target]
        seen = predicates(target.source.model, target.seen, table=table)
        found = found.outerjoin(table, and_(*seen, table.c.id == scope.tables[joined].c[key]))
        found = _joins(target, scope, found)
    return found


def _columns(rows: Rows, scope: Scope) -> list[ColumnElement[Any]]:
    """The items, labelled by position."""
    return [item(scope).label(f"c{index}") for index, item in enumerate(rows.items)]


def _array(
    rows: Rows,
    index: int,
    listings: Sequence[Listing],
    conditions: Callable[[FromClause], list[ColumnElement[bool]]],
    parent: FromClause | None,
) -> ColumnElement[Any]:
    """A page as an array of records, or of their texts when they are bare."""
    found, columns = _page(rows, index, listings, conditions, parent)
    array: ColumnElement[Any] = func.array(
        found.with_only_columns(columns[-1] if rows.bare else func.row(*columns)).scalar_subquery()
    )
    return array


def _page(
    rows: Rows,
    index: int,
    listings: Sequence[Listing],
    conditions: Callable[[FromClause], list[ColumnElement[bool]]],
    parent: FromClause | None,
    extra: Sequence[ColumnElement[Any]] = (),
) -> tuple[Select[Any], list[ColumnElement[Any]]]:
    """A page of a table with what hangs on its rows, and the columns to select from it.

    The page is cut first, from its table alone, so that joins and lists are made for its rows only; the joins may
    disturb the order, which is therefore asked for again.
    """
    listing = listings[index]
    table = rows.root.source.table.alias()
    inner = Scope(rows.root, table, listings)

    def base(columns: Sequence[ColumnElement[Any]], more: Sequence[ColumnElement[bool]]) -> Select[Any]:
        found: Select[Any] = select(*columns).where(*conditions(table), *more)
        return found if parent is None else found.correlate_except(table)

    needed = [item(inner) for item in rows._inner.values()]
    piece = paged(base, table, needed, listing.order, listing.page).subquery()
    scope = Scope(rows.root, piece, listings, paged=True)
    columns = _columns(rows, scope)
    if rows.cursors:
        columns += [piece.c[f"order{number}"] for number in range(len(listing.order))]
    start: FromClause = piece
    if extra:
        outside = select(*extra).subquery("beside")
        start = outside.outerjoin(piece, true())
        columns += list(outside.c)
    found: Select[Any] = select(literal_column("1")).select_from(_joins(rows.root, scope, start))
    return found.order_by(*ordered(piece.c, listing.order, listing.page)), columns
