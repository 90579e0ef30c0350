"""Labels of an agency for its tasks."""

from typing import Any

import strawberry
from sqlalchemy import Select, Uuid, cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.types.maybe import Maybe

import models
from domain.access import P
from domain.errors import ErrorCode, Refusal
from domain.tasks import TaskAction
from loaders.paging import OrderKey
from loaders.sql import STATEMENTS
from loaders.visibility import predicates, sight, table_of
from models.base import Timestamp, now
from models.events import ChangeKind
from resolvers.kit.changes import event_of, told
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.inputs import Input
from resolvers.kit.scalars import HexColor
from resolvers.tasks.log import changed

MAX_LABELS = 200
BY_NAME = (OrderKey.by("name", str),)


@strawberry.input(description="A label.")
class TaskLabelInput(Input, of=models.TaskLabel):
    name: Maybe[str | None]
    color: Maybe[HexColor | None]
    description: Maybe[str | None]


async def labels(context: Context) -> list[Ref]:
    """All labels of the agency, by name; at most 200."""
    seen = sight(P.TASK_READ, context.signed_in)
    table = table_of(models.TaskLabel)

    def build() -> Select[Any]:
        return select(table.c.id).where(*predicates(models.TaskLabel, seen)).order_by(table.c.name).limit(MAX_LABELS)

    rows = await context.loaders.fetch(STATEMENTS.get(("task labels", seen), build), {})
    return [Ref("task_label", row["id"]) for row in rows]


async def create(command: Command, input: TaskLabelInput) -> models.TaskLabel:
    """Make a label."""
    values = command.values(input)
    if values.get("name") is None:
        raise Refusal.of(ErrorCode.MISSING_REQUIRED_FIELD, "input", "name")
    present = command.every(models.TaskLabel, func.count())
    if (await command.session.execute(present)).scalar_one() >= MAX_LABELS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", rule="items", max=MAX_LABELS)
    return await command.add(models.TaskLabel(tenant_id=command.viewer.tenant_id, **values))


async def change(command: Command, id: strawberry.ID, input: TaskLabelInput) -> models.TaskLabel:
    """Change a label; only what is given."""
    row = await command.find(models.TaskLabel, id)
    command.assign(row, command.values(input))
    return row


async def delete(command: Command, id: strawberry.ID) -> models.TaskLabel:
    """Delete a label for good and take it off all tasks; each of them says so in its log."""
    row = await command.find(models.TaskLabel, id)
    await _take_off(command, row)
    await command.session.delete(row)
    return row


async def _take_off(command: Command, label: models.TaskLabel) -> None:
    """Log lines and events of all tasks with the label, however many: one statement each."""
    links, tasks, lines = (table_of(model).c for model in (models.TaskLabelLink, models.Task, models.TaskLog))
    bearing = command.every(models.TaskLabelLink, links.task_id).where(links.label_id == label.id).scalar_subquery()
    here = (*command.here(models.Task), tasks.id.in_(bearing))
    moment, actor = now(), command.viewer.member_id
    line = {
        lines.tenant_id: tasks.tenant_id,
        lines.id: func.gen_random_uuid(),
        lines.created_at: literal(moment, Timestamp),
        lines.updated_at: literal(moment, Timestamp),
        lines.created_by_id: literal(actor, Uuid),
        lines.task_id: tasks.id,
        lines.member_id: literal(actor, Uuid),
        lines.action: literal(TaskAction.UPDATED.value),
        lines.changes: cast([changed("labels", label.name, None)], JSONB),
    }
    said = insert(table_of(models.TaskLog)).from_select(list(line), select(*line.values()).where(*here))
    await command.session.execute(said)
    shared = models.Task.__told__
    touched = (
        update(table_of(models.Task))
        .where(*here)
        .values(updated_at=moment)
        .returning(tasks.id, tasks.version, *(tasks[column] for column in shared))
    )
    for found in (await command.session.execute(touched)).mappings():
        event = event_of("task", found["id"], found["version"], ChangeKind.UPDATED, {"labels"})
        event.data = told(shared, found.__getitem__)
        command.events.append(event)
