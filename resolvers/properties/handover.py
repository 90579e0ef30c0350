"""The properties of somebody who leaves are looked after by somebody else."""

from uuid import UUID

from sqlalchemy import select

import models
from loaders.visibility import table_of
from models.events import ChangeKind
from resolvers.kit.commands import Command


async def hand_over(command: Command, leaving: UUID, successor: UUID) -> None:
    """Give properties, whatever their status, to another member; those in the trash as well."""
    columns = table_of(models.Property).c
    rows = select(models.Property).where(
        columns.tenant_id == command.viewer.tenant_id, columns.assigned_agent_id == leaving
    )
    for row in await command.session.scalars(rows.order_by(columns.id).with_for_update(key_share=True)):
        row.assigned_agent_id = successor
        command.tell(row, ChangeKind.ASSIGNED)
    await command.session.flush()
