"""Figures: a number over the rows of another table that have to do with a row, computed where the row is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Uuid, func, select

from domain.access import Audience
from loaders.sql import param
from loaders.visibility import predicates, table_of
from models.base import TenantRow


def how_many(other: Any) -> ColumnElement[Any]:
    """The number of rows."""
    return func.count()


def whether_any(other: Any) -> ColumnElement[Any]:
    """Whether there is a row."""
    return func.count() > 0


@dataclass(frozen=True, eq=False)
class Figure:
    """`what` over the visible rows of `model` for which `match(other, *columns)` holds; `columns` are this row's."""

    model: type[TenantRow]
    columns: tuple[str, ...]
    match: Callable[..., ColumnElement[bool]]
    what: Callable[[Any], ColumnElement[Any]] = how_many
    personal: bool = False  # `match` is given the viewer's member as its last argument

    def of(self, row: FromClause, seen: Audience) -> ColumnElement[Any]:
        """The figure of a row of a select."""
        other = table_of(self.model).alias()
        viewer = [param("member", Uuid)] if self.personal else []
        here = self.match(other, *(row.c[name] for name in self.columns), *viewer)
        conditions = predicates(self.model, seen, table=other)
        found = select(self.what(other)).select_from(other).where(*conditions, here)
        return found.correlate(row).scalar_subquery()
