"""What a task consists of besides its columns: steps, labels, watchers, the tasks it waits for, the rule it follows.

Inputs of tasks give them as lists of ids; `set_parts` makes the rows what was given.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from sqlalchemy import select, text

import models
from domain.errors import ErrorCode, Refusal, texts
from domain.tasks import TaskAction
from domain.tasks.recurrence import problem_of, read, written
from loaders.visibility import table_of
from resolvers.kit.commands import Command
from resolvers.kit.ids import encode_id
from resolvers.kit.inputs import LIST_MAX, node_names
from resolvers.tasks import subtasks
from resolvers.tasks.log import Changed, changed, log

texts(
    {
        "CYCLE": (
            "Tasks cannot wait for each other in a circle.",
            "Aufgaben können nicht im Kreis aufeinander warten.",
        ),
        "recurrence": (
            "This is no RRULE for days (FREQ=DAILY, WEEKLY, MONTHLY or YEARLY).",
            "Das ist keine RRULE für Tage (FREQ=DAILY, WEEKLY, MONTHLY oder YEARLY).",
        ),
        "recurrence_never": ("No day ever follows by this rule.", "Nach dieser Regel folgt nie ein Tag."),
    }
)

MAX_WATCHERS = MAX_LINKS = LIST_MAX

# Field of an input → table of the rows whose ids it takes.
PART_TABLES = {
    "label_ids": "task_label",
    "labels_add": "task_label",
    "labels_remove": "task_label",
    "watcher_ids": "member",
    "dependency_ids": "task",
}
# The same → link, its key to the row, the field that shows the rows.
_LINKS: dict[str, tuple[type[Any], str, str]] = {
    "label_ids": (models.TaskLabelLink, "label_id", "labels"),
    "watcher_ids": (models.TaskWatcher, "member_id", "watchers"),
    "dependency_ids": (models.TaskDependency, "depends_on_id", "dependencies"),
}


def taken(values: dict[str, Any]) -> dict[str, Any]:
    """The parts among the values of an input, taken out of them."""
    names = [name for name in (*_LINKS, "subtasks") if name in values]
    return {name: values.pop(name) for name in names}


async def set_parts(command: Command, task: models.Task, parts: dict[str, Any]) -> list[Changed]:
    """Make the parts of a task what was given; answers what that changed, for the log."""
    found = []
    if parts.get("dependency_ids"):
        await _refuse_cycles(command, task, parts["dependency_ids"])
    for name, (link, key, shown) in _LINKS.items():
        if name in parts:
            found += await _link(command, task, link, key, shown, parts[name])
    if "subtasks" in parts and await subtasks.replace(command, task, parts["subtasks"]):
        found.append(changed("subtasks", None, None))
    return found


async def toggle_watch(command: Command, id: strawberry.ID) -> models.Task:
    """Begin to watch a task, or stop."""
    task = await command.find(models.Task, id)
    rows = await _present(command, task, models.TaskWatcher)
    mine = next((row for row in rows if row.member_id == command.viewer.member_id), None)
    me = encode_id("User", command.viewer.member_id)
    if mine is not None:
        await command.session.delete(mine)
        log(command, task, TaskAction.UPDATED, [changed("watchers", me, None)])
    elif len(rows) >= MAX_WATCHERS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "id", rule="items", max=MAX_WATCHERS)
    else:
        watching = models.TaskWatcher(tenant_id=task.tenant_id, task_id=task.id, member_id=command.viewer.member_id)
        command.session.add(watching)
        log(command, task, TaskAction.UPDATED, [changed("watchers", None, me)])
    return task


async def change_labels(
    command: Command, task: models.Task, add: Sequence[UUID], remove: Sequence[UUID]
) -> list[Changed]:
    """Put labels on a task and take others off."""
    link, key, shown = _LINKS["label_ids"]
    present = [row.label_id for row in await _present(command, task, link)]
    wanted = [id for id in dict.fromkeys([*present, *add]) if id not in remove]
    if len(wanted) > MAX_LINKS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "labelsAdd", rule="items", max=MAX_LINKS)
    return await _link(command, task, link, key, shown, wanted)


async def rule_of(command: Command, given: str | None, due: datetime) -> str | None:
    """The rule by which a task due then comes again, in its short form; refused when it is none."""
    if given is None:
        return None
    problem = problem_of(given, due, await zone_of(command))
    if problem is not None:
        raise Refusal([problem.under("input")])
    return written(read(given))


async def zone_of(command: Command) -> ZoneInfo:
    """The clock of the agency."""
    return ZoneInfo((await command.tenant()).timezone)


async def _link(
    command: Command, task: models.Task, link: type[Any], key: str, shown: str, ids: Sequence[UUID]
) -> list[Changed]:
    """Make the rows of a link table those with these ids."""
    present = {getattr(row, key): row for row in await _present(command, task, link)}
    gone, new = [id for id in present if id not in ids], [id for id in ids if id not in present]
    for id in gone:
        await command.session.delete(present[id])
    for id in new:
        command.session.add(link(tenant_id=task.tenant_id, task_id=task.id, **{key: id}))
    if not gone and not new:
        return []
    name = node_names()[table_of(link).c[key].info["references"]]
    before, after = ([encode_id(name, id) for id in found] for found in (present, ids))
    return [changed(shown, before, after)]


async def _present(command: Command, task: models.Task, link: type[Any]) -> list[Any]:
    columns = table_of(link).c
    found = command.every(link).where(columns.task_id == task.id)
    return list(await command.session.scalars(found.order_by(columns.created_at, columns.id)))


async def _refuse_cycles(command: Command, task: models.Task, ids: Sequence[UUID]) -> None:
    """Refuse dependencies from which a way leads back. Who else sets some waits until this is committed."""
    number = int.from_bytes(sha256(b"dependencies" + task.tenant_id.bytes).digest()[:8], "big", signed=True)
    await command.session.execute(text("select pg_advisory_xact_lock(:number)"), {"number": number})
    links = table_of(models.TaskDependency).c
    step = command.every(models.TaskDependency, links.depends_on_id.label("id"))
    way = step.where(links.task_id.in_(ids)).cte("way", recursive=True)
    way = way.union(step.where(links.task_id == way.c.id))
    back = select(way.c.id).where(way.c.id == task.id).limit(1)
    if task.id in ids or (await command.session.execute(back)).first() is not None:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "input", "dependencyIds", rule="CYCLE")


async def copy_parts(command: Command, task: models.Task, to: models.Task) -> None:
    """Give another task the labels, the watchers and the steps of a task; no step is done yet."""
    for name in ("label_ids", "watcher_ids"):
        link, key, _ = _LINKS[name]
        for row in await _present(command, task, link):
            command.session.add(link(tenant_id=to.tenant_id, task_id=to.id, **{key: getattr(row, key)}))
    await subtasks.copy(command, task, to)
