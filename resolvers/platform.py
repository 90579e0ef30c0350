"""What belongs to no domain: the stream's position, the trash."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any

import strawberry
import structlog
from sqlalchemy import Select, Text, Uuid, cast, func, literal, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

import models
from domain.access import P
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from domain.plans import LimitResource
from loaders.paging import OrderKey, Page, Slice, paged, trusting
from loaders.sql import STATEMENTS, Statement, param
from loaders.visibility import of_agency, predicates, sight, table_of
from models.base import Deletable, now
from resolvers.kit.commands import AFTER_RESTORE, Command, read_permission
from resolvers.kit.context import Context, Viewer
from resolvers.kit.execution import constraint_problem
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.inputs import node_names
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.system import transaction

MAX_IDS = 100
MOST_FAILURES = 20  # of so many the records themselves are hardly the cause
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids; all are done or none.")]


class NodeType(Enum):
    """A kind of record, in search, trash and change feeds."""

    PROPERTY = "PROPERTY"
    NOTE = "NOTE"
    TASK = "TASK"
    BOARD = "BOARD"
    PROJECT = "PROJECT"
    TEAM = "TEAM"


async def stream_cursor(context: Context) -> str:
    """Position of the event stream, read before the data of this operation; pass it as `after` to miss nothing."""
    return await context.stream_cursor()


@dataclass(frozen=True)
class Discardable:
    """A model whose rows go to the trash: what a row is called there, who may deal with it, what it counts against."""

    kind: NodeType
    model: type[Deletable]
    title: Callable[[Any], Any]
    restore: str
    purge: str
    resource: LimitResource | None = None
    # Column of the member whose it is; others need the right to purge it for restoring it, too.
    author: str | None = None


DISCARDABLE = (
    Discardable(
        NodeType.PROPERTY,
        models.Property,
        lambda table: table.c.title,
        P.PROPERTY_UPDATE,
        P.PROPERTY_MANAGE,
        LimitResource.PROPERTIES,
    ),
    Discardable(
        NodeType.NOTE,
        models.Note,
        lambda table: func.left(table.c.body, 80),
        P.NOTE_CREATE,
        P.NOTE_MANAGE,
        author="author_id",
    ),
    Discardable(NodeType.TASK, models.Task, lambda table: table.c.title, P.TASK_UPDATE, P.TASK_DELETE),
    Discardable(NodeType.BOARD, models.Board, lambda table: table.c.name, P.BOARD_UPDATE, P.BOARD_DELETE),
    Discardable(NodeType.PROJECT, models.Project, lambda table: table.c.name, P.BOARD_UPDATE, P.BOARD_DELETE),
    Discardable(NodeType.TEAM, models.Team, lambda table: table.c.name, P.TEAM_UPDATE, P.TEAM_DELETE),
)
log = structlog.get_logger(__name__)
NEWEST = (OrderKey.by("deleted_at", descending=True),)


def _restorable(viewer: Viewer, type: NodeType | None) -> tuple[Discardable, ...]:
    return tuple(kind for kind in DISCARDABLE if type in (None, kind.kind) and kind.restore in viewer.permissions)


def _bin(kinds: tuple[Discardable, ...], viewer: Viewer) -> Any:
    """All deleted rows of some kinds as one table."""
    agency, parts = table_of(models.Tenant), []
    days = select(agency.c.trash_retention_days).where(agency.c.tenant_id == param("tenant", Uuid)).scalar_subquery()
    for kind in kinds:
        table = table_of(kind.model)
        seen = sight(read_permission(kind.model), viewer)
        parts.append(
            select(
                table.c.id,
                cast(literal(kind.kind.value), Text).label("type"),
                kind.title(table).label("title"),
                table.c.deleted_at,
                table.c.deleted_by_id,
                days.label("kept_days"),
            ).where(*predicates(kind.model, seen, deleted=True), *_theirs(kind, table, viewer))
        )
    return union_all(*parts).subquery("trash")


def _theirs(kind: Discardable, table: Any, viewer: Viewer) -> list[Any]:
    """Of what has an author only the own, unless the viewer manages all."""
    if kind.author is None or kind.purge in viewer.permissions:
        return []
    return [table.c[kind.author] == param("member", Uuid)]


async def trash_page(context: Context, type: NodeType | None, page: Page) -> Slice:
    """Deleted rows the caller may restore, the last deleted first."""
    viewer = context.signed_in
    kinds = _restorable(viewer, type)
    if not kinds:
        return Slice([], False, False, page, NEWEST)

    def build() -> Any:
        table = _bin(kinds, viewer)

        def base(columns: Any, conditions: Any) -> Select[Any]:
            return select(*columns).where(*conditions)

        return paged(base, table, list(table.c), NEWEST, page)

    statement = STATEMENTS.get(("trash", _key(kinds, viewer), page.form), build)
    with trusting(page):
        return Slice.of(await context.loaders.fetch(statement, page.values()), page, NEWEST)


async def trash_count(context: Context, type: NodeType | None) -> int:
    viewer = context.signed_in
    kinds = _restorable(viewer, type)
    if not kinds:
        return 0

    def build() -> Select[Any]:
        return select(func.count().label("found")).select_from(_bin(kinds, viewer))

    statement: Statement = STATEMENTS.get(("trash count", _key(kinds, viewer)), build)
    return int((await context.loaders.fetch(statement, {}))[0]["found"])


def _key(kinds: tuple[Discardable, ...], viewer: Viewer) -> tuple[Any, ...]:
    return tuple(
        (kind.kind, sight(read_permission(kind.model), viewer), kind.purge in viewer.permissions) for kind in kinds
    )


def trash_item(row: Any) -> dict[str, Any]:
    kind = next(kind for kind in DISCARDABLE if kind.kind.value == row["type"])
    name = node_names()[str(kind.model.__tablename__)]
    return {
        "id": encode_id(name, row["id"]),
        "type": row["type"],
        "title": row["title"],
        "deleted_at": row["deleted_at"],
        "deleted_by_id": row["deleted_by_id"],
        "purge_at": row["deleted_at"] + timedelta(days=row["kept_days"]),
    }


async def restore(command: Command, ids: Ids) -> dict[str, Any]:
    """Bring records back from the trash; plan limits and unique values are checked again."""
    rows: dict[int, Any] = {}
    for index, kind, id in _in_order(_kinds(command, ids, lambda kind: kind.restore)):
        row = rows[index] = await command.find(kind.model, id, "ids", str(index), deleted=True)
        if not _whose(kind, row, command.viewer):
            raise Refusal.of(ErrorCode.INSUFFICIENT_PERMISSIONS, "ids", str(index))
        since = row.deleted_at
        command.recover(row)
        if kind.resource is not None:
            command.count(kind.resource, 1)
        try:
            await command.session.flush()
        except IntegrityError as error:
            problem = constraint_problem(error)
            raise Refusal.of(problem.code, "ids", str(index), taken=list(problem.field[1:])) from None
        if (follow := AFTER_RESTORE.get(kind.model)) is not None:
            await follow(command, row, since)
    return {"restored": [rows[index] for index in sorted(rows)]}


async def purge(command: Command, ids: Ids) -> dict[str, Any]:
    """Delete records in the trash for good, with all their parts."""
    for index, kind, id in _in_order(_kinds(command, ids, lambda kind: kind.purge)):
        await _remove(command.session, await command.find(kind.model, id, "ids", str(index), deleted=True))
    return {"purged_ids": list(ids)}


async def _remove(session: AsyncSession, row: Deletable) -> None:
    """Delete a row for good; its parts go with it."""
    await session.delete(row)
    await session.flush()


async def purge_expired(work: AgencyWork) -> None:
    """Delete for good what has been in an agency's trash for longer than it is kept; each record for itself.

    One that cannot be deleted stops no other; the job has failed all the same, so that somebody looks.
    """
    before, failed = now() - timedelta(days=await _kept_days(work)), []
    for kind in DISCARDABLE:
        columns = table_of(kind.model).c
        expired = select(kind.model).where(
            *of_agency(work.tenant_id, kind.model, deleted=True), columns.deleted_at < before
        )
        async with work.state.database.write(work.tenant_id) as session:
            found = list(await session.scalars(expired.with_only_columns(columns.id).order_by(columns.id)))
        for id in found:
            try:
                await _purge_one(work, expired.where(columns.id == id))
            except Exception as error:
                log.exception("record not purged", tenant=str(work.tenant_id), type=kind.kind.value, id=str(id))
                failed.append(error)
            if len(failed) == MOST_FAILURES:
                raise ExceptionGroup("the trash cannot be purged", failed)
    if failed:
        raise ExceptionGroup("not all of the trash could be purged", failed)


async def _kept_days(work: AgencyWork) -> int:
    """How long the agency keeps its trash."""
    agency = table_of(models.Tenant).c
    async with work.state.database.write(work.tenant_id) as session:
        statement = select(agency.trash_retention_days).where(agency.tenant_id == work.tenant_id)
        return int((await session.execute(statement)).scalar_one())


async def _purge_one(work: AgencyWork, expired: Select[Any]) -> None:
    async with transaction(work) as doing:
        # Meanwhile it may have been restored, or removed by somebody else.
        row = await doing.session.scalar(expired.with_for_update())
        if row is not None:
            await _remove(doing.session, row)


def _in_order(found: list[tuple[Discardable, strawberry.ID]]) -> list[tuple[int, Discardable, strawberry.ID]]:
    """Ids in one order for everybody who locks them, so that two callers never wait for each other; each once."""
    unique = {id: (index, kind, id) for index, (kind, id) in reversed(list(enumerate(found)))}
    return [unique[id] for id in sorted(unique)]


def _whose(kind: Discardable, row: Any, viewer: Viewer) -> bool:
    return kind.author is None or getattr(row, kind.author) == viewer.member_id or kind.purge in viewer.permissions


def _kinds(command: Command, ids: list[strawberry.ID], permission: Any) -> list[tuple[Discardable, strawberry.ID]]:
    """Each id with its kind; every problem of every id is found before anything is done."""
    if len(ids) > MAX_IDS:
        raise Refusal.of(ErrorCode.VALIDATION_ERROR, "ids", rule="items", max=MAX_IDS)
    names = {node_names()[str(kind.model.__tablename__)]: kind for kind in DISCARDABLE}
    found, problems = [], []
    for index, id in enumerate(ids):
        where = ("ids", str(index))
        read = split_id(id)
        kind = names.get(read[0]) if read is not None else None
        if read is None:
            problems.append(Problem(ErrorCode.INVALID_INPUT, where, "id"))
        elif kind is None:
            problems.append(Problem(ErrorCode.NOT_FOUND, where))
        elif permission(kind) not in command.viewer.permissions:
            problems.append(Problem(ErrorCode.INSUFFICIENT_PERMISSIONS, where))
        else:
            found.append((kind, id))
    if problems:
        raise Refusal(problems)
    return found


def check_ids(ids: list[Any]) -> None:
    """A query takes at most 100 ids."""
    if len(ids) > MAX_IDS:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["ids"], rule="items", max=MAX_IDS)
