"""What the log of a task says to a person: one line in German or English."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from domain.tasks.kinds import TaskAction, TaskPriority, TaskStatus
from domain.tasks.words import name_of

# (English, German)
_LINES: dict[TaskAction, tuple[str, str]] = {
    TaskAction.CREATED: ("Task created", "Aufgabe angelegt"),
    TaskAction.UPDATED: ("Changed", "Geändert"),
    TaskAction.MOVED: ("Moved", "Verschoben"),
    TaskAction.STATUS_CHANGED: ("Status changed", "Status geändert"),
    TaskAction.PRIORITY_CHANGED: ("Priority changed", "Priorität geändert"),
    TaskAction.ASSIGNED: ("Assigned to somebody else", "Zuständigkeit geändert"),
    TaskAction.COMMENTED: ("Commented", "Kommentiert"),
    TaskAction.ATTACHED: ("Attachments changed", "Anhänge geändert"),
    TaskAction.BLOCKED: ("Blocked", "Blockiert"),
    TaskAction.UNBLOCKED: ("Can go on", "Blockade aufgehoben"),
    TaskAction.ARCHIVED: ("Archive", "Archiv"),
    TaskAction.DELETED: ("Moved to the trash", "In den Papierkorb gelegt"),
    TaskAction.RESTORED: ("Restored from the trash", "Aus dem Papierkorb geholt"),
}
_FIELDS: dict[str, tuple[str, str]] = {
    "title": ("title", "Titel"),
    "description": ("description", "Beschreibung"),
    "priority": ("priority", "Priorität"),
    "status": ("status", "Status"),
    "board": ("board", "Board"),
    "column": ("column", "Spalte"),
    "assignee": ("assignee", "Zuständigkeit"),
    "dueDate": ("due date", "Fälligkeit"),
    "startDate": ("start", "Beginn"),
    "progress": ("progress", "Fortschritt"),
    "estimatedHours": ("estimated hours", "geschätzte Stunden"),
    "actualHours": ("actual hours", "tatsächliche Stunden"),
    "storyPoints": ("story points", "Story Points"),
    "property": ("property", "Immobilie"),
    "project": ("project", "Projekt"),
    "financing": ("financing", "Finanzierung"),
    "blocked": ("block", "Blockade"),
    "recurrence": ("recurrence", "Wiederholung"),
    "archivedAt": ("archive", "Archiv"),
    "labels": ("labels", "Etiketten"),
    "watchers": ("watchers", "Beobachter"),
    "dependencies": ("dependencies", "Abhängigkeiten"),
    "subtasks": ("subtasks", "Teilaufgaben"),
    "comments": ("comments", "Kommentare"),
    "reactions": ("reactions", "Reaktionen"),
}
# Values that have a name of their own; others are told when they are short and no id.
_KINDS: dict[str, type[Enum]] = {"status": TaskStatus, "priority": TaskPriority}
_PLAIN = {"title", "progress", "estimatedHours", "actualHours", "storyPoints"}


def line(action: str, changes: Sequence[Mapping[str, Any]], language: str = "en") -> str:
    """A line of the log: what was done, and what the fields that people read were before and after."""
    at = 1 if language == "de" else 0
    details = [found for change in changes if (found := _change(change, language))]
    head = _LINES[TaskAction(action)][at]
    return f"{head}: {'; '.join(details)}" if details else head


def _change(change: Mapping[str, Any], language: str) -> str:
    name = change["field"]
    words = _FIELDS.get(name)
    label = name if words is None else words[1 if language == "de" else 0]
    kind = _KINDS.get(name)
    if kind is None and name not in _PLAIN:
        return label
    before, after = (_shown(change[side], kind, language) for side in ("from", "to"))
    return f"{label} {before} → {after}"


def _shown(value: Any, kind: type[Enum] | None, language: str) -> str:
    if value is None:
        return "–"
    return name_of(kind(value), language) if kind is not None else str(value)
