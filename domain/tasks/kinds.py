"""What a task, its log and a project may be."""

from enum import Enum


class TaskStatus(Enum):
    """Where a task stands; a column of a board is exactly one of these."""

    BACKLOG = "BACKLOG"
    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    REVIEW = "REVIEW"
    BLOCKED = "BLOCKED"
    ON_HOLD = "ON_HOLD"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class TaskPriority(Enum):
    """How urgent a task is, lowest first."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


class TaskAction(Enum):
    """What the log of a task tells."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    MOVED = "MOVED"
    STATUS_CHANGED = "STATUS_CHANGED"
    PRIORITY_CHANGED = "PRIORITY_CHANGED"
    ASSIGNED = "ASSIGNED"
    COMMENTED = "COMMENTED"
    ATTACHED = "ATTACHED"
    BLOCKED = "BLOCKED"
    UNBLOCKED = "UNBLOCKED"
    ARCHIVED = "ARCHIVED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"


class ProjectStatus(Enum):
    """How a project goes."""

    ACTIVE = "ACTIVE"
    ATTENTION = "ATTENTION"
    DELAYED = "DELAYED"
    COMPLETED = "COMPLETED"


class FinancingStatus(Enum):
    """Where the financing of a case stands."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    PREQUALIFIED = "PREQUALIFIED"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


# Nothing is left to do: such tasks are never overdue and count as not active.
TERMINAL = frozenset({TaskStatus.DONE, TaskStatus.CANCELLED})
