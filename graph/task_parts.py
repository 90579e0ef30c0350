"""What belongs to tasks: steps, labels, the log, statistics."""

from datetime import datetime

import strawberry

import models
from domain.access import P, Scope
from domain.tasks import TaskAction
from domain.tasks.history import line
from graph.kit.field import aggregate, derived, one, renamed
from graph.kit.node import Node
from graph.kit.payload import CountByKey, FieldChange, Payload, Shape, field_changes, rows
from graph.kit.root import mutation, plain
from resolvers.kit.scalars import HexColor, Percent
from resolvers.tasks import labels, statistics


@strawberry.type(description="A step of a task.")
class Subtask(Node, of=models.Subtask, needs=P.TASK_READ, common=False):
    title: str
    done: bool
    position: int
    assignee = one(models.Subtask.assignee_id)
    due_date: datetime | None
    completed_at: datetime | None


@strawberry.type(description="A label of the agency for its tasks.")
class TaskLabel(Node, of=models.TaskLabel, needs=P.TASK_READ, common=False):
    name: str
    color: HexColor
    description: str | None
    usage_count: int = aggregate(
        models.TaskLabelLink.label_id,
        to=models.TaskLabelLink.task_id,
        where=lambda table: table.c.archived_at.is_(None),
        description="How many tasks bear it; those in the archive do not count.",
    )


@strawberry.type(description="A line of a task's log.")
class TaskLog(Node, of=models.TaskLog, needs=P.TASK_READ, common=False):
    at: datetime = renamed(models.TaskLog.created_at)
    user = one(models.TaskLog.member_id)
    action: TaskAction
    changes: list[FieldChange] = derived(
        models.TaskLog.changes, compute=field_changes, description="Fields with their values before and after."
    )
    text: str = derived(
        models.TaskLog.action,
        models.TaskLog.changes,
        compute=line,
        language=True,
        description="The same for a person, in the language of the request.",
    )


@strawberry.type(description="Figures over tasks.")
class TaskStatistics(Shape):
    total_tasks: int = strawberry.field(description="All tasks.")
    active_tasks: int = strawberry.field(description="Neither done nor cancelled.")
    completed_tasks: int = strawberry.field(description="Done.")
    blocked_tasks: int = strawberry.field(description="Cannot go on.")
    overdue_tasks: int = strawberry.field(description="Should have been done by now.")
    due_today: int = strawberry.field(description="Active and due on this day of the agency's calendar.")
    total_estimated_hours: int = strawberry.field(description="Hours they should take.")
    total_actual_hours: int = strawberry.field(description="Hours they have taken.")
    completion_rate: Percent = strawberry.field(description="How many of all are done; 0 when there are none.")
    tasks_by_priority: list[CountByKey] = strawberry.field(description="By priority, lowest first.")
    tasks_by_status: list[CountByKey] = strawberry.field(description="By status, in the usual order of columns.")
    tasks_by_assignee: list[CountByKey] = strawberry.field(
        description="By assignee, the 100 with the most; the key is the id of the user, empty for nobody."
    )
    upcoming_deadlines = rows(models.Task, "Active ones that are due within seven days, soonest first; at most 10.")
    recent_activity = rows(models.TaskLog, "The last 50 lines of their logs, newest first.")


@strawberry.type(description="The label, or why it was refused.")
class TaskLabelPayload(Payload):
    task_label: TaskLabel | None = strawberry.field(description="The label as it is now; null when it was deleted.")


@strawberry.type
class Query:
    task_statistics: TaskStatistics = plain(statistics.statistics, needs=P.TASK_READ)
    task_labels: list[TaskLabel] = plain(labels.labels, needs=P.TASK_READ)


@strawberry.type
class Mutation:
    task_label_create: TaskLabelPayload = mutation(labels.create, needs=P.TASK_CREATE)
    task_label_update: TaskLabelPayload = mutation(labels.change, needs=P.TASK_UPDATE)
    task_label_delete: TaskLabelPayload = mutation(labels.delete, needs=P.TASK_DELETE, scope=Scope.DELETE)
