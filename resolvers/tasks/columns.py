"""What happens to the columns of a board."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

import strawberry
from sqlalchemy import func
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, Problem, Refusal
from domain.tasks import MAX_COLUMNS, TaskAction, TaskStatus, name_of, ranks
from loaders.visibility import table_of
from resolvers.kit.commands import Command
from resolvers.kit.ids import decode_id
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import HexColor
from resolvers.tasks import places
from resolvers.tasks.log import log
from resolvers.tasks.moves import Step, take

TASK, COLUMN = table_of(models.Task).c, table_of(models.BoardColumn).c


@strawberry.input(description="A column of a board. A new one needs a status.")
class BoardColumnInput(Input, of=models.BoardColumn):
    id: Maybe[strawberry.ID | None] = strawberry.field(description="Of a column that is there, in `boardUpdate`.")
    name: Maybe[str | None]
    status: Maybe[TaskStatus | None]
    wip_limit: Maybe[int | None]
    color: Maybe[HexColor | None]
    allow_from: Maybe[list[TaskStatus] | None]

    renames: ClassVar[dict[str, str]] = {"id": "given_id"}


async def add(
    command: Command,
    board_id: Annotated[strawberry.ID, strawberry.argument(description="The board it is added to.")],
    input: BoardColumnInput,
) -> models.Board:
    """Add a column at the end of a board; a status has one column at most. Tasks of that status move into it."""
    board = await command.find(models.Board, board_id, "boardId")
    values = command.values(input)
    _unnamed(values)
    columns = await _columns_of(command, board)
    await _add(command, board, values, len(columns), ("input",))
    return board


async def update(command: Command, id: strawberry.ID, input: BoardColumnInput) -> models.Board:
    """Change a column; only what is given. Its status can change only while no task stands in it."""
    column = await command.find(models.BoardColumn, id)
    board = await places.board_of(command, column.board_id)
    values = command.values(input)
    _unnamed(values)
    await _set(command, board, column, values, ("input",))
    return board


async def reorder(
    command: Command,
    board_id: Annotated[strawberry.ID, strawberry.argument(description="The board.")],
    column_ids: Annotated[
        list[strawberry.ID], strawberry.argument(description="All columns of the board in their new order.")
    ],
) -> models.Board:
    """Put the columns of a board into another order."""
    if len(column_ids) > MAX_COLUMNS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "columnIds", rule="items", max=MAX_COLUMNS)
    board = await command.find(models.Board, board_id, "boardId")
    columns = {column.id: column for column in await _columns_of(command, board)}
    wanted = [decode_id(id, "BoardColumn") for id in column_ids]
    if len(wanted) != len(columns) or set(wanted) != set(columns):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "columnIds", rule="task.all_columns")
    for position, id in enumerate(wanted):
        if id is not None:
            command.assign(columns[id], {"position": position})
    return board


async def delete(
    command: Command,
    id: strawberry.ID,
    move_tasks_to_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The column of the same board that takes its tasks.")
    ] = None,
) -> models.Board:
    """Delete a column. One with tasks needs another column for them."""
    column = await command.find(models.BoardColumn, id)
    board = await places.board_of(command, column.board_id)
    other = None
    if move_tasks_to_id is not None:
        other = await command.find(models.BoardColumn, move_tasks_to_id, "moveTasksToId")
        if other.board_id != board.id or other.id == column.id:
            raise Refusal.of(ErrorCode.VALIDATION_ERROR, "moveTasksToId")
    remaining = [found for found in await _columns_of(command, board) if found.id != column.id]
    if not remaining:
        raise Refusal([Problem(ErrorCode.BUSINESS_RULE, ("id",), "LAST_COLUMN", {"rule": "LAST_COLUMN"})])
    await _remove(command, board, column, other, ("id",))
    for position, found in enumerate(remaining):
        command.assign(found, {"position": position})
    return board


# Parts of the above, and of what happens to boards


def _unnamed(values: dict[str, Any]) -> None:
    """Only the list of columns of a board says by ids which ones are meant."""
    if values.pop("given_id", None) is not None:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "id", rule="task.column_id")


async def _columns_of(command: Command, board: models.Board) -> list[models.BoardColumn]:
    found = command.every(models.BoardColumn).where(COLUMN.board_id == board.id).order_by(COLUMN.position)
    return list(await command.session.scalars(found.with_for_update(key_share=True)))


async def tasks_where(command: Command, *conditions: Any, deleted: bool | None = False) -> list[models.Task]:
    """Tasks to change, locked in one order for everybody."""
    found = command.every(models.Task, deleted=deleted).where(*conditions).order_by(TASK.rank)
    return list(await command.session.scalars(found.with_for_update(key_share=True)))


async def arrange(command: Command, board: models.Board, given: list[dict[str, Any]]) -> None:
    """Make the columns of a board what was given: those named by id are kept, new ones added, others deleted."""
    statuses = [values.get("status") for values in given]
    for index, status in enumerate(statuses):
        if status is not None and status in statuses[:index]:
            raise Refusal.of(ErrorCode.ALREADY_EXISTS, "input", "columns", str(index), "status")
    present = {column.id: column for column in await _columns_of(command, board)}
    kept: list[tuple[int, models.BoardColumn, dict[str, Any]]] = []
    for index, values in enumerate(given):
        if (id := values.pop("given_id", None)) is not None:
            column = present.pop(decode_id(id, "BoardColumn") or NOBODY, None)
            if column is None:
                raise Refusal.of(ErrorCode.NOT_FOUND, "input", "columns", str(index), "id")
            kept.append((index, column, values))
    if not given:
        raise Refusal([Problem(ErrorCode.BUSINESS_RULE, ("input", "columns"), "LAST_COLUMN", {"rule": "LAST_COLUMN"})])
    for column in present.values():
        await _remove(command, board, column, None, ("input", "columns"))
    await command.session.flush()
    for index, column, values in kept:
        await _set(command, board, column, {**values, "position": index}, ("input", "columns", str(index)))
    for index, values in enumerate(given):
        if all(index != place for place, _, _ in kept):
            await _add(command, board, values, index, ("input", "columns", str(index)))


async def _add(
    command: Command, board: models.Board, values: dict[str, Any], position: int, path: tuple[str, ...]
) -> None:
    """A new column; tasks of its status that had none come into it in the order they were created."""
    status = values.get("status")
    if status is None:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, *path, "status")
    await _free(command, board.id, status, path)
    name = values.pop("name", None) or name_of(TaskStatus(status), (await command.tenant()).language)
    given = {key: value for key, value in values.items() if value is not None}
    column = await command.add(
        models.BoardColumn(tenant_id=board.tenant_id, board_id=board.id, name=name, position=position, **given)
    )
    await _gather(command, board, column)


async def _gather(command: Command, board: models.Board, column: models.BoardColumn) -> None:
    """Tasks of the column's status that had no column come into it, behind what the trash holds there."""
    homeless = command.every(models.Task, TASK.id, deleted=None).where(
        TASK.board_id == board.id, TASK.status == column.status, TASK.column_id.is_(None)
    )
    ids = list(await command.session.scalars(homeless.order_by(TASK.created_at, TASK.id)))
    last = command.every(models.Task, func.max(TASK.rank), deleted=None).where(
        TASK.board_id == board.id, TASK.column_id == column.id
    )
    await places.put(command, ids, list(ranks.following(await command.session.scalar(last), len(ids))), column.id)


