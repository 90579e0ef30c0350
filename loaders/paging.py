"""Keyset pages: an order, a cursor, and the select that continues after it in the time of one index range.

Nulls come last in both directions. A nullable order column is read in two branches, the part with values by row
comparison and the part without by id, because one condition over both would filter through all earlier rows.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Uuid,
    and_,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.selectable import CompoundSelect

from domain.errors import ApiError, ErrorCode
from loaders.sql import param

MAX_PAGE = 100
DEFAULT_PAGE = 20


@dataclass(frozen=True)
class OrderKey:
    """One column, or expression, to sort by. `name` is stable: it goes into cursors."""

    name: str
    column: Callable[[Any], ColumnElement[Any]]
    nullable: bool = False
    descending: bool = False
    kind: type = datetime  # of the values, which come back inside cursors

    @classmethod
    def by(
        cls,
        column: str,
        kind: type = datetime,
        *,
        key: str | None = None,
        nullable: bool = False,
        descending: bool = False,
    ) -> "OrderKey":
        """A column as it is; `key` when it is called something else in cursors."""
        return cls(key or column, lambda table: table.c[column], nullable, descending, kind)

    def directed(self, descending: bool) -> "OrderKey":
        return replace(self, descending=descending)

    def takes(self, value: Any) -> bool:
        """Whether a cursor's value can be one of this order's."""
        if value is None:
            return self.nullable
        if isinstance(value, int):
            return self.kind is int and not isinstance(value, bool) and -(2**63) <= value < 2**63
        return isinstance(value, self.kind) and "\x00" not in str(value)


@dataclass(frozen=True)
class Page:
    """A validated request for a piece of a list."""

    limit: int = DEFAULT_PAGE
    backward: bool = False
    cursor: tuple[Any, ...] | None = None  # order values, then the id
    offset: int | None = None
    number: int | None = None
    prefix: str = ""  # of the names of its values, where one statement holds several pages

    @property
    def form(self) -> tuple[Any, ...]:
        """What decides the SQL text; everything else is a bound value."""
        nulls = None if self.cursor is None else tuple(value is None for value in self.cursor)
        # The first page by number is cut like one by size, but rows are counted for its `pageMeta`.
        return self.backward, nulls, self.skips, self.number is not None

    @property
    def skips(self) -> bool:
        """Whether rows before the page have to be counted off."""
        return bool(self.offset)

    def values(self) -> dict[str, Any]:
        found = {self.prefix + "limit": self.limit + 1, self.prefix + "reach": self.limit + 1 + (self.offset or 0)}
        if self.skips:
            found[self.prefix + "offset"] = self.offset or 0
        for index, value in enumerate(self.cursor or ()):
            found[f"{self.prefix}cursor{index}"] = value
        return found

    def param(self, name: str, type_: Any) -> BindParameter[Any]:
        """The place of one of `values()` in a statement."""
        return param(self.prefix + name, type_)


@dataclass
class Slice:
    """Rows of one page and what lies beyond it."""

    rows: list[Any]
    has_next: bool
    has_previous: bool
    page: Page
    order: Sequence[OrderKey] = field(default_factory=tuple)

    @classmethod
    def of(cls, rows: list[Any], page: Page, order: Sequence[OrderKey]) -> "Slice":
        more = len(rows) > page.limit
        rows = rows[: page.limit]
        if page.backward:
            rows.reverse()
        elsewhere = page.cursor is not None or page.skips
        if page.backward:
            return cls(rows, elsewhere, more, page, order)
        return cls(rows, more, elsewhere, page, order)


def signature(order: Sequence[OrderKey]) -> str:
    """Identifies an order inside a cursor, so that a cursor of another order is refused."""
    return ",".join(("-" if key.descending else "") + key.name for key in order)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("t"), str):
            return datetime.fromisoformat(value["t"])
        return date.fromisoformat(value["d"])
    if isinstance(value, str | int | float) or value is None:
        return value
    raise ValueError(value)


def encode_cursor(scope: str, order: Sequence[OrderKey], values: Sequence[Any], id: UUID) -> str:
    """`scope` names the list and its filter."""
    payload = [scope + "|" + signature(order), *(_plain(value) for value in values), id.hex]
    return base64.urlsafe_b64encode(orjson.dumps(payload)).decode().rstrip("=")


def decode_head(cursor: str) -> str:
    """The list, filter and order a cursor says it is of; empty when it cannot be read."""
    try:
        head = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0]
    except (binascii.Error, ValueError, TypeError, KeyError, IndexError):
        return ""
    return head if isinstance(head, str) else ""


def decode_cursor(scope: str, order: Sequence[OrderKey], cursor: str, argument: str) -> tuple[Any, ...]:
    """Order values and id of a cursor; refuses cursors of another list, filter or order."""
    try:
        payload = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        head, *values, last = payload
        if head != scope + "|" + signature(order) or len(values) != len(order):
            raise ValueError(head)
        found = [_rich(value) for value in values]
        if not all(key.takes(value) for key, value in zip(order, found, strict=True)):
            raise ValueError(head)
        return (*found, UUID(hex=last))
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError):
        raise ApiError(ErrorCode.INVALID_INPUT, field=[argument], rule="cursor") from None


@contextmanager
def trusting(page: Page) -> Iterator[None]:
    """Around the statement of a page: values the database cannot take come from a cursor that somebody made up."""
    try:
        yield
    except asyncpg.DataError:
        if page.cursor is None:
            raise
        argument = "before" if page.backward else "after"
        raise ApiError(ErrorCode.INVALID_INPUT, field=[argument], rule="cursor") from None


# Columns and conditions to an unordered, unlimited select.
Base = Callable[[Sequence[ColumnElement[Any]], Sequence[ColumnElement[bool]]], Select[Any]]


def paged(
    base: Base,
    table: Any,
    columns: Sequence[ColumnElement[Any]],
    order: Sequence[OrderKey],
    page: Page,
) -> Select[Any] | CompoundSelect[Any]:
    """The select of one page. `base(columns, conditions)` gives the unordered, unlimited select.

    Order values are appended to the columns as `order0 …`, so that cursors need no second look at the row.
    """
    keys = [key.directed(key.descending != page.backward) for key in order]
    exprs = [key.column(table) for key in keys]
    labelled = [*columns, *(expr.label(f"order{index}") for index, expr in enumerate(exprs))]
    id_descending = keys[0].descending if keys else True
    ids = table.c.id.desc() if id_descending else table.c.id.asc()

    # Without a cursor the index of a nullable column delivers "descending, nulls last" by itself.
    if len(keys) == 1 and keys[0].nullable and (page.cursor is not None or page.backward or not keys[0].descending):
        return _two_branches(base, columns, keys[0], exprs[0], table, ids, id_descending, page)

    conditions = [] if page.cursor is None else [_after(keys, exprs, table, id_descending, page)]
    ordering = [_ordered(key, expr, page.backward) for key, expr in zip(keys, exprs, strict=True)]
    if not page.skips:
        return _limited(base(labelled, conditions).order_by(*ordering, ids), page)
    # Taking a row apart costs more than stepping over it: what is skipped is read as keys only.
    skimmed = [table.c.id, *labelled[len(columns) :]]
    cut = _limited(base(skimmed, conditions).order_by(*ordering, ids), page).subquery("cut")
    return _whole(base, cut, table, columns, len(keys)).order_by(*ordered(cut.c, order, page))


def _whole(base: Base, cut: Subquery, table: Any, columns: Sequence[ColumnElement[Any]], orders: int) -> Select[Any]:
    """The rows whose keys were cut out, with the values of their order.

    Each is looked up by itself: how many rows a page has is unknown when a general plan is made, and a join of the
    whole table would look cheap for many.
    """
    row = base(columns, [table.c.id == cut.c.id]).correlate_except(table).limit(literal_column("1")).lateral("row")
    found = [*row.c, *(cut.c[f"order{index}"] for index in range(orders))]
    return select(*found).select_from(cut.join(row, true()))


def ordered(columns: Any, order: Sequence[OrderKey], page: Page) -> list[ColumnElement[Any]]:
    """The order of a page's rows as the database gave them, over the columns `paged` answers."""
    keys = [key.directed(key.descending != page.backward) for key in order]
    found = [_ordered(key, columns[f"order{index}"], page.backward) for index, key in enumerate(keys)]
    descending = keys[0].descending if keys else True
    return [*found, columns.id.desc() if descending else columns.id.asc()]


