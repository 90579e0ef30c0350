"""A task that comes again: when it is done, the next one is made."""

import models
from domain.tasks import TaskAction, TaskStatus
from domain.tasks.recurrence import following
from resolvers.kit.commands import Command
from resolvers.tasks import parts, places
from resolvers.tasks.log import changed, log

# What the next task has in common with the one that was done.
KEPT = (
    "title",
    "description",
    "priority",
    "assignee_id",
    "estimated_hours",
    "story_points",
    "property_id",
    "project_id",
)


async def succeed(command: Command, task: models.Task) -> None:
    """Make the task after one that is done. The rule goes over to it, so that being done again makes no second one."""
    if task.status != TaskStatus.DONE.value or task.recurrence is None:
        return
    next_one = following(task.recurrence, task.due_date, await parts.zone_of(command))
    if next_one is None:
        return
    due, rule = next_one
    board = await places.board_of(command, task.board_id)
    place = await places.place_of(command, board, TaskStatus.TODO)
    row = models.Task(
        tenant_id=task.tenant_id,
        board_id=task.board_id,
        column_id=None if place.column is None else place.column.id,
        rank=await places.rank(command, place, places.END),
        due_date=due,
        start_date=None if task.start_date is None else task.start_date + (due - task.due_date),
        recurrence=rule,
        **{name: getattr(task, name) for name in KEPT},
    )
    command.tell(row, toColumn=None if row.column_id is None else str(row.column_id))
    log(command, task, TaskAction.UPDATED, [changed("recurrence", task.recurrence, None)])
    task.recurrence = None
    await command.add(row)
    await parts.copy_parts(command, task, row)
    log(command, row, TaskAction.CREATED)
