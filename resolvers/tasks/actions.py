"""What happens to a task."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

import models
from domain.errors import ErrorCode, Problem, Refusal
from domain.tasks import TaskAction, TaskStatus, rules
from loaders.visibility import table_of
from models.base import now
from models.events import ChangeKind
from models.identity import UserStatus
from resolvers.kit.commands import AFTER_RESTORE, BEFORE_REMOVAL, Command
from resolvers.kit.inputs import cleaned_text
from resolvers.tasks import handover, parts, places, recurrence
from resolvers.tasks.inputs import TaskBulkInput, TaskCreateInput, TaskUpdateInput
from resolvers.tasks.log import Changed, differences, log, log_changes
from resolvers.tasks.moves import Step, take


async def create(command: Command, input: TaskCreateInput) -> models.Task:
    """Create a task at the end of the column of its status; on the default board when none is named."""
    values = {name: value for name, value in command.values(input).items() if value is not None}
    status = TaskStatus(values.pop("status", TaskStatus.TODO.value))
    board = await places.board_of(command, values.pop("board_id", None))
    await _active(command, values.get("assignee_id"))
    given = parts.taken(values)
    values["recurrence"] = await parts.rule_of(command, values.get("recurrence"), values["due_date"])
    place = await places.place_of(command, board, status)
    row = models.Task(
        tenant_id=command.viewer.tenant_id,
        board_id=board.id,
        column_id=None if place.column is None else place.column.id,
        rank=await places.rank(command, place, places.END),
        title=values.pop("title"),
        due_date=values.pop("due_date"),
    )
    row.assignee_id = values.pop("assignee_id", command.viewer.member_id)
    command.assign(row, values)
    problems = _dates(row)
    if status is TaskStatus.BLOCKED:
        problems.append(Problem(ErrorCode.MISSING_REQUIRED_FIELD, ("input", "status"), "task.blocked_reason"))
    if problems:
        raise Refusal(problems)
    rules.enter(row, status, rules.Block(None, command.viewer.member_id), now())
    command.tell(row, toColumn=None if row.column_id is None else str(row.column_id))
    await command.add(row)
    await parts.set_parts(command, row, given)
    log(command, row, TaskAction.CREATED)
    return row


async def update(command: Command, id: strawberry.ID, input: TaskUpdateInput) -> models.Task:
    """Change a task; only what is given. A new status puts it at the end of that column."""
    row = await command.find(models.Task, id, expected=input.expected_version)
    values = command.values(input)
    values.pop("expected_version", None)
    changes = await parts.set_parts(command, row, parts.taken(values))
    await _change(command, row, values, changes)
    return row


async def update_one(command: Command, id: strawberry.ID, input: TaskBulkInput) -> models.Task:
    """Change many tasks alike; each has a result of its own."""
    row = await command.find(models.Task, id)
    values = command.values(input)
    archived = values.pop("archived", None)
    labels = values.pop("labels_add", []), values.pop("labels_remove", [])
    await _change(command, row, values, await parts.change_labels(command, row, *labels) if any(labels) else [])
    if archived is not None:
        _archive(command, row, archived)
    return row


async def archive(
    command: Command,
    id: strawberry.ID,
    archived: Annotated[bool, strawberry.argument(description="False puts it back on its board.")] = True,
) -> models.Task:
    """Take a task off its board without deleting it, or put it back."""
    row = await command.find(models.Task, id)
    _archive(command, row, archived)
    return row


async def delete(command: Command, id: strawberry.ID) -> models.Task:
    """Put a task into the trash; `trashRestore` brings it back to its place."""
    row = await command.find(models.Task, id)
    command.discard(row)
    command.tell(row, fromColumn=None if row.column_id is None else str(row.column_id))
    log(command, row, TaskAction.DELETED)
    return row


async def delete_one(command: Command, id: strawberry.ID) -> models.Task:
    """Put many tasks into the trash; each has a result of its own."""
    return await delete(command, id)


async def block(
    command: Command,
    id: strawberry.ID,
    reason: Annotated[str, strawberry.argument(description="Why it cannot go on, 1 to 500 characters.")],
    blocked_by_task_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The task it waits for.")
    ] = None,
) -> models.Task:
    """Say that a task cannot go on; it goes to the end of the column of blocked ones."""
    row = await command.find(models.Task, id)
    reason = cleaned_text(models.Task, "blocked_reason", reason, "reason")
    waited_for = await _other(command, row, blocked_by_task_id)
    board = await places.board_of(command, row.board_id)
    place = await places.place_of(command, board, TaskStatus.BLOCKED)
    step = Step(place, field=("id",), reason=reason, blocked_by=waited_for, limited=False)
    await take(command, row, step)
    row.blocked_by_task_id = waited_for or row.blocked_by_task_id
    log_changes(command, row, TaskAction.BLOCKED)
    return row


async def unblock(
    command: Command,
    id: strawberry.ID,
    status: Annotated[
        TaskStatus, strawberry.argument(description="The status it goes on with.")
    ] = TaskStatus.IN_PROGRESS,
) -> models.Task:
    """Say that a blocked task can go on."""
    row = await command.find(models.Task, id)
    if row.status != TaskStatus.BLOCKED.value or status is TaskStatus.BLOCKED:
        raise Refusal.of(
            ErrorCode.INVALID_TRANSITION, "status", rule="task.not_blocked", **{"from": row.status, "to": status.value}
        )
    board = await places.board_of(command, row.board_id)
    place = await places.place_of(command, board, status)
    await take(command, row, Step(place, field=("status",), limited=False))
    log_changes(command, row, TaskAction.UNBLOCKED)
    await recurrence.succeed(command, row)
    return row


async def come_back(command: Command, row: models.Task, _since: datetime) -> None:
    """A task that comes back from the trash takes its old place, on the default board when its own is gone."""
    gone = (await command.get(models.Board, row.board_id)).deleted_at is not None
    board = await places.board_of(command, None if gone else row.board_id)
    place = await places.place_of(command, board, TaskStatus(row.status))
    column_id = None if place.column is None else place.column.id
    if (board.id, column_id) != (row.board_id, row.column_id):
        rank = await places.rank(command, place, places.END)
        row.board_id, row.column_id, row.rank = board.id, column_id, rank
    log(command, row, TaskAction.RESTORED)


AFTER_RESTORE[models.Task] = come_back
BEFORE_REMOVAL.append(handover.hand_over)
_ACTIONS = (("priority", TaskAction.PRIORITY_CHANGED), ("assignee_id", TaskAction.ASSIGNED))


async def _change(command: Command, row: models.Task, values: dict[str, Any], parts_changed: list[Changed]) -> None:
    """Everything that a change of fields means, its status last: that one reads the board."""
    if "assignee_id" in values:
        await _active(command, values["assignee_id"])
    status, reason = values.pop("status", None), values.pop("blocked_reason", None)
    due, start = values.get("due_date", row.due_date), values.get("start_date", row.start_date)
    final = TaskStatus(status or row.status)
    if "recurrence" in values:
        values["recurrence"] = await parts.rule_of(command, values["recurrence"], due)
    problems = _dates_of(due, start)
    if final is TaskStatus.DONE and values.get("progress", 100) != 100:
        problems.append(Problem(ErrorCode.VALIDATION_ERROR, ("input", "progress"), "task.progress_done"))
    if reason is not None and final is not TaskStatus.BLOCKED:
        problems.append(Problem(ErrorCode.VALIDATION_ERROR, ("input", "blockedReason"), "task.not_blocked"))
    if problems:
        raise Refusal(problems)
    action = TaskAction.UPDATED
    if status is not None and status != row.status:
        action = TaskAction.STATUS_CHANGED
        board = await places.board_of(command, row.board_id)
        place = await places.place_of(command, board, final)
        await take(command, row, Step(place, reason=reason))
        command.tell(row, ChangeKind.STATUS_CHANGED)
    elif reason is not None:
        row.blocked_reason = reason
    changes = [found for name, found in _ACTIONS if name in values and values[name] != getattr(row, name)]
    if values.get("assignee_id", row.assignee_id) != row.assignee_id and action is TaskAction.UPDATED:
        command.tell(row, ChangeKind.ASSIGNED)
    if values.get("due_date", row.due_date) != row.due_date:
        row.due_reminded_at = row.overdue_reminded_at = None
    command.assign(row, values)
    action = next(iter(changes), action) if action is TaskAction.UPDATED else action
    log_changes(command, row, action, parts_changed)
    await recurrence.succeed(command, row)


def _archive(command: Command, row: models.Task, archived: bool) -> None:
    if archived == (row.archived_at is not None):
        return
    row.archived_at = now() if archived else None
    log(command, row, TaskAction.ARCHIVED, differences(row))


def _dates(row: models.Task) -> list[Problem]:
    return _dates_of(row.due_date, row.start_date)


def _dates_of(due: datetime, start: datetime | None) -> list[Problem]:
    if start is None or start <= due:
        return []
    return [Problem(ErrorCode.VALIDATION_ERROR, ("input", "startDate"), "task.dates")]


async def _active(command: Command, assignee: UUID | None) -> None:
    """Only somebody who can sign in can be asked to do something."""
    if assignee is None:
        return
    member = table_of(models.Member).c
    active = command.every(models.Member, member.id).where(
        member.id == assignee, member.status == UserStatus.ACTIVE.value
    )
    if (await command.session.execute(active)).first() is None:
        raise Refusal.of(ErrorCode.NOT_FOUND, "input", "assigneeId")


async def _other(command: Command, row: models.Task, id: str | None) -> UUID | None:
    """The task another one waits for: any but itself."""
    if id is None:
        return None
    found = await command.peek(models.Task, id, "blockedByTaskId")
    if found == row.id:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "blockedByTaskId")
    return found
