"""Properties people mark to find them again."""

from typing import Any

import strawberry
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

import models
from domain.access import P
from loaders.visibility import table_of
from models.base import now, uuid7
from resolvers.kit.commands import Command, Ref


async def toggle(command: Command, id: strawberry.ID) -> dict[str, Any]:
    """Mark a property as a favourite of one's own, or take the mark away again."""
    row = await command.find(models.Property, id, needs=P.PROPERTY_READ)
    marks, at = table_of(models.PropertyFavorite), now()
    mine = {"tenant_id": row.tenant_id, "property_id": row.id, "member_id": command.viewer.member_id}
    taken = delete(marks).where(*(marks.c[name] == value for name, value in mine.items())).returning(marks.c.id)
    if (await command.session.execute(taken)).first() is not None:
        return {"is_favorite": False, "node": Ref("property", row.id)}
    mark = insert(marks).values(**mine, id=uuid7(), created_at=at, updated_at=at, created_by_id=mine["member_id"])
    await command.session.execute(mark)
    return {"is_favorite": True, "node": Ref("property", row.id)}
