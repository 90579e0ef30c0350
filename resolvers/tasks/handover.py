"""What somebody who leaves had to do, somebody else does."""

from uuid import UUID

from sqlalchemy import select

import models
from domain.tasks import TERMINAL, TaskAction
from loaders.visibility import table_of
from models.events import ChangeKind
from resolvers.kit.commands import Command
from resolvers.tasks.log import log_changes


async def hand_over(command: Command, leaving: UUID, successor: UUID) -> None:
    """Give open tasks, and open steps of tasks, to another member; those in the trash as well."""
    task, step, tenant = table_of(models.Task).c, table_of(models.Subtask).c, command.viewer.tenant_id
    closed = [status.value for status in TERMINAL]
    tasks = select(models.Task).where(task.tenant_id == tenant, task.assignee_id == leaving, task.status.not_in(closed))
    for row in await command.session.scalars(tasks.order_by(task.id).with_for_update(key_share=True)):
        row.assignee_id = successor
        command.tell(row, ChangeKind.ASSIGNED)
        log_changes(command, row, TaskAction.ASSIGNED)
    steps = select(models.Subtask).where(step.tenant_id == tenant, step.assignee_id == leaving, step.done.is_(False))
    for found in await command.session.scalars(steps.order_by(step.id).with_for_update(key_share=True)):
        found.assignee_id = successor
    await command.session.flush()
