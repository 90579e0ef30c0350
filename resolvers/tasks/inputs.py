"""What is given for tasks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry.types.maybe import Maybe

import models
from domain.errors import ErrorCode
from domain.tasks import FinancingStatus, TaskPriority, TaskStatus
from resolvers.kit.inputs import Input, MoneyInput
from resolvers.kit.scalars import Percent
from resolvers.tasks.parts import PART_TABLES
from resolvers.tasks.subtasks import SubtaskInput


@strawberry.input(description="Where the financing of a case stands.")
class TaskFinancingInput(Input, of=models.Task):
    status: FinancingStatus
    amount: Maybe[MoneyInput | None]
    interest_rate: Maybe[Percent | None]
    term_years: Maybe[int | None]

    renames: ClassVar[dict[str, str]] = {
        "status": "financing_status",
        "amount": "financing_amount",
        "interest_rate": "financing_rate",
        "term_years": "financing_years",
    }


WATCHERS = "All members who want to hear of it, at most 100; those of a list before are replaced."
LABELS = "All its labels, at most 100; those of a list before are replaced."
STEPS = "All its steps in their order, at most 100; those with an id keep their row, those left out are removed."
DEPENDENCIES = "All tasks that must be done before it, at most 100, without a circle."


@strawberry.input(description="A new task. It goes to the end of the column of its status.")
class TaskCreateInput(Input, of=models.Task):
    title: str
    description: Maybe[str | None]
    priority: Maybe[TaskPriority | None]
    status: Maybe[TaskStatus | None]
    board_id: Maybe[strawberry.ID | None]
    assignee_id: Maybe[strawberry.ID | None]
    due_date: datetime
    start_date: Maybe[datetime | None]
    progress: Maybe[int | None]
    estimated_hours: Maybe[int | None]
    story_points: Maybe[int | None]
    property_id: Maybe[strawberry.ID | None]
    project_id: Maybe[strawberry.ID | None]
    financing: Maybe[TaskFinancingInput | None] = strawberry.field(
        description="Where the financing of the case stands."
    )
    watcher_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=WATCHERS)
    label_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=LABELS)
    subtasks: Maybe[list[SubtaskInput] | None] = strawberry.field(description=STEPS)
    dependency_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=DEPENDENCIES)
    recurrence: Maybe[str | None]

    references: ClassVar[dict[str, str]] = PART_TABLES


@strawberry.input(description="Changes of a task; only what is given. A new status puts it at the end of that column.")
class TaskUpdateInput(Input, of=models.Task):
    title: Maybe[str | None]
    description: Maybe[str | None]
    priority: Maybe[TaskPriority | None]
    status: Maybe[TaskStatus | None]
    assignee_id: Maybe[strawberry.ID | None]
    due_date: Maybe[datetime | None]
    start_date: Maybe[datetime | None]
    progress: Maybe[int | None]
    estimated_hours: Maybe[int | None]
    actual_hours: Maybe[int | None]
    story_points: Maybe[int | None]
    property_id: Maybe[strawberry.ID | None]
    project_id: Maybe[strawberry.ID | None]
    financing: Maybe[TaskFinancingInput | None] = strawberry.field(
        description="Where the financing of the case stands."
    )
    blocked_reason: Maybe[str | None]
    watcher_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=WATCHERS)
    label_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=LABELS)
    subtasks: Maybe[list[SubtaskInput] | None] = strawberry.field(description=STEPS)
    dependency_ids: Maybe[list[strawberry.ID] | None] = strawberry.field(description=DEPENDENCIES)
    recurrence: Maybe[str | None]
    expected_version: Maybe[int | None] = strawberry.field(
        description="Refuse with CONFLICT when the task has another version."
    )

    references: ClassVar[dict[str, str]] = PART_TABLES


@strawberry.input(
    description="Where a card goes: to a column or a status, on this board or another one, at a place or at the end."
)
class TaskMoveInput(Input, of=models.Task):
    column_id: Maybe[strawberry.ID | None]
    status: Maybe[TaskStatus | None]
    position: Maybe[int | None] = strawberry.field(
        description="Place in the column, from 0; beyond the end is the end."
    )
    after_id: Maybe[strawberry.ID | None] = strawberry.field(description="The task to stand behind.")
    board_id: Maybe[strawberry.ID | None]
    force: bool | None = strawberry.field(
        default=False, description="Move into a full column all the same; the answer has a warning."
    )
    blocked_reason: Maybe[str | None]

    @classmethod
    def refine(cls, values: dict[str, Any], report: Callable[..., None]) -> None:
        if values.get("position") is not None and values.get("after_id") is not None:
            report(ErrorCode.VALIDATION_ERROR, "afterId", rule="task.one_place")
        if (values.get("position") or 0) < 0:
            report(ErrorCode.VALIDATION_ERROR, "position", rule="min", min=0)


@strawberry.input(description="What to set on many tasks; only what is given.")
class TaskBulkInput(Input, of=models.Task):
    status: Maybe[TaskStatus | None]
    priority: Maybe[TaskPriority | None]
    assignee_id: Maybe[strawberry.ID | None]
    due_date: Maybe[datetime | None]
    labels_add: Maybe[list[strawberry.ID] | None] = strawberry.field(description="Labels to put on them.")
    labels_remove: Maybe[list[strawberry.ID] | None] = strawberry.field(description="Labels to take off them.")
    archived: Maybe[bool | None] = strawberry.field(description="Off the board, or back on it.")

    references: ClassVar[dict[str, str]] = PART_TABLES
