"""Boards and the tasks on them."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Integer, cast, func

import models
from domain.access import P, Scope
from domain.tasks import (
    MAX_COLUMNS,
    TERMINAL,
    FinancingStatus,
    ProjectStatus,
    TaskPriority,
    TaskStatus,
    rules,
)
from graph.kit.connection import Connection, children, every, many, through
from graph.kit.field import aggregate, derived, one, renamed, value
from graph.kit.figures import figure
from graph.kit.history import by_any, history
from graph.kit.node import Deletable, Money, Node, Value
from graph.kit.payload import BulkPayload, BulkResult, Change, Payload, UserError, row
from graph.kit.root import bulk, listing, lookup, mutation, plain, subscription
from graph.kit.summaries import summed
from graph.task_parts import Subtask, TaskLabel, TaskStatistics
from loaders import jsontext
from loaders.paging import OrderKey
from models.base import now
from resolvers.kit.filters import NEWEST_FIRST
from resolvers.kit.scalars import HexColor, Percent, hundredths
from resolvers.tasks import (
    actions,
    boards,
    columns,
    comments,
    filters,
    live,
    moves,
    parts,
    projects,
    statistics,
    subtasks,
)
from resolvers.tasks.labels import MAX_LABELS

BY_POSITION = (OrderKey.by("position", int),)
BY_NAME = (OrderKey.by("name", str),)
COLUMN_PAGE = 50
PART_PAGE = 20


def _here(other: Any) -> ColumnElement[bool]:
    """What stands on a board."""
    found: ColumnElement[bool] = other.c.archived_at.is_(None)
    return found


def _before(other: Any, column: ColumnElement[Any], board: Any, status: Any, rank: Any) -> ColumnElement[bool]:
    """The cards that stand before a card."""
    same = (other.c.column_id == column) | (column.is_(None) & other.c.column_id.is_(None))
    found: ColumnElement[bool] = (
        (other.c.board_id == board) & (other.c.status == status) & same & (other.c.rank < rank) & _here(other)
    )
    return found


def _share(done: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many rows fulfil a condition, in hundredths of a percent rounded half up; null where there are none."""
    double = cast(func.count().filter(done) * 20_000 + func.count(), Integer)
    share: ColumnElement[Any] = double.op("/")(func.nullif(func.count() * 2, 0))  # of whole numbers
    return share


def _share_done(other: Any) -> ColumnElement[Any]:
    return func.coalesce(_share(other.c.status == TaskStatus.DONE.value), 0)


@strawberry.type(description="Why a task cannot go on.")
class BlockedInfo(Value, of=models.Task):
    reason: str = renamed(models.Task.blocked_reason)
    since: datetime = renamed(models.Task.blocked_since)
    by = one(models.Task.blocked_by_id)
    blocked_by_task = one(models.Task.blocked_by_task_id)


@strawberry.type(description="Where the financing of a case stands.")
class TaskFinancing(Value, of=models.Task):
    status: FinancingStatus = renamed(models.Task.financing_status)
    amount: Money | None = renamed(models.Task.financing_amount)
    interest_rate: Percent | None = renamed(models.Task.financing_rate)
    term_years: int | None = renamed(models.Task.financing_years)


