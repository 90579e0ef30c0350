"""Reminders: a day before a task is due, and when it is overdue; once each, as long as its date stays what it is."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, literal, not_, or_, select, update

import models
from loaders.visibility import of_agency, table_of
from models.base import Timestamp
from models.events import ChangeKind
from resolvers.kit.changes import event_of, told
from resolvers.kit.system import Doing
from resolvers.tasks.filters import finished
from storage.events import Event

AHEAD = timedelta(days=1)
BATCH = 100

_task, _tenant = table_of(models.Task), table_of(models.Tenant)


def _moment(at: datetime) -> ColumnElement[datetime]:
    return literal(at, Timestamp)


def _open() -> ColumnElement[bool]:
    """Of what is not in the trash, what somebody may be reminded of; all but the last belong to the index."""
    columns = _task.c
    return and_(
        columns.archived_at.is_(None),
        columns.completed_at.is_(None),
        columns.overdue_reminded_at.is_(None),
        not_(finished(columns.status)),
    )


def _due(at: datetime) -> ColumnElement[bool]:
    columns = _task.c
    soon = and_(columns.due_date > _moment(at), columns.due_date <= _moment(at + AHEAD))
    return and_(_open(), columns.due_reminded_at.is_(None), soon)


def _overdue(at: datetime) -> ColumnElement[bool]:
    return and_(_open(), _task.c.due_date <= _moment(at))


def agencies_to_remind(at: datetime) -> Select[UUID]:
    """The agencies that have something to be reminded of."""
    wanted = exists().where(*of_agency(_tenant.c.id, models.Task), or_(_due(at), _overdue(at)))
    return select(_tenant.c.id).where(wanted).order_by(_tenant.c.id)


async def remind(doing: Doing, tenant: UUID, at: datetime, limit: int = BATCH) -> int:
    """Tell of some tasks of an agency that they are due or overdue; answers of how many."""
    found = 0
    for verb, column, wanted in (
        ("overdue", "overdue_reminded_at", _overdue(at)),
        ("due", "due_reminded_at", _due(at)),
    ):
        tasks = await doing.session.execute(_told_now(tenant, column, wanted, at, limit - found))
        events = [_event(task, verb) for task in tasks.mappings()]
        doing.events += events
        found += len(events)
    return found


def _told_now(tenant: UUID, column: str, wanted: ColumnElement[bool], at: datetime, limit: int) -> Any:
    """Marks tasks and answers them. What somebody is changing right now is left for the next time."""
    chosen = (
        select(_task.c.id)
        .where(*of_agency(tenant, models.Task), wanted)
        .order_by(_task.c.due_date, _task.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        # Beside the update: as a part of its condition it might be asked again and again, for other rows each time.
        .cte("chosen")
        .prefix_with("materialized")
    )
    shown = [_task.c.id, _task.c.version, *(_task.c[name] for name in models.Task.__told__)]
    # It is no change of the task: neither its version nor when it was last changed moves.
    marked = update(_task).where(*of_agency(tenant, models.Task), _task.c.id == chosen.c.id)
    return marked.values({column: _moment(at)}).returning(*shown)


def _event(task: Any, verb: str) -> Event:
    event = event_of("task", task["id"], task["version"], ChangeKind.UPDATED, set(), verb)
    event.data = told(models.Task.__told__, lambda column: task[column])
    return event
