"""How a card comes to another place: the one way by which a status, a column, a board or a rank changes."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import func

import models
from domain.errors import ErrorCode, Problem, Refusal
from domain.tasks import TERMINAL, TaskAction, TaskStatus, rules
from loaders.visibility import table_of
from models.base import now
from models.events import ChangeKind
from resolvers.kit.commands import Command
from resolvers.tasks import places, recurrence
from resolvers.tasks.inputs import TaskMoveInput
from resolvers.tasks.log import log_changes
from resolvers.tasks.places import END, At, Place


@dataclass(frozen=True)
class Step:
    """A change of place as it is asked for; `field` is what a refusal blames."""

    place: Place
    at: At = END
    field: tuple[str, ...] = ("input", "status")
    reason: str | None = None
    reason_field: tuple[str, ...] = ("input", "blockedReason")
    blocked_by: UUID | None = None
    limited: bool = True  # whether a full column refuses it
    ruled: bool = True  # whether the column may refuse where the task comes from
    force: bool = False


async def move(command: Command, id: strawberry.ID, input: TaskMoveInput) -> dict[str, Any]:
    """Move a card to a column or status and to a place in it; the other cards keep their rank."""
    row = await command.find(models.Task, id)
    values = command.values(input)
    if row.archived_at is not None:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "id", rule="task.not_archived")
    place, blamed = await _target(command, row, values)
    step = Step(
        place,
        await _at(command, place, row, values),
        blamed,
        reason=values.get("blocked_reason"),
        force=bool(values.get("force")),
    )
    warnings = await take(command, row, step)
    log_changes(command, row, TaskAction.MOVED)
    await recurrence.succeed(command, row)
    return {"task": row, "warnings": warnings}


async def _target(command: Command, row: models.Task, values: dict[str, Any]) -> tuple[Place, tuple[str, ...]]:
    """The place that is asked for, and the argument that names it."""
    column_id, status, board_id = values.get("column_id"), values.get("status"), values.get("board_id")
    board = await places.board_of(command, board_id or row.board_id)
    wanted, blamed = status or row.status, "status" if status else "boardId" if board_id else "columnId"
    if column_id is not None:
        found = await command.get(models.BoardColumn, column_id)
        if found.board_id != board.id:
            raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "columnId", rule="task.other_board")
        if status is not None and found.status != status:
            raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "status", rule="task.other_status")
        wanted, blamed = found.status, "columnId"
    return await places.place_of(command, board, TaskStatus(wanted)), ("input", blamed)


async def _at(command: Command, place: Place, row: models.Task, values: dict[str, Any]) -> At:
    """The place in the column that is asked for."""
    if values.get("after_id") is None:
        return At(index=values.get("position"))
    task = table_of(models.Task).c
    columns = (task.id, task.rank, task.board_id, task.status, task.archived_at)
    other = await command.look(models.Task, columns, values["after_id"], "input", "afterId")
    here = other.board_id == place.board.id and other.status == place.status.value and other.archived_at is None
    if not here or other.id == row.id:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "afterId", rule="task.other_column")
    return At(behind=other.rank)


async def take(command: Command, row: models.Task, step: Step) -> list[Problem]:
    """Take a task to its place, if the rules let it; answers what should be told although it was done."""
    place, present = step.place, TaskStatus(row.status)
    stays = place.holds(row)
    problems = [replace(problem, field=step.field) for problem in _transition(present, place) if step.ruled]
    if place.status is TaskStatus.BLOCKED and not (step.reason or row.blocked_reason):
        problems.append(Problem(ErrorCode.MISSING_REQUIRED_FIELD, step.reason_field, "task.blocked_reason"))
    if problems:
        raise Refusal(problems)
    warnings = []
    if step.limited and not stays and (limit := await places.full(command, place, row)) is not None:
        if not step.force:
            raise Refusal([replace(limit, field=step.field)])
        warnings.append(replace(limit, field=step.field))
    if place.status in rules.STARTED and present not in rules.STARTED and await _waits(command, row):
        warnings.append(Problem(ErrorCode.BUSINESS_RULE, (), "DEPENDENCY_OPEN", {"rule": "DEPENDENCY_OPEN"}))
    rank = await places.rank(command, place, step.at, row)
    position = await places.position(command, place, rank, row)
    # All is known; from here on nothing is read, so that the log sees all changes at once.
    column_id = None if place.column is None else place.column.id
    _tell(command, row, place, column_id, position)
    row.rank, row.board_id, row.column_id = rank, place.board.id, column_id
    rules.enter(row, place.status, rules.Block(step.reason, command.viewer.member_id, step.blocked_by), now())
    return warnings


def _transition(present: TaskStatus, place: Place) -> list[Problem]:
    return rules.transition(present, place.status, [] if place.column is None else place.column.allow_from)


def _tell(command: Command, row: models.Task, place: Place, column_id: UUID | None, position: int) -> None:
    """Say in the event whence the card comes and where it will stand."""
    data: dict[str, Any] = {
        "fromColumn": _text(row.column_id),
        "toColumn": _text(column_id),
        "position": position,
    }
    if row.board_id != place.board.id:
        data["fromBoard"] = str(row.board_id)
    done = place.status is TaskStatus.DONE and not place.holds(row)
    command.tell(row, ChangeKind.MOVED, "completed" if done else "moved", **data)


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


async def _waits(command: Command, row: models.Task) -> bool:
    """Whether a task that should be done first is still open."""
    link, task = table_of(models.TaskDependency).c, table_of(models.Task).c
    found = command.every(models.Task, func.count()).where(
        *command.here(models.TaskDependency),
        link.task_id == row.id,
        task.id == link.depends_on_id,
        task.status.not_in([status.value for status in TERMINAL]),
    )
    return bool((await command.session.execute(found)).scalar_one())
