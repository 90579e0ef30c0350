"""Who looks at a record at this moment."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Uuid, select

from domain.errors import ApiError, ErrorCode
from loaders.sql import STATEMENTS, param
from loaders.visibility import predicates, sight, table_of
from models.base import TenantRow, now
from resolvers.kit.commands import READ_PERMISSIONS, Ref, read_permission
from resolvers.kit.context import Context, Viewer
from resolvers.kit.ids import split_id
from resolvers.kit.inputs import model_of_table, node_names
from storage.presence import Place

RIGHTS = 1.0  # seconds between two looks at a viewer's rights; that somebody comes or goes is told at once
RECORD = 10  # such looks between two at the record itself


async def viewers(
    context: Context,
    node_id: Annotated[strawberry.ID, strawberry.argument(description="The record that is looked at.")],
) -> AsyncIterator[dict[str, Any]]:
    """Who looks at a record: who subscribes does, until the subscription ends. First those who are there.

    Every answer names all of them, so nothing is lost on whoever missed one. NOT_FOUND for a record the viewer cannot
    see, also as soon as it cannot be seen any longer.
    """
    model, record = _named(node_id)
    viewer = await _reader(context, model, record)
    with context.state.presence.look(Place(viewer.tenant_id, record), viewer.member_id) as room:
        told: list[UUID] | None = None
        looks = 0
        while True:
            members = room.members()
            if members != told:
                told = members
                yield {"node_id": node_id, "users": [Ref("member", member) for member in members], "at": now()}
            await room.wait(RIGHTS)
            looks += 1
            if looks % RECORD == 0 or (await context.renewed()).viewer != viewer:
                viewer = await _reader(context, model, record)


def _named(id: str) -> tuple[type[TenantRow], UUID]:
    found = split_id(id)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["nodeId"], rule="id")
    table = next((table for table, name in node_names().items() if name == found[0]), None)
    if table not in READ_PERMISSIONS:
        raise ApiError(ErrorCode.NOT_FOUND, field=["nodeId"])
    return model_of_table(table), found[1]


async def _reader(context: Context, model: type[TenantRow], record: UUID) -> Viewer:
    """The viewer as one who sees the record now."""
    renewed = await context.renewed()
    viewer = renewed.signed_in
    seen = sight(read_permission(model), viewer)
    column = table_of(model).c.id
    statement = STATEMENTS.get(
        ("looked at", model, seen),
        lambda: select(column).where(*predicates(model, seen), column == param("record", Uuid)),
    )
    if not await renewed.loaders.fetch(statement, {"record": record}):
        raise ApiError(ErrorCode.NOT_FOUND, field=["nodeId"])
    return viewer
