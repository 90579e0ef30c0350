"""What happens to boards."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, Problem, Refusal
from domain.tasks import DEFAULT_COLUMNS, MAX_COLUMNS, TaskAction, TaskStatus
from loaders.visibility import table_of
from resolvers.kit.commands import AFTER_RESTORE, Command
from resolvers.kit.inputs import Input
from resolvers.tasks.columns import BoardColumnInput, arrange, carry, tasks_where
from resolvers.tasks.log import log

TASK = table_of(models.Task).c


@strawberry.input(description="A board. A new one needs a name, and has the usual columns unless others are given.")
class BoardInput(Input, of=models.Board):
    name: Maybe[str | None]
    description: Maybe[str | None]
    team_id: Maybe[strawberry.ID | None]
    project_id: Maybe[strawberry.ID | None]
    wip_limit: Maybe[int | None]
    columns: Maybe[list[BoardColumnInput] | None] = strawberry.field(
        description="The columns in their order; each status at most once. A column that is left out is deleted."
    )
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the board has another version."
    )

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if len(values.get("columns") or ()) > MAX_COLUMNS:
            report(ErrorCode.VALIDATION_ERROR, "columns", rule="items", max=MAX_COLUMNS)


async def create(command: Command, input: BoardInput) -> models.Board:
    """Create a board with the given columns, or with the usual ones."""
    values = command.values(input)
    columns = values.pop("columns", None)
    values.pop("expected_version", None)
    if "name" not in values:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "input", "name")
    board = await command.add(models.Board(tenant_id=command.viewer.tenant_id, **values))
    if not columns:
        columns = [_planned(plan, (await command.tenant()).language) for plan in DEFAULT_COLUMNS]
    await arrange(command, board, columns)
    return board


def _planned(plan: Any, language: str) -> dict[str, Any]:
    return {
        "name": plan.name(language),
        "status": plan.status.value,
        "color": plan.color,
        "wip_limit": plan.wip_limit,
    }


async def update(command: Command, id: strawberry.ID, input: BoardInput) -> models.Board:
    """Change a board; only what is given. Columns that are given replace the present ones."""
    board = await command.find(models.Board, id, expected=input.expected_version)
    values = command.values(input)
    columns = values.pop("columns", None)
    values.pop("expected_version", None)
    command.assign(board, values)
    if columns is not None:
        await arrange(command, board, columns)
    return board


async def delete(
    command: Command,
    id: strawberry.ID,
    move_tasks_to_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The board that takes its tasks; else they are deleted.")
    ] = None,
) -> models.Board:
    """Put a board into the trash. Its tasks go to another board, or into the trash with it."""
    board = await command.find(models.Board, id)
    if board.is_default:
        raise Refusal([Problem(ErrorCode.BUSINESS_RULE, ("id",), "DEFAULT_BOARD", {"rule": "DEFAULT_BOARD"})])
    tasks = await tasks_where(command, TASK.board_id == board.id)
    if move_tasks_to_id is None:
        command.discard(board)
        for task in tasks:
            task.deleted_at, task.deleted_by_id = board.deleted_at, board.deleted_by_id  # they come back with it
            log(command, task, TaskAction.DELETED)
    else:
        other = await command.find(models.Board, move_tasks_to_id, "moveTasksToId")
        if other.id == board.id:
            raise Refusal.of(ErrorCode.VALIDATION_ERROR, "moveTasksToId")
        for task in tasks:
            await carry(command, task, other, TaskStatus(task.status))
        command.discard(board)
    return board


async def come_back(command: Command, board: models.Board, since: datetime) -> None:
    """A board that comes back from the trash brings the tasks that went there with it."""
    for task in await tasks_where(command, TASK.board_id == board.id, TASK.deleted_at == since, deleted=True):
        command.recover(task)
        log(command, task, TaskAction.RESTORED)


AFTER_RESTORE[models.Board] = come_back