@strawberry.type(description="Something to do: a card of a board.")
class Task(Node, Deletable, of=models.Task, needs=P.TASK_READ):
    history = history(models.Task, own=by_any(models.Task.created_by_id, models.Task.assignee_id))
    title: str
    description: str
    priority: TaskPriority
    status: TaskStatus
    board = one(models.Task.board_id)
    column = one(models.Task.column_id)
    rank: str
    position: int = figure(
        models.Task,
        models.Task.column_id,
        models.Task.board_id,
        models.Task.status,
        models.Task.rank,
        match=_before,
        description="Place in its column, from 0, as it is at this moment; sort by `rank`.",
    )
    assignee = one(models.Task.assignee_id)
    due_date: datetime
    start_date: datetime | None
    completed_at: datetime | None
    progress: int
    estimated_hours: int
    actual_hours: int | None
    story_points: int | None
    property = one(models.Task.property_id)
    project = one(models.Task.project_id)
    financing: TaskFinancing | None = value(
        "Where the financing of the case stands.", when=models.Task.financing_status
    )
    blocked: BlockedInfo | None = value("Why it cannot go on.", when=models.Task.blocked_reason)
    is_overdue: bool = derived(
        models.Task.due_date,
        models.Task.status,
        compute=lambda due, status: rules.overdue(due, status, now()),
        sql=lambda due, status: jsontext.truth(filters.overdue(due, status)),
        description="Whether it should have been done by now.",
    )
    archived: bool = derived(
        models.Task.archived_at,
        compute=lambda at: at is not None,
        sql=lambda at: jsontext.truth(at.is_not(None)),
        description="Whether it was taken off its board.",
    )
    archived_at: datetime | None
    recurrence: str | None
    watchers = through(
        models.TaskWatcher.task_id,
        models.TaskWatcher.member_id,
        order=BY_NAME,
        cap=parts.MAX_WATCHERS,
        description="Members who want to hear of it, by name; at most 100.",
    )
    labels: list[TaskLabel] = through(
        models.TaskLabelLink.task_id,
        models.TaskLabelLink.label_id,
        order=BY_NAME,
        cap=parts.MAX_LINKS,
        description="Its labels by name; at most 100.",
    )
    dependencies = through(
        models.TaskDependency.task_id,
        models.TaskDependency.depends_on_id,
        order=filters.SOONEST_FIRST,
        cap=parts.MAX_LINKS,
        description="Tasks that must be done before it, soonest due first; at most 100.",
    )
    subtasks: list[Subtask] = children(
        models.Subtask.task_id,
        order=BY_POSITION,
        cap=subtasks.MAX_SUBTASKS,
        description="Its steps in their order; at most 100.",
    )
    subtask_progress: Percent | None = figure(
        models.Subtask,
        models.Task.id,
        match=lambda other, id: other.c.task_id == id,
        what=lambda other: _share(other.c.done),
        write=hundredths,
        description="How many of its steps are done, in percent; null without steps.",
    )
    comments = many(
        models.Comment.task_id,
        default=comments.OLDEST_FIRST,
        where=lambda table: table.c.parent_id.is_(None),
        size=PART_PAGE,
        description="What was said about it, the oldest first; answers stand below what they answer.",
    )
    comment_count: int = aggregate(
        models.Comment.task_id,
        where=lambda table: table.c.deleted_at.is_(None),
        description="How many comments and answers there are, without those taken back.",
    )
    activity_log = many(
        models.TaskLog.task_id,
        default=NEWEST_FIRST,
        size=PART_PAGE,
        description="Who changed what, the newest first.",
    )


@strawberry.type(description="A column of a board: exactly one status.")
class BoardColumn(Node, of=models.BoardColumn, needs=P.TASK_READ, common=False):
    name: str
    status: TaskStatus
    position: int
    wip_limit: int | None
    color: HexColor
    is_terminal: bool = derived(
        models.BoardColumn.status,
        compute=lambda status: TaskStatus(status) in TERMINAL,
        sql=lambda status: jsontext.truth(filters.finished(status)),
        description="Whether nothing is left to do for its tasks.",
    )
    allow_from: list[TaskStatus]
    task_count: int = aggregate(models.Task.column_id, where=_here, description="How many tasks stand in it.")
    tasks = many(
        models.Task.column_id,
        filter=filters.TaskFilter,
        default=filters.BY_RANK,
        size=COLUMN_PAGE,
        description="Its tasks in their order.",
    )


@strawberry.type(description="A board of the agency with its columns.")
class Board(Node, Deletable, of=models.Board, needs=P.TASK_READ):
    history = history(models.Board)
    name: str
    description: str | None
    team = one(models.Board.team_id)
    project = one(models.Board.project_id)
    wip_limit: int | None
    is_default: bool
    columns: list[BoardColumn] = children(
        models.BoardColumn.board_id,
        order=BY_POSITION,
        cap=MAX_COLUMNS,
        description="Its columns from left to right; at most one for each status.",
    )
    labels: list[TaskLabel] = every(
        models.TaskLabel,
        order=BY_NAME,
        cap=MAX_LABELS,
        description="The labels of the agency by name; at most 200.",
    )
    tasks = many(
        models.Task.board_id,
        filter=filters.TaskFilter,
        order=filters.TaskOrder,
        description="All its tasks, also those whose status has no column.",
    )
    statistics: TaskStatistics = summed(
        models.Task.board_id,
        statistics.OF_A_BOARD,
        present=statistics.shown,
        description="Figures over its tasks without the archive.",
    )


@strawberry.type(description="What several boards and tasks work towards.")
class Project(Node, Deletable, of=models.Project, needs=P.TASK_READ):
    history = history(models.Project)
    name: str
    description: str | None
    color: HexColor
    status: ProjectStatus
    property = one(models.Project.property_id)
    boards: list[Board] = children(
        models.Board.project_id,
        order=BY_NAME,
        cap=projects.MOST,
        description="Its boards by name; at most 100.",
    )
    progress: Percent = figure(
        models.Task,
        models.Project.id,
        match=lambda other, id: (other.c.project_id == id) & _here(other),
        what=_share_done,
        write=hundredths,
        description="How many of its tasks are done, in percent.",
    )


@strawberry.type(description="The task, or why it was refused.")
class TaskPayload(Payload):
    task: Task | None = strawberry.field(description="The task as it is now.")


@strawberry.type(description="The moved task, or why it stays.")
class TaskMovePayload(Payload):
    task: Task | None = strawberry.field(description="The task as it is now.")
    warnings: list[UserError] = strawberry.field(description="What was done although a rule speaks against it.")