def _limited(found: Select[Any], page: Page) -> Select[Any]:
    found = found.limit(page.param("limit", Integer))
    return found.offset(page.param("offset", Integer)) if page.skips else found


def _ordered(key: OrderKey, expr: ColumnElement[Any], backward: bool) -> ColumnElement[Any]:
    directed = expr.desc() if key.descending else expr.asc()
    if not key.nullable:
        return directed
    return directed.nulls_first() if backward else directed.nulls_last()


def _two_branches(
    base: Base,
    columns: Sequence[ColumnElement[Any]],
    key: OrderKey,
    expr: ColumnElement[Any],
    table: Any,
    ids: ColumnElement[Any],
    id_descending: bool,
    page: Page,
) -> Select[Any] | CompoundSelect[Any]:
    """Rows with a value, then rows without (or the reverse, going backwards), each from its own index range."""
    first = page.cursor
    # nulls in the direction an index delivers them; the branch itself has none
    directed = expr.desc().nulls_last() if key.descending else expr.asc().nulls_first()
    with_value: list[ColumnElement[bool]] | None = [expr.is_not(None)]
    without: list[ColumnElement[bool]] | None = [expr.is_(None)]
    if first is not None:
        compare = page.param("cursor1", Uuid)
        if first[0] is None:
            assert without is not None
            without.append(table.c.id < compare if id_descending else table.c.id > compare)
            if not page.backward:
                with_value = None
        else:
            here, there = tuple_(expr, table.c.id), tuple_(page.param("cursor0", expr.type), compare)
            assert with_value is not None
            with_value.append(here < there if key.descending else here > there)
            if page.backward:
                without = None
    branches = []
    for rank, conditions in ((0, with_value), (1, without)):
        if conditions is not None:
            # Also rows without a value are asked for in the order of the index: a filter on the same column then ends
            # the search at once, where the order of the ids alone invites to walk through the whole table.
            # Keys only: what is sorted, merged and skipped here need not carry whole rows.
            keys = [table.c.id, expr.label("order0"), literal_column(str(rank)).label("branch")]
            branches.append(
                base(keys, conditions).order_by(directed, ids).limit(page.param("reach", Integer)).subquery()
            )
    merged = union_all(*(select(branch) for branch in branches)).subquery("merged")
    cut = _limited(select(*merged.c).order_by(*_merged_order(merged.c, key, id_descending, page)), page).subquery("cut")
    return _whole(base, cut, table, columns, 1).order_by(*_merged_order(cut.c, key, id_descending, page))