async def _set(
    command: Command,
    board: models.Board,
    column: models.BoardColumn,
    values: dict[str, Any],
    path: tuple[str, ...],
) -> None:
    """Change a column that is there."""
    other = values.get("status", column.status) != column.status
    if other:
        await _free(command, column.board_id, values["status"], path)
        if count := await _count(command, column):
            raise Refusal([_not_empty(count, (*path, "status"))])
    command.assign(column, values)
    await command.session.flush()
    if other:
        await _gather(command, board, column)


async def _free(command: Command, board_id: UUID, status: str, path: tuple[str, ...]) -> None:
    """A status has one column of a board at most."""
    taken = command.every(models.BoardColumn, COLUMN.id).where(COLUMN.board_id == board_id, COLUMN.status == status)
    if (await command.session.execute(taken)).first() is not None:
        raise Refusal.of(ErrorCode.ALREADY_EXISTS, *path, "status")


async def _remove(
    command: Command,
    board: models.Board,
    column: models.BoardColumn,
    other: models.BoardColumn | None,
    path: tuple[str, ...],
) -> None:
    """Delete a column whose tasks go to another one, or that has none. What lies in the trash goes along."""
    if other is not None:
        for task in await tasks_where(command, TASK.column_id == column.id, deleted=None):
            await carry(command, task, board, TaskStatus(other.status))
    elif count := await _count(command, column):
        raise Refusal([_not_empty(count, path)])
    await command.session.flush()
    await command.session.delete(column)


async def _count(command: Command, column: models.BoardColumn) -> int:
    """How many tasks stand in a column, the archived ones included."""
    found = command.every(models.Task, func.count()).where(TASK.column_id == column.id)
    return int((await command.session.execute(found)).scalar_one())


def _not_empty(count: int, path: tuple[str, ...]) -> Problem:
    return Problem(ErrorCode.NOT_EMPTY, path, None, {"references": {"tasks": count}})


async def carry(command: Command, task: models.Task, board: models.Board, status: TaskStatus) -> None:
    """Take a task along to another board or column; the agency says so, no rule of a column is asked."""
    place = await places.place_of(command, board, status)
    reason = task.blocked_reason or (place.column.name if place.column is not None else status.value)
    await take(command, task, Step(place, reason=reason, limited=False, ruled=False))
    log(command, task, TaskAction.MOVED)
    await command.session.flush()


NOBODY = UUID(int=0)