@strawberry.type(description="What happened to one of many tasks.")
class TaskBulkResult(BulkResult):
    task: Task | None = strawberry.field(description="The task as it is now.")


@strawberry.type(description="What happened to many tasks.")
class TaskBulkPayload(BulkPayload):
    results: list[TaskBulkResult]


@strawberry.type(description="The board, or why it was refused.")
class BoardPayload(Payload):
    board: Board | None = strawberry.field(description="The board as it is now.")


@strawberry.type(description="The project, or why it was refused.")
class ProjectPayload(Payload):
    project: Project | None = strawberry.field(description="The project as it is now.")


@strawberry.type(description="A change of a task or of one of its parts.")
class TaskChange(Change):
    from_column = row(models.BoardColumn, "The column it stood in before; null when it did not move.")
    to_column = row(models.BoardColumn, "The column it stands in since; null when it did not move.")
    position: int | None = strawberry.field(description="Where a moved card came to stand, from 0.")
    task: Task | None = strawberry.field(description="The task as it is now; null when it is gone.")
    comment = row(models.Comment, "What was said; null for other changes.")


@strawberry.type(description="A change of a board or of its columns.")
class BoardChange(Change):
    board: Board | None = strawberry.field(description="The board as it is now; null when it is gone.")


@strawberry.type
class Query:
    boards: list[Board] = plain(projects.boards, needs=P.TASK_READ)
    board: Board | None = lookup(
        models.Board,
        otherwise=lambda table: table.c.is_default,
        description="One board, the default one without an id; null when there is none.",
    )
    tasks: Connection[Task] = listing(
        models.Task,
        filter=filters.TaskFilter,
        order=filters.TaskOrder,
        description="Tasks, filtered, searched and sorted; archived ones only when the filter names them.",
    )
    task: Task | None = lookup(models.Task, description="One task; null when there is none.")
    projects: list[Project] = plain(projects.projects, needs=P.TASK_READ)


@strawberry.type
class Mutation:
    task_create: TaskPayload = mutation(actions.create, needs=P.TASK_CREATE)
    task_update: TaskPayload = mutation(actions.update, needs=P.TASK_UPDATE)
    task_move: TaskMovePayload = mutation(moves.move, needs=P.TASK_UPDATE)
    tasks_update: TaskBulkPayload = bulk(actions.update_one, needs=P.TASK_UPDATE)
    task_archive: TaskPayload = mutation(actions.archive, needs=P.TASK_UPDATE)
    task_delete: TaskPayload = mutation(actions.delete, needs=P.TASK_DELETE, scope=Scope.DELETE)
    tasks_delete: TaskBulkPayload = bulk(actions.delete_one, needs=P.TASK_DELETE, scope=Scope.DELETE)
    task_block: TaskPayload = mutation(actions.block, needs=P.TASK_UPDATE)
    task_unblock: TaskPayload = mutation(actions.unblock, needs=P.TASK_UPDATE)
    task_subtask_add: TaskPayload = mutation(subtasks.add, needs=P.TASK_UPDATE)
    task_subtask_update: TaskPayload = mutation(subtasks.update, needs=P.TASK_UPDATE)
    task_subtasks_reorder: TaskPayload = mutation(subtasks.reorder, needs=P.TASK_UPDATE)
    task_subtask_delete: TaskPayload = mutation(subtasks.delete, needs=P.TASK_UPDATE)
    task_watch_toggle: TaskPayload = mutation(parts.toggle_watch, needs=P.TASK_READ)
    board_create: BoardPayload = mutation(boards.create, needs=P.BOARD_CREATE)
    board_update: BoardPayload = mutation(boards.update, needs=P.BOARD_UPDATE)
    board_delete: BoardPayload = mutation(boards.delete, needs=P.BOARD_DELETE, scope=Scope.DELETE)
    board_column_add: BoardPayload = mutation(columns.add, needs=P.BOARD_UPDATE)
    board_column_update: BoardPayload = mutation(columns.update, needs=P.BOARD_UPDATE)
    board_columns_reorder: BoardPayload = mutation(columns.reorder, needs=P.BOARD_UPDATE)
    board_column_delete: BoardPayload = mutation(columns.delete, needs=P.BOARD_UPDATE, scope=Scope.DELETE)
    project_create: ProjectPayload = mutation(projects.create, needs=P.BOARD_CREATE)
    project_update: ProjectPayload = mutation(projects.update, needs=P.BOARD_UPDATE)
    project_delete: ProjectPayload = mutation(projects.delete, needs=P.BOARD_DELETE, scope=Scope.DELETE)


@strawberry.type
class Subscription:
    task_changed: TaskChange = subscription(live.task_changed, needs=P.TASK_READ)
    board_changed: BoardChange = subscription(live.board_changed, needs=P.TASK_READ)