def _merged_order(columns: Any, key: OrderKey, id_descending: bool, page: Page) -> list[ColumnElement[Any]]:
    return [
        columns.branch.desc() if page.backward else columns.branch.asc(),
        columns.order0.desc() if key.descending else columns.order0.asc(),
        columns.id.desc() if id_descending else columns.id.asc(),
    ]


def _after(
    keys: Sequence[OrderKey], exprs: Sequence[ColumnElement[Any]], table: Any, id_descending: bool, page: Page
) -> ColumnElement[bool]:
    """Strictly beyond the cursor in a mixed order, written out lexicographically."""
    assert page.cursor is not None
    id_value = page.param(f"cursor{len(keys)}", Uuid)
    if len(keys) == 1:  # not nullable: one row comparison
        here, there = tuple_(exprs[0], table.c.id), tuple_(page.param("cursor0", exprs[0].type), id_value)
        return here < there if keys[0].descending else here > there
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for index, (key, expr) in enumerate(zip(keys, exprs, strict=True)):
        value = page.param(f"cursor{index}", expr.type)
        is_null = page.cursor[index] is None
        beyond: ColumnElement[bool] | None
        same: ColumnElement[bool]
        if is_null:
            beyond = expr.is_not(None) if page.backward else None
            same = expr.is_(None)
        else:
            beyond = expr < value if key.descending else expr > value
            if key.nullable and not page.backward:
                beyond = or_(beyond, expr.is_(None))
            same = expr == value
        if beyond is not None:
            alternatives.append(and_(*equal, beyond))
        equal = [*equal, same]
    last = table.c.id < id_value if id_descending else table.c.id > id_value
    alternatives.append(and_(*equal, last))
    return or_(*alternatives)
