"""Fields that are figures over other rows: a place among others, a share, a sum; or computed with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graph.kit.field import NODES, KitField, Mask, Spec, as_column
from loaders.base import Source
from loaders.figures import Figure, how_many
from models.base import TenantRow
from resolvers.kit.context import Context


@dataclass(eq=False)
class FigureSpec(Spec):
    """A number over the visible rows of another table that match this row; `write` shows it in the unit of the API."""

    figure: Figure = field(default=None)  # type: ignore[assignment]
    write: Callable[[int], str] | None = None

    @cached_property
    def over(self) -> Source:
        """The rows it is computed from; those that are no node need no permission of their own."""
        model = self.figure.model
        table = str(model.__tablename__)
        return NODES.of_table(table).source if NODES.has(table) else Source(model.__name__, model, ("id",), None)

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        found = await context.loaders.figure(type(source).source, self.over.permission, self.figure).load(source["id"])
        return found if found is None or self.write is None else self.write(found)


def figure(
    model: type[TenantRow],
    *columns: Any,
    match: Callable[..., Any],
    what: Callable[[Any], Any] = how_many,
    write: Callable[[int], str] | None = None,
    personal: bool = False,
    description: str,
) -> Any:
    """`what` (their number) over the visible rows of `model` for which `match(other, *columns of this row)` holds.

    A `personal` one depends on who asks: `match` is given the viewer's member as well.
    """
    names = tuple(as_column(column).name for column in columns)
    return KitField(
        FigureSpec(columns=("id", *names), figure=Figure(model, names, match, what, personal), write=write),
        description=description,
    )


@dataclass(eq=False)
class GatheredSpec(Spec):
    """A value computed from columns of this row and from a figure over other rows, whoever may see those."""

    figure: Figure = field(default=None)  # type: ignore[assignment]
    given: tuple[str, ...] = ()
    compute: Callable[..., Any] = field(default=None)  # type: ignore[assignment]

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        found = await context.loaders.figure(type(source).source, None, self.figure).load(source["id"])
        return self.compute(*(source[name] for name in self.given), found)


def gathered(
    *columns: Any,
    model: type[TenantRow],
    by: tuple[Any, ...],
    match: Callable[..., Any],
    what: Callable[[Any], Any] = how_many,
    compute: Callable[..., Any],
    mask: Mask | None = None,
    description: str,
) -> Any:
    """`compute(*columns of this row, figure)`, the figure being `what` over the rows of `model` that belong to it.

    Those are the rows for which `match(other, *by)` holds, `by` being columns of this row. The viewer's rights to see
    them do not count: a `mask` is what guards the field.
    """
    given, keys = (tuple(as_column(column).name for column in names) for names in (columns, by))
    spec = GatheredSpec(
        columns=tuple(dict.fromkeys(("id", *given, *keys))),
        mask=mask,
        figure=Figure(model, keys, match, what),
        given=given,
        compute=compute,
    )
    return KitField(spec, description=description)
