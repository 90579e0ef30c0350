"""What a client cannot guess from the name of an enum or a value, with the German term."""

from enum import Enum

from domain.tasks.kinds import FinancingStatus, ProjectStatus, TaskAction, TaskPriority, TaskStatus

DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    TaskStatus: (
        "Where a task stands; a column of a board is exactly one of these.",
        {
            "BACKLOG": "Collected, not yet planned (Sammelstelle).",
            "TODO": "Planned (zu erledigen).",
            "IN_PROGRESS": "Somebody is at it (in Arbeit).",
            "REVIEW": "Done, somebody looks over it (in Prüfung).",
            "BLOCKED": "Cannot go on, for a stated reason (blockiert).",
            "ON_HOLD": "Put aside on purpose (zurückgestellt).",
            "DONE": "Finished (erledigt); the progress is 100.",
            "CANCELLED": "Will not be done (abgebrochen).",
        },
    ),
    TaskPriority: (
        "How urgent a task is.",
        {
            "LOW": "When there is time (niedrig).",
            "MEDIUM": "As usual (mittel).",
            "HIGH": "Before the others (hoch).",
            "URGENT": "Now (dringend).",
        },
    ),
    TaskAction: (
        "What the log of a task tells.",
        {
            "CREATED": "The task was made.",
            "UPDATED": "Something without an action of its own changed.",
            "MOVED": "It got another place, column or board.",
            "STATUS_CHANGED": "Its status changed.",
            "PRIORITY_CHANGED": "Its priority changed.",
            "ASSIGNED": "Somebody else is to do it.",
            "COMMENTED": "Somebody commented on it.",
            "ATTACHED": "A document was linked or unlinked.",
            "BLOCKED": "It cannot go on.",
            "UNBLOCKED": "It can go on.",
            "ARCHIVED": "It was taken off the board, or put back.",
            "DELETED": "It went to the trash.",
            "RESTORED": "It came back from the trash.",
        },
    ),
    ProjectStatus: (
        "How a project goes.",
        {
            "ACTIVE": "As planned (läuft).",
            "ATTENTION": "Needs a look (Achtung).",
            "DELAYED": "Behind its plan (verzögert).",
            "COMPLETED": "Finished (abgeschlossen).",
        },
    ),
    FinancingStatus: (
        "Where the financing of a case stands.",
        {
            "NONE": "None is needed or known (keine).",
            "REQUESTED": "Asked for (angefragt).",
            "PREQUALIFIED": "A bank would lend in principle (vorqualifiziert).",
            "IN_REVIEW": "A bank examines the papers (in Prüfung).",
            "APPROVED": "Promised (zugesagt).",
            "REJECTED": "Refused (abgelehnt).",
        },
    ),
}

# Names as a German or English person reads them: (English, German).
NAMES: dict[Enum, tuple[str, str]] = {
    TaskStatus.BACKLOG: ("Backlog", "Backlog"),
    TaskStatus.TODO: ("To do", "Zu erledigen"),
    TaskStatus.IN_PROGRESS: ("In progress", "In Arbeit"),
    TaskStatus.REVIEW: ("Review", "In Prüfung"),
    TaskStatus.BLOCKED: ("Blocked", "Blockiert"),
    TaskStatus.ON_HOLD: ("On hold", "Zurückgestellt"),
    TaskStatus.DONE: ("Done", "Erledigt"),
    TaskStatus.CANCELLED: ("Cancelled", "Abgebrochen"),
    TaskPriority.LOW: ("Low", "Niedrig"),
    TaskPriority.MEDIUM: ("Medium", "Mittel"),
    TaskPriority.HIGH: ("High", "Hoch"),
    TaskPriority.URGENT: ("Urgent", "Dringend"),
}


def name_of(value: Enum, language: str = "en") -> str:
    """What a status or a priority is called; `language` is `de` or `en`."""
    return NAMES[value][1 if language == "de" else 0]
