"""Small rows brought together by a value of theirs: who reacted, by emoji."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Column

from graph.kit.field import KitField, Spec, as_column
from loaders.base import Source
from loaders.paging import OrderKey, Page
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.inputs import model_of_table


@dataclass(eq=False)
class GroupsSpec(Spec):
    """Rows whose `key` points here, grouped by the column `by`; `member` is the key to whose row it is.

    The type of a group is a `Shape` whose fields are called like the column, `users`, `count` and `mine`.
    """

    key: Column[Any] = field(default=None)  # type: ignore[arg-type]
    by: Column[Any] = field(default=None)  # type: ignore[arg-type]
    member: Column[Any] = field(default=None)  # type: ignore[arg-type]
    order: tuple[OrderKey, ...] = ()
    cap: int = 0
    columns: tuple[str, ...] = ("id",)

    @cached_property
    def source(self) -> Source:
        """The rows, which are no node: they are seen where their record is."""
        model = model_of_table(self.key.table.name)
        return Source(model.__name__, model, ("id", self.by.name, self.member.name), None)

    async def resolve(self, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        page = Page(limit=self.cap)
        piece = await context.loaders.page(self.source, self.key.name, self.order, page).load(source["id"])
        members: dict[str, list[UUID]] = {}
        for row in piece.rows:
            members.setdefault(row[self.by.name], []).append(row[self.member.name])
        return [
            {
                self.by.name: value,
                "users": [Ref(self.member.info["references"], id) for id in ids],
                "count": len(ids),
                "mine": context.signed_in.member_id in ids,
            }
            for value, ids in members.items()
        ]


def grouped(key: Any, *, by: Any, member: Any, order: tuple[OrderKey, ...], cap: int, description: str) -> Any:
    """The rows whose `key` points to this row, at most `cap`, as one group for each value of the column `by`."""
    spec = GroupsSpec(key=as_column(key), by=as_column(by), member=as_column(member), order=order, cap=cap)
    return KitField(spec, description=description)
