"""Steps of a task: added, changed, put into another order, removed. Their places are 0, 1, 2 … without a gap."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode, Refusal, texts
from domain.tasks import TaskAction
from loaders.paging import OrderKey
from loaders.visibility import table_of
from models.base import now
from resolvers.kit.commands import Command
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import Input
from resolvers.tasks.log import changed, log

MAX_SUBTASKS = 100
IN_ORDER = (OrderKey.by("position", int),)

texts({"subtask.all": ("Name every subtask of the task once.", "Jede Teilaufgabe genau einmal angeben.")})


@strawberry.input(description="A step of a task.")
class SubtaskInput(Input, of=models.Subtask):
    id: Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="In the list of a task: the subtask that is meant; without it a new one is made."
    )
    title: str
    done: Maybe[bool | None]
    assignee_id: Maybe[strawberry.ID | None]
    due_date: Maybe[datetime | None]

    renames: ClassVar[dict[str, str]] = {"id": "given"}
    references: ClassVar[dict[str, str]] = {"id": "subtask"}

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if values.get("done", False) is None:
            report(ErrorCode.MISSING_REQUIRED_FIELD, "done")


TaskId = Annotated[strawberry.ID, strawberry.argument(description="The task.")]


async def add(command: Command, task_id: TaskId, input: SubtaskInput) -> models.Task:
    """Add a step at the end."""
    task = await command.find(models.Task, task_id, "taskId")
    present = await _of(command, task)
    if len(present) >= MAX_SUBTASKS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "taskId", rule="items", max=MAX_SUBTASKS)
    values = command.values(input)
    values.pop("given", None)
    row = _new(task, values, len(present))
    command.session.add(row)
    _tell(command, task, None, row.title)
    return task


async def update(command: Command, id: strawberry.ID, input: SubtaskInput) -> models.Task:
    """Change a step, or mark it as done."""
    task, row = await _found(command, id)
    values = command.values(input)
    values.pop("given", None)
    before = row.title
    _assign(command, row, values)
    if command.session.is_modified(row):
        _tell(command, task, before, row.title)
    return task


async def reorder(
    command: Command,
    task_id: TaskId,
    subtask_ids: Annotated[
        list[strawberry.ID], strawberry.argument(description="All subtasks of the task in their new order.")
    ],
) -> models.Task:
    """Put the steps of a task into another order."""
    if len(subtask_ids) > MAX_SUBTASKS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "subtaskIds", rule="items", max=MAX_SUBTASKS)
    task = await command.find(models.Task, task_id, "taskId")
    rows = await _of(command, task)
    present = {encode_id("Subtask", row.id): row for row in rows}
    if sorted(subtask_ids) != sorted(present):
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "subtaskIds", rule="subtask.all")
    wanted = [present[id] for id in subtask_ids]
    if wanted != rows:
        _number(wanted)
        _tell(command, task)
    return task


async def delete(command: Command, id: strawberry.ID) -> models.Task:
    """Remove a step."""
    task, row = await _found(command, id)
    await command.session.delete(row)
    _number([other for other in await _of(command, task) if other is not row])
    _tell(command, task, row.title, None)
    return task


async def replace(command: Command, task: models.Task, given: list[dict[str, Any]]) -> bool:
    """Make the steps of a task what was given, in that order; whether that changed anything.

    Steps named by their id keep their row, others are new, those that are not named are removed.
    """
    rows = await _of(command, task)
    present = {row.id: row for row in rows}
    wanted: list[models.Subtask] = []
    for index, values in enumerate(given):
        id = values.pop("given", None)
        if id is None:
            row = _new(task, values, index)
            command.session.add(row)
        else:
            kept = present.pop(id, None)
            if kept is None:  # of another task, or named twice
                raise Refusal.of(ErrorCode.NOT_FOUND, "input", "subtasks", str(index), "id")
            _assign(command, kept, values)
            row = kept
        wanted.append(row)
    for gone in present.values():
        await command.session.delete(gone)
    touched = wanted != rows or any(command.session.is_modified(row) for row in wanted)
    _number(wanted)
    return touched


async def copy(command: Command, task: models.Task, to: models.Task) -> None:
    """Give another task the steps of a task, none of them done."""
    for row in await _of(command, task):
        command.session.add(_new(to, {"title": row.title, "assignee_id": row.assignee_id}, row.position))


def _new(task: models.Task, values: dict[str, Any], position: int) -> models.Subtask:
    done = bool(values.get("done"))
    return models.Subtask(
        tenant_id=task.tenant_id, task_id=task.id, position=position, completed_at=now() if done else None, **values
    )


def _assign(command: Command, row: models.Subtask, values: dict[str, Any]) -> None:
    if "done" in values and values["done"] != row.done:
        values["completed_at"] = now() if values["done"] else None
    command.assign(row, values)


def _number(rows: list[models.Subtask]) -> None:
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position


async def _of(command: Command, task: models.Task) -> list[models.Subtask]:
    """The steps of a task in their order."""
    columns = table_of(models.Subtask).c
    found = command.every(models.Subtask).where(columns.task_id == task.id)
    return list(await command.session.scalars(found.order_by(columns.position, columns.id)))


async def _found(command: Command, id: str) -> tuple[models.Task, models.Subtask]:
    """A step and its task, which is locked first: everybody waits in the same order."""
    (task_id,) = await command.look(models.Subtask, (table_of(models.Subtask).c.task_id,), id, "id")
    task = await command.find(models.Task, encode_id("Task", task_id), "id")
    return task, await command.find(models.Subtask, id)


def _tell(command: Command, task: models.Task, before: str | None = None, after: str | None = None) -> None:
    log(command, task, TaskAction.UPDATED, [changed("subtasks", before, after)])
