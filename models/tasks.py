"""Boards with their columns, the tasks on them, and what belongs to a task."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Computed, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field

from domain.tasks import FinancingStatus, ProjectStatus, TaskAction, TaskPriority, TaskStatus
from models.base import (
    BasisPoints,
    Deletable,
    Minor,
    Owned,
    Timestamp,
    choice,
    choices,
    column,
    flag,
    listed,
    metadata,
    moment,
    reference,
)

GREY = "#8E8E93"
BLUE = "#0A84FF"
LABEL_BLUE = "#3B82F6"


def _color(default: str, description: str) -> Any:
    return Field(default=default, max_length=7, sa_column_kwargs={"server_default": default}, description=description)


def _with_own_task(columns: Any, member: ColumnElement[UUID], key: str) -> ColumnElement[bool]:
    """Rows that one of the member's own tasks points to with `key`."""
    task = metadata.tables["task"].alias()
    found: ColumnElement[bool] = (
        task.select()
        .with_only_columns(task.c.id)
        .where(
            task.c.tenant_id == columns.tenant_id,
            task.c[key] == columns.id,
            task.c.deleted_at.is_(None),
            Task.own(task.c, member),
        )
        .exists()
    )
    return found


class Project(Deletable, table=True):
    """What several boards and tasks work towards."""

    __event__: ClassVar[bool] = True
    __table_args__ = (
        Index("uq_project_name", "tenant_id", "name", unique=True, postgresql_where=text("deleted_at is null")),
    )

    name: str = Field(max_length=200, description="Name of the project; unique.")
    description: str | None = Field(default=None, max_length=5000, description="What it is about.")
    color: str = _color(BLUE, "Colour of the project.")
    status: str = choice(ProjectStatus, ProjectStatus.ACTIVE, description="How it goes.")
    property_id: UUID | None = reference("property", description="The property it is about.")

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `task.read.own` sees: projects of own tasks."""
        return _with_own_task(columns, member, "project_id")


class Board(Deletable, table=True):
    """A board of the agency. One is the default: tasks without a board go there."""

    __event__: ClassVar[bool] = True
    __table_args__ = (
        Index("uq_board_name", "tenant_id", "name", unique=True, postgresql_where=text("deleted_at is null")),
        Index("uq_board_default", "tenant_id", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("not is_default or deleted_at is null", name="default_stays"),
    )

    name: str = Field(max_length=200, description="Name of the board; unique.")
    description: str | None = Field(default=None, max_length=2000, description="What it is for.")
    team_id: UUID | None = reference("team", description="The team that works with it; null for the whole agency.")
    project_id: UUID | None = reference("project", description="The project it belongs to.")
    wip_limit: int | None = column(
        SmallInteger, min=1, max=500, description="How many unfinished tasks the whole board may hold."
    )
    is_default: bool = flag(description="Where tasks without a board go; one board of the agency.")

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `task.read.own` sees: boards with own tasks."""
        return _with_own_task(columns, member, "board_id")


class BoardColumn(Owned, table=True):
    """A column of a board: exactly one status."""

    __tablename__ = "board_column"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"board_id": ("board", "columns")}
    __table_args__ = (UniqueConstraint("tenant_id", "board_id", "status"),)

    board_id: UUID = reference("board", ..., cascade=True, description="The board it stands on.")
    name: str = Field(max_length=100, description="What stands above it.")
    status: str = choice(TaskStatus, description="The status of its tasks; unique on the board.")
    position: int = Field(sa_type=SmallInteger, description="Place on the board, from 0.")
    wip_limit: int | None = column(SmallInteger, min=1, max=500, description="How many tasks it may hold.")
    color: str = _color(GREY, "Colour of the column.")
    allow_from: list[str] = choices(TaskStatus, description="From which statuses a task may come; empty means all.")


