"""The log of a task: every change writes a line in its own transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

import models
from domain.tasks import TaskAction
from loaders.visibility import table_of
from resolvers.kit.changes import public_name
from resolvers.kit.commands import Command
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import node_names
from resolvers.kit.scalars import hundredths, write_datetime

# What follows from something else that is told, or says nothing to a person.
UNTOLD = {"tenant_id", "id", "created_at", "updated_at", "created_by_id", "version", "deleted_at", "deleted_by_id"} | {
    "rank",
    "column_id",
    "completed_at",
    "blocked_since",
    "blocked_by_id",
    "due_reminded_at",
    "overdue_reminded_at",
    "title_key",
    "search",
    "currency",
}
Changed = dict[str, Any]


def log(command: Command, task: models.Task, action: TaskAction, changes: Iterable[Changed] = ()) -> None:
    """Write a line: who did what, and which fields had which value before and after."""
    command.session.add(
        models.TaskLog(
            tenant_id=task.tenant_id,
            task_id=task.id,
            member_id=command.viewer.member_id,
            action=action.value,
            changes=list(changes),
        )
    )


def log_changes(command: Command, task: models.Task, action: TaskAction, parts: Sequence[Changed] = ()) -> None:
    """Write a line about what was changed of a task and is not yet written, and of its parts; none when nothing was."""
    if parts or command.session.is_modified(task):
        log(command, task, action, [*differences(task), *parts])


def changed(field: str, before: Any, after: Any) -> Changed:
    """One field with its value before and after, as the API shows it."""
    return {"field": field, "from": before, "to": after}


def differences(task: models.Task) -> list[Changed]:
    """The fields of a task that were changed and not yet written."""
    state, columns = inspect(task), table_of(models.Task).c
    found = []
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if attribute.key not in UNTOLD and history.has_changes():
            before, after = (_shown(columns[attribute.key], values) for values in (history.deleted, history.added))
            found.append(changed(public_name("task", attribute.key), before, after))
    return found


def _shown(column: Any, values: Any) -> Any:
    value = values[0] if values else None
    if isinstance(value, UUID):
        return encode_id(node_names()[column.info["references"]], value)
    if isinstance(value, datetime):
        return write_datetime(value)
    if column.name in ("financing_amount", "financing_rate") and value is not None:
        return hundredths(value)
    return value
