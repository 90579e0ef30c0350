"""Statistics of tasks: of a board, or of all tasks that a filter finds."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Date, Uuid, all_, and_, cast, func, select
from sqlalchemy.dialects.postgresql import array

import models
from domain.access import P
from domain.tasks import TERMINAL, TaskPriority, TaskStatus, name_of
from domain.tasks.statistics import SOON, completion_rate
from loaders import summaries
from loaders.sql import param
from loaders.summaries import Counted, Few, Summary
from loaders.visibility import of_agency, sight, table_of
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import NEWEST_FIRST, condition
from resolvers.kit.ids import encode_id
from resolvers.kit.scalars import hundredths
from resolvers.tasks.filters import SOONEST_FIRST, TaskFilter, overdue

FINAL = sorted(status.value for status in TERMINAL)
MOST_DEADLINES, MOST_ACTIVITY = 10, 50
NOBODY = ("Unassigned", "Nicht zugewiesen")


def _open(table: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.c.status != all_(array(FINAL))
    return found


def _due_today(table: Any) -> ColumnElement[bool]:
    """Due on this day, as the agency's clock tells it."""
    agency = table_of(models.Tenant).alias()
    zone = select(agency.c.timezone).where(agency.c.id == param("tenant", Uuid)).scalar_subquery()
    due, today = (cast(func.timezone(zone, moment), Date) for moment in (table.c.due_date, func.now()))
    return due == today


def _soon(table: Any) -> ColumnElement[bool]:
    return and_(_open(table), table.c.due_date >= func.now(), table.c.due_date <= func.now() + SOON)


def _number(*conditions: Any) -> Any:
    """How many rows fulfil all conditions."""

    def make(table: Any) -> ColumnElement[Any]:
        return func.count().filter(*(found(table) for found in conditions)) if conditions else func.count()

    return make


def _sum(column: str) -> Any:
    return lambda table: func.coalesce(func.sum(table.c[column]), 0)


def _is(status: TaskStatus) -> Any:
    return lambda table: table.c.status == status.value


def _name(table: Any) -> ColumnElement[Any]:
    """What the assignee is called."""
    member = table_of(models.Member).alias()
    here = of_agency(param("tenant", Uuid), models.Member, table=member)
    named = select(member.c.name).where(*here, member.c.id == table.c.assignee_id)
    return named.correlate_except(member).scalar_subquery()


ALL = Summary(
    models.Task,
    numbers={
        "total_tasks": _number(),
        "active_tasks": _number(_open),
        "completed_tasks": _number(_is(TaskStatus.DONE)),
        "blocked_tasks": _number(_is(TaskStatus.BLOCKED)),
        "overdue_tasks": _number(lambda table: overdue(table.c.due_date, table.c.status)),
        "due_today": _number(_open, _due_today),
        "total_estimated_hours": _sum("estimated_hours"),
        "total_actual_hours": _sum("actual_hours"),
    },
    counts={
        "tasks_by_priority": Counted(lambda table: table.c.priority),
        "tasks_by_status": Counted(lambda table: table.c.status),
        "tasks_by_assignee": Counted(lambda table: table.c.assignee_id, label=_name),
    },
    few={
        "upcoming_deadlines": Few(models.Task, SOONEST_FIRST, MOST_DEADLINES, where=_soon),
        "recent_activity": Few(models.TaskLog, NEWEST_FIRST, MOST_ACTIVITY, key="task_id"),
    },
)
# A list of tasks leaves the archive out unless its filter names it; what hangs on a board always does.
OF_A_BOARD = replace(ALL, only=lambda table: table.c.archived_at.is_(None))
_KINDS: dict[str, type[TaskPriority] | type[TaskStatus]] = {
    "tasks_by_priority": TaskPriority,
    "tasks_by_status": TaskStatus,
}


async def statistics(
    context: Context,
    filter: Annotated[
        TaskFilter | None, strawberry.argument(description="Which tasks; archived ones if named.")
    ] = None,
) -> dict[str, Any]:
    """Figures over all tasks that the viewer sees and the filter finds."""
    seen = sight(P.TASK_READ, context.signed_in)
    found = await summaries.total(context.loaders, ALL, condition(filter, TaskFilter), lambda model: seen)
    return shown(found, context.request.language)


def shown(figures: dict[str, Any], language: str) -> dict[str, Any]:
    """Figures as the type shows them; those that were not read are left out."""
    found = dict(figures)
    if "total_tasks" in figures:
        rate = completion_rate(figures["completed_tasks"], figures["total_tasks"])
        found["completion_rate"] = hundredths(rate)
    for name, kind in _KINDS.items():
        if name in figures:
            numbers = {kind(value): number for value, _, number in figures[name]}
            found[name] = [
                {"key": one.value, "label": name_of(one, language), "count": numbers[one]}
                for one in kind
                if one in numbers
            ]
    if "tasks_by_assignee" in figures:
        found["tasks_by_assignee"] = [
            {
                "key": "" if id is None else encode_id("User", id),
                "label": NOBODY[1 if language == "de" else 0] if id is None else name,
                "count": number,
            }
            for id, name, number in figures["tasks_by_assignee"]
        ]
    for name, few in ALL.few.items():
        if name in figures:
            found[name] = [Ref(table_of(few.model).name, id) for id in figures[name]]
    return found