class Task(Deletable, table=True):
    """Something to do: a card of a board.

    `rank` orders the cards of a column. It is unique there, the trash and the archive included, so that a card that
    comes back keeps its place.
    """

    __event__: ClassVar[bool] = True
    __told__: ClassVar[dict[str, str]] = {"board_id": "board"}
    __computed__: ClassVar[frozenset[str]] = frozenset({"title_key", "search"})
    __table_args__ = (
        Index("uq_task_rank", "tenant_id", "column_id", "rank", unique=True),
        Index(
            "ix_task_board_order",
            "tenant_id",
            "column_id",
            "rank",
            "id",
            postgresql_where=text("deleted_at is null and archived_at is null"),
        ),
        CheckConstraint("start_date <= due_date", name="dates"),
        CheckConstraint("(status = 'DONE') = (completed_at is not null)", name="completed"),
        CheckConstraint("status <> 'DONE' or progress = 100", name="progress_done"),
        CheckConstraint("(status = 'BLOCKED') = (blocked_reason is not null)", name="blocked"),
        listed("ix_task_created_at", text("created_at desc"), text("id desc")),
        listed("ix_task_updated_at", text("updated_at desc"), text("id desc")),
        listed("ix_task_due_date", "due_date", "id"),
        listed("ix_task_title_key", "title_key", "id"),
        listed("ix_task_board_status", "board_id", "status"),
        # What nobody was yet reminded of being overdue: small, however many tasks were ever done.
        Index(
            "ix_task_to_remind",
            "tenant_id",
            "due_date",
            postgresql_where=text(
                "deleted_at is null and archived_at is null and completed_at is null and overdue_reminded_at is null"
            ),
        ),
        Index(None, "search", postgresql_using="gin"),
    )

    title: str = Field(max_length=200, description="What there is to do.")
    description: str = Field(
        default="",
        max_length=2000,
        sa_column_kwargs={"server_default": "", "info": {"blank": True}},
        description="More about it.",
    )
    priority: str = choice(TaskPriority, TaskPriority.MEDIUM, description="How urgent it is.")
    status: str = choice(TaskStatus, TaskStatus.TODO, description="Where it stands.")
    board_id: UUID = reference(
        "board", ..., cascade=True, description="The board it is on; the default board when none is named."
    )
    column_id: UUID | None = reference(
        "board_column", description="The column of its status; null when the board has no such column."
    )
    rank: str = Field(
        sa_type=Text(collation="C"),
        description="Opaque key that orders the cards of a column, compared byte by byte; sort by it.",
    )
    assignee_id: UUID | None = reference("member", description="Who is to do it; the caller when not given.")
    due_date: datetime = Field(sa_type=Timestamp, description="When it is to be done.")
    start_date: datetime | None = moment(description="When it begins; not after the due date.")
    completed_at: datetime | None = moment(description="When it was done; null for every other status.")
    progress: int = column(SmallInteger, 0, server="0", min=0, max=100, description="Percent done; 100 when DONE.")
    estimated_hours: int = column(SmallInteger, 1, server="1", min=1, max=1000, description="Hours it should take.")
    actual_hours: int | None = column(SmallInteger, min=0, max=10_000, description="Hours it has taken.")
    story_points: int | None = column(SmallInteger, min=0, max=200, description="Size in points.")
    property_id: UUID | None = reference("property", description="The property it is about.")
    project_id: UUID | None = reference("project", description="The project it belongs to.")
    financing_status: str | None = choice(FinancingStatus, None, description="Where the financing stands.")
    financing_amount: int | None = column(Minor, min=0, max=1_000_000_000, description="The sum to be financed.")
    financing_rate: int | None = column(BasisPoints, min=0, max=100, description="Interest per year in percent.")
    financing_years: int | None = column(SmallInteger, min=1, max=100, description="Term in years.")
    currency: str = Field(
        default="EUR",
        max_length=3,
        sa_column_kwargs={"server_default": "EUR"},
        description="Currency of the financing, ISO 4217.",
    )
    blocked_reason: str | None = Field(default=None, max_length=500, description="Why it cannot go on.")
    blocked_since: datetime | None = moment(description="Since when it cannot go on.")
    blocked_by_id: UUID | None = reference("member", description="Who said that it is blocked.")
    blocked_by_task_id: UUID | None = reference("task", description="The task it waits for.")
    archived_at: datetime | None = moment(description="When it was taken off the board; null while it is there.")
    recurrence: str | None = Field(
        default=None,
        max_length=500,
        description="Rule by which it repeats, RFC 5545 RRULE; the next one is made when it is done.",
    )
    due_reminded_at: datetime | None = moment(description="When its assignee was told that it is due soon.")
    overdue_reminded_at: datetime | None = moment(description="When its assignee was told that it is overdue.")
    title_key: str | None = Field(
        default=None,
        sa_type=Text,
        sa_column_args=[Computed("app.fold(title)", persisted=True)],
        description="German sort key of the title.",
    )
    search: str | None = Field(
        default=None,
        sa_type=TSVECTOR,
        sa_column_args=[Computed("app.search_document(tenant_id, title, description, '')", persisted=True)],
        description="What the full-text search looks at.",
    )

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `task.read.own` sees: what is assigned to or watched by them."""
        watcher = metadata.tables["task_watcher"].alias()
        watched = (
            watcher.select()
            .with_only_columns(watcher.c.id)
            .where(
                watcher.c.tenant_id == columns.tenant_id,
                watcher.c.task_id == columns.id,
                watcher.c.member_id == member,
            )
            .exists()
        )
        found: ColumnElement[bool] = (columns.assignee_id == member) | watched
        return found


class TaskLabel(Owned, table=True):
    """A label of the agency for its tasks."""

    __tablename__ = "task_label"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: str = Field(max_length=50, description="What it says; unique.")
    color: str = _color(LABEL_BLUE, "Colour of the label.")
    description: str | None = Field(default=None, max_length=500, description="When to use it.")

    @staticmethod
    def own(columns: Any, member: ColumnElement[UUID]) -> ColumnElement[bool]:
        """What a viewer with only `task.read.own` sees: labels on own tasks."""
        link, task = metadata.tables["task_label_link"].alias(), metadata.tables["task"].alias()
        found: ColumnElement[bool] = (
            link.join(task, (task.c.tenant_id == link.c.tenant_id) & (task.c.id == link.c.task_id))
            .select()
            .with_only_columns(link.c.id)
            .where(
                link.c.tenant_id == columns.tenant_id,
                link.c.label_id == columns.id,
                task.c.deleted_at.is_(None),
                Task.own(task.c, member),
            )
            .exists()
        )
        return found


class TaskLabelLink(Owned, table=True):
    """A label on a task."""

    __tablename__ = "task_label_link"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "labels")}
    __table_args__ = (UniqueConstraint("tenant_id", "task_id", "label_id"),)

    task_id: UUID = reference("task", ..., cascade=True, description="The task.")
    label_id: UUID = reference("task_label", ..., cascade=True, description="The label.")


class TaskWatcher(Owned, table=True):
    """Somebody who wants to hear of a task without being its assignee."""

    __tablename__ = "task_watcher"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "watchers")}
    __table_args__ = (UniqueConstraint("tenant_id", "task_id", "member_id"),)

    task_id: UUID = reference("task", ..., cascade=True, description="The task.")
    member_id: UUID = reference("member", ..., cascade=True, description="Who watches it.")


class TaskDependency(Owned, table=True):
    """A task that must be done before another."""

    __tablename__ = "task_dependency"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "dependencies")}
    __table_args__ = (
        UniqueConstraint("tenant_id", "task_id", "depends_on_id"),
        CheckConstraint("task_id <> depends_on_id", name="not_itself"),
    )

    task_id: UUID = reference("task", ..., cascade=True, description="The task that waits.")
    depends_on_id: UUID = reference("task", ..., cascade=True, description="The task that must be done first.")


class Subtask(Owned, table=True):
    """A step of a task."""

    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "subtasks")}

    task_id: UUID = reference("task", ..., cascade=True, description="The task it is a step of.")
    title: str = Field(max_length=200, description="What there is to do.")
    done: bool = flag(description="Whether it is done.")
    position: int = Field(sa_type=SmallInteger, description="Place in the list, from 0.")
    assignee_id: UUID | None = reference("member", description="Who is to do it.")
    due_date: datetime | None = moment(description="When it is to be done.")
    completed_at: datetime | None = moment(description="When it was done.")


class Comment(Owned, table=True):
    """What somebody said about a record. A deleted one stays as a tombstone without its text.

    The subject is one of several kinds: a nullable key each, exactly one of them set.
    """

    __comment__: ClassVar[bool] = True
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "comments")}
    __table_args__ = (
        CheckConstraint("num_nonnulls(task_id) = 1", name="one_subject"),
        Index(None, "tenant_id", "task_id", "created_at", "id"),
    )

    task_id: UUID | None = reference("task", cascade=True, description="The task it is about.")
    author_id: UUID = reference("member", ..., description="Who wrote it.")
    text: str = Field(max_length=5000, description="What it says; empty when it was deleted.")
    parent_id: UUID | None = reference("comment", cascade=True, description="The comment it answers; one level.")
    edited_at: datetime | None = moment(description="When its text was last changed.")
    deleted_at: datetime | None = moment(description="When it was deleted; its text is gone.")
    deleted_by_id: UUID | None = reference("member", description="Who deleted it.")


class CommentReaction(Owned, table=True):
    """An emoji somebody put under a comment."""

    __tablename__ = "comment_reaction"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"comment_id": ("comment", "reactions")}
    __table_args__ = (UniqueConstraint("tenant_id", "comment_id", "member_id", "emoji"),)

    comment_id: UUID = reference("comment", ..., cascade=True, description="The comment.")
    member_id: UUID = reference("member", ..., cascade=True, description="Whose reaction it is.")
    emoji: str = Field(max_length=32, description="The emoji.")


class CommentMention(Owned, table=True):
    """Somebody a comment calls by name."""

    __tablename__ = "comment_mention"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"comment_id": ("comment", "mentions")}
    __table_args__ = (UniqueConstraint("tenant_id", "comment_id", "member_id"),)

    comment_id: UUID = reference("comment", ..., cascade=True, description="The comment.")
    member_id: UUID = reference("member", ..., cascade=True, description="Who is called.")


class TaskLog(Owned, table=True):
    """A line of a task's log: who changed what."""

    __tablename__ = "task_log"
    __parents__: ClassVar[dict[str, tuple[str, str]]] = {"task_id": ("task", "")}
    __table_args__ = (Index("ix_task_log_newest", "tenant_id", "task_id", text("created_at desc"), text("id desc")),)

    task_id: UUID = reference("task", ..., cascade=True, description="The task.")
    member_id: UUID | None = reference("member", description="Who did it; null for the system.")
    action: str = choice(TaskAction, description="What was done.")
    changes: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": "[]"},
        nullable=False,
        description="Fields with their values before and after.",
    )


__all__ = [
    "Board",
    "BoardColumn",
    "Comment",
    "CommentMention",
    "CommentReaction",
    "Project",
    "Subtask",
    "Task",
    "TaskDependency",
    "TaskLabel",
    "TaskLabelLink",
    "TaskLog",
    "TaskWatcher",
]
