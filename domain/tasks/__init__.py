"""Tasks and boards: what they may be, how cards are ordered, which step may follow."""

from domain.tasks import ranks, rules
from domain.tasks.boards import DEFAULT_COLUMNS, MAX_COLUMNS, ColumnPlan, board_name
from domain.tasks.kinds import TERMINAL, FinancingStatus, ProjectStatus, TaskAction, TaskPriority, TaskStatus
from domain.tasks.words import DESCRIPTIONS, name_of

__all__ = [
    "DEFAULT_COLUMNS",
    "DESCRIPTIONS",
    "MAX_COLUMNS",
    "TERMINAL",
    "ColumnPlan",
    "FinancingStatus",
    "ProjectStatus",
    "TaskAction",
    "TaskPriority",
    "TaskStatus",
    "board_name",
    "name_of",
    "ranks",
    "rules",
]
