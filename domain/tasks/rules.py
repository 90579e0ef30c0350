"""Rules of tasks: which step a board allows, and what a status brings with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.errors import ErrorCode, Problem, texts
from domain.tasks.kinds import TERMINAL, TaskStatus

texts(
    {
        "task.dates": ("The start is not after the due date.", "Der Beginn liegt nicht nach der Fälligkeit."),
        "task.blocked_reason": (
            "What is blocked needs a reason.",
            "Was blockiert ist, braucht einen Grund.",
        ),
        "task.one_place": ("Give either a position or afterId.", "Entweder position oder afterId angeben."),
        "task.other_column": (
            "This task is not in the column.",
            "Diese Aufgabe steht nicht in der Spalte.",
        ),
        "task.other_status": (
            "Column and status do not belong together.",
            "Spalte und Status gehören nicht zusammen.",
        ),
        "task.other_board": (
            "The column is on another board; name that board as well.",
            "Die Spalte gehört zu einem anderen Board; dieses ist mit anzugeben.",
        ),
        "task.progress_done": ("A finished task is at 100 percent.", "Eine erledigte Aufgabe steht bei 100 Prozent."),
        "task.not_blocked": ("The task is not blocked.", "Die Aufgabe ist nicht blockiert."),
        "task.not_archived": ("Take it out of the archive first.", "Bitte zuerst aus dem Archiv holen."),
        "WIP_LIMIT": (
            "The limit of {limit} is reached ({name}).",
            "Das Limit von {limit} ist erreicht ({name}).",
        ),
        "DEFAULT_BOARD": (
            "The agency's default board cannot be deleted.",
            "Das Standard-Board der Agentur kann nicht gelöscht werden.",
        ),
        "LAST_COLUMN": ("A board keeps at least one column.", "Ein Board behält mindestens eine Spalte."),
        "task.column_id": (
            "Only the columns of `boardUpdate` are named by ids.",
            "Nur die Spalten von `boardUpdate` werden mit IDs benannt.",
        ),
        "task.all_columns": (
            "Name every column of the board once.",
            "Jede Spalte des Boards genau einmal angeben.",
        ),
        "DEPENDENCY_OPEN": (
            "A task that should be done first is still open.",
            "Eine Aufgabe, die vorher erledigt sein sollte, ist noch offen.",
        ),
        "NOT_EMPTY": ("There are still tasks here.", "Hier liegen noch Aufgaben."),
    }
)

STARTED = frozenset({TaskStatus.IN_PROGRESS, TaskStatus.REVIEW, TaskStatus.DONE})


class Stateful(Protocol):
    """The columns of a task that follow its status."""

    status: str
    progress: int
    completed_at: datetime | None
    blocked_reason: str | None
    blocked_since: datetime | None
    blocked_by_id: Any
    blocked_by_task_id: Any


def transition(present: TaskStatus, target: TaskStatus, allow_from: Collection[str]) -> list[Problem]:
    """Why a task may not go to a column; empty when it may. An empty `allow_from` lets everything in."""
    if present is target or not allow_from or present.value in allow_from:
        return []
    details = {"from": present.value, "to": target.value, "allowed": list(allow_from)}
    return [Problem(ErrorCode.INVALID_TRANSITION, (), None, details)]


@dataclass(frozen=True)
class Block:
    """Why a task cannot go on, and who says so."""

    reason: str | None
    by: Any
    task: Any = None


def enter(row: Stateful, target: TaskStatus, block: Block, at: datetime) -> None:
    """Give a task a status with all it brings: done is 100 percent, what was done is not, a block has a reason."""
    present = TaskStatus(row.status)
    row.status = target.value
    if target is TaskStatus.DONE:
        row.progress = 100
        row.completed_at = row.completed_at or at
    elif present is TaskStatus.DONE:
        row.progress = min(row.progress, 99)
        row.completed_at = None
    if target is TaskStatus.BLOCKED:
        row.blocked_reason = block.reason or row.blocked_reason
        if present is not TaskStatus.BLOCKED:
            row.blocked_since, row.blocked_by_id, row.blocked_by_task_id = at, block.by, block.task
    elif present is TaskStatus.BLOCKED:
        row.blocked_reason = row.blocked_since = row.blocked_by_id = row.blocked_by_task_id = None


def overdue(due: datetime, status: str, at: datetime) -> bool:
    """Whether something should have been done by now."""
    return due < at and TaskStatus(status) not in TERMINAL
