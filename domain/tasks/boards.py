"""The board every agency begins with."""

from dataclasses import dataclass

from domain.tasks.kinds import TaskStatus
from domain.tasks.words import name_of

DEFAULT_BOARD = ("Tasks", "Aufgaben")
MAX_COLUMNS = len(TaskStatus)


@dataclass(frozen=True)
class ColumnPlan:
    """A column of a new board."""

    status: TaskStatus
    color: str
    wip_limit: int | None = None

    def name(self, language: str) -> str:
        return name_of(self.status, language)


DEFAULT_COLUMNS = (
    ColumnPlan(TaskStatus.BACKLOG, "#8E8E93"),
    ColumnPlan(TaskStatus.TODO, "#0A84FF", 8),
    ColumnPlan(TaskStatus.IN_PROGRESS, "#FF9F0A", 5),
    ColumnPlan(TaskStatus.REVIEW, "#BF5AF2", 3),
    ColumnPlan(TaskStatus.BLOCKED, "#FF453A"),
    ColumnPlan(TaskStatus.DONE, "#30D158"),
)


def board_name(language: str) -> str:
    """What the first board is called; `language` is `de` or `en`."""
    return DEFAULT_BOARD[1 if language == "de" else 0]
