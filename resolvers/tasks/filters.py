"""Conditions and orders of lists of tasks."""

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

import strawberry
from sqlalchemy import ColumnElement, Uuid, and_, any_, case, exists, func, not_, select
from sqlalchemy.dialects.postgresql import array
from strawberry.types.unset import UNSET

import models
from domain.tasks import TERMINAL, TaskPriority, TaskStatus
from loaders.paging import OrderKey
from loaders.sql import param, type_uuids
from loaders.visibility import of_agency, table_of
from resolvers.kit.filters import DateTimeFilter, EnumFilter, Filter, IDFilter, Order, OrderDirection


def finished(status: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether nothing is left to do."""
    return status == any_(array(sorted(final.value for final in TERMINAL)))


def overdue(due: ColumnElement[Any], status: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether something should have been done by now."""
    return and_(due < func.now(), not_(finished(status)))


def _is_overdue(table: Any, wanted: bool) -> ColumnElement[bool]:
    found = overdue(table.c.due_date, table.c.status)
    return found if wanted else not_(found)


def _is_blocked(table: Any, wanted: bool) -> ColumnElement[bool]:
    blocked: ColumnElement[bool] = table.c.status == TaskStatus.BLOCKED.value
    return blocked if wanted else not_(blocked)


def _archived(table: Any, wanted: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.c.archived_at.is_not(None) if wanted else table.c.archived_at.is_(None)
    return found


def _watched_by_me(table: Any, wanted: bool) -> ColumnElement[bool]:
    watcher = table_of(models.TaskWatcher).alias()
    found = exists(
        select(watcher.c.id).where(
            *of_agency(table.c.tenant_id, models.TaskWatcher, table=watcher),
            watcher.c.task_id == table.c.id,
            watcher.c.member_id == param("member", Uuid),
        )
    )
    return found if wanted else not_(found)


def _labels(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    link = table_of(models.TaskLabelLink).alias()
    return exists(
        select(link.c.id).where(
            *of_agency(table.c.tenant_id, models.TaskLabelLink, table=link),
            link.c.task_id == table.c.id,
            link.c.label_id == any_(bind(type_uuids)),
        )
    )


def _flag(description: str) -> Any:
    return strawberry.field(default=UNSET, description=description)


@strawberry.input(
    description="Conditions on tasks; all given ones must hold. Archived tasks are left out unless named."
)
class TaskFilter(Filter, of=models.Task):
    status: EnumFilter[TaskStatus] | None = UNSET
    priority: EnumFilter[TaskPriority] | None = UNSET
    assignee_id: IDFilter | None = UNSET
    board_id: IDFilter | None = UNSET
    project_id: IDFilter | None = UNSET
    property_id: IDFilter | None = UNSET
    due_date: DateTimeFilter | None = UNSET
    start_date: DateTimeFilter | None = UNSET
    created_at: DateTimeFilter | None = UNSET
    label_ids: list[strawberry.ID] | None = _flag("One of these labels is on it.")
    is_overdue: bool | None = _flag("Whether it should have been done by now.")
    is_blocked: bool | None = _flag("Whether it cannot go on.")
    archived: bool | None = _flag("Whether it is off its board; false unless this is named anywhere in the filter.")
    created_by_id: IDFilter | None = UNSET
    watched_by_me: bool | None = _flag("Whether the viewer watches it.")
    search: str | None = _flag(
        "Full text of title and description, 2 to 200 characters; German and simple stems, the last word may be a "
        "beginning."
    )
    and_: list["TaskFilter"] | None = strawberry.field(default=UNSET, name="and", description="All of these hold.")
    or_: list["TaskFilter"] | None = strawberry.field(default=UNSET, name="or", description="One of these holds.")
    not_: "TaskFilter | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")

    specials: ClassVar[dict[str, Any]] = {
        "label_ids": _labels,
        "is_overdue": _is_overdue,
        "is_blocked": _is_blocked,
        "archived": _archived,
        "watched_by_me": _watched_by_me,
    }
    references: ClassVar[dict[str, str]] = {"label_ids": "task_label"}
    presumed: ClassVar[dict[str, bool]] = {"archived": False}
    personal: ClassVar[bool] = True


@strawberry.enum(description="What tasks can be sorted by.")
class TaskOrderField(Enum):
    POSITION = strawberry.enum_value("position", description="Rank within the column.")
    CREATED_AT = strawberry.enum_value("created_at", description="When it was created.")
    UPDATED_AT = strawberry.enum_value("updated_at", description="When it or a part of it was last changed.")
    TITLE = strawberry.enum_value("title", description="Title, umlauts beside their base letters.")
    DUE_DATE = strawberry.enum_value("due_date", description="When it is to be done.")
    PRIORITY = strawberry.enum_value("priority", description="How urgent it is; ascending begins with LOW.")
    STATUS = strawberry.enum_value("status", description="Where it stands, in the order of the board's usual columns.")


def _in_order(column: str, kind: type[Enum]) -> OrderKey:
    places = {value.value: place for place, value in enumerate(kind)}
    return OrderKey(column, lambda table: case(places, value=table.c[column]), kind=int)


BY_RANK = (OrderKey.by("rank", str),)
SOONEST_FIRST = (OrderKey.by("due_date"),)


@strawberry.input(description="How to sort tasks.")
class TaskOrder(Order):
    field: TaskOrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.DESC, description="Smallest or largest first.")

    keys: ClassVar[dict[str, OrderKey]] = {
        "position": OrderKey.by("rank", str, key="position"),
        "created_at": OrderKey.by("created_at"),
        "updated_at": OrderKey.by("updated_at"),
        "title": OrderKey.by("title_key", str, key="title"),
        "due_date": OrderKey.by("due_date"),
        "priority": _in_order("priority", TaskPriority),
        "status": _in_order("status", TaskStatus),
    }
