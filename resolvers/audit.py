"""The audit trail: its list, its verification, its entries as they are written."""

import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, ClassVar, cast
from uuid import uuid5

import orjson
import strawberry
import structlog
from sqlalchemy import ColumnElement, Text, func
from strawberry.types.unset import UNSET

import models
from domain.access import P
from domain.errors import ApiError, ErrorCode, Problem, Refusal
from loaders.paging import OrderKey
from models.base import now
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import DateTimeFilter, EnumFilter, Filter, IDFilter, Order, OrderDirection, StringFilter
from resolvers.kit.ids import encode_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.running import Running, start
from resolvers.kit.scalars import Unreadable, read_datetime, write_datetime
from storage import archives, trail
from storage.bus import POLL
from storage.events import Cursor, Head

log = structlog.get_logger(__name__)

SEARCHED = ("resource_title", "actor_name", "operation")


def _search(table: Any, bind: Callable[[Any], Any]) -> ColumnElement[bool]:
    """The words, in this order, anywhere in what an entry says; letter case and accents do not count."""
    told = func.app.fold(func.concat_ws(" ", *(table.c[name] for name in SEARCHED)))
    found: ColumnElement[bool] = func.strpos(told, func.app.fold(bind(Text))) > 0
    return found


@strawberry.input(description="Conditions on entries of the audit trail; all given ones must hold.")
class AuditEntryFilter(Filter, of=models.AuditEntry):
    user_id: IDFilter | None = UNSET
    action: EnumFilter[AuditAction] | None = UNSET
    resource_type: StringFilter | None = UNSET
    resource_id: IDFilter | None = UNSET
    outcome: EnumFilter[AuditOutcome] | None = UNSET
    timestamp: DateTimeFilter | None = UNSET
    ip_address: StringFilter | None = UNSET
    operation: StringFilter | None = UNSET
    search: str | None = strawberry.field(
        default=UNSET, description="Words in the title of the record, the name of the person or the operation."
    )
    and_: list["AuditEntryFilter"] | None = strawberry.field(
        default=UNSET, name="and", description="All of these hold."
    )
    or_: list["AuditEntryFilter"] | None = strawberry.field(default=UNSET, name="or", description="One holds.")
    not_: "AuditEntryFilter | None" = strawberry.field(default=UNSET, name="not", description="This does not hold.")

    specials: ClassVar[dict[str, Any]] = {"search": _search}
    renames: ClassVar[dict[str, str]] = {"user_id": "actor_id"}


@strawberry.enum(description="What entries of the audit trail can be sorted by.")
class AuditEntryOrderField(Enum):
    TIMESTAMP = strawberry.enum_value("timestamp", description="When it was recorded.")


_TIMESTAMP = OrderKey("timestamp", lambda table: table.c.timestamp)
NEWEST_FIRST = (_TIMESTAMP.directed(descending=True),)


@strawberry.input(description="How to sort entries of the audit trail.")
class AuditEntryOrder(Order):
    field: AuditEntryOrderField = strawberry.field(description="What to sort by.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.DESC, description="Oldest or newest first.")

    keys: ClassVar[dict[str, OrderKey]] = {"timestamp": _TIMESTAMP}
    default: ClassVar[tuple[OrderKey, ...]] = NEWEST_FIRST


async def verify(
    context: Context,
    from_: Annotated[
        datetime | None, strawberry.argument(name="from", description="Not what was recorded before.")
    ] = None,
    to: Annotated[datetime | None, strawberry.argument(description="Not what was recorded after.")] = None,
) -> dict[str, Any]:
    """Compute the chain of the agency's entries anew and tell the first that does not fit."""
    since, until = _moment(from_, "from"), _moment(to, "to")
    tenant = context.signed_in.tenant_id
    async with context.state.database.reads.read(tenant) as connection:
        found = await trail.verify(connection, tenant, since, until)
    broken = None if found.broken is None else encode_id("AuditEntry", found.broken)
    return {"ok": found.ok, "checked": found.checked, "first_broken_id": broken}


def _moment(given: Any, name: str) -> datetime | None:
    if given is None or given is UNSET:
        return None
    try:
        return read_datetime(given)
    except Unreadable as unreadable:
        problem = unreadable.problem
        raise ApiError(ErrorCode.INVALID_INPUT, field=[name], rule=problem.rule, **problem.details) from None


async def recorded(
    context: Context,
    after: Annotated[
        str | None, strawberry.argument(description="Cursor to resume behind; without it the stream starts now.")
    ] = None,
) -> AsyncIterator[dict[str, Any]]:
    """Entries of the audit trail as they are written, in the order of its chain.

    Cursors are places in the trail, not in the agency's stream: `streamCursor` is none of them.
    """
    state, tenant = context.state, context.signed_in.tenant_id
    with state.bus.listening(tenant) as news:
        end = await _end(context)
        if after is not None:
            end.check(Cursor.decode(after))
        place = end.cursor if after is None else Cursor.decode(after)
        context.stream_position = place.encode()
        while True:
            news.clear()
            async with state.database.reads.read(tenant) as connection:
                entries = await trail.after(connection, tenant, place.seq)
            if P.AUDIT_READ not in (await context.renewed()).signed_in.permissions:
                raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
            for entry in entries:
                previous, place = place, Cursor(place.epoch, entry.seq)
                yield _change(entry, place, previous)
                context.stream_position = place.encode()
            if not entries:
                (await _end(context)).check(place)
                await _wait(news)


async def _end(context: Context) -> Head:
    """The ends of the trail as those of a stream of its own, whose cursors fit no other."""
    tenant = context.signed_in.tenant_id
    async with context.state.database.reads.read(tenant) as connection:
        found = await trail.ends(connection, tenant)
    if found is None:
        raise ApiError(ErrorCode.TENANT_NOT_FOUND)
    return Head(uuid5(found.epoch, "audit"), found.last, found.first)


def _change(entry: trail.Entry, cursor: Cursor, previous: Cursor) -> dict[str, Any]:
    return {
        "cursor": cursor.encode(),
        "prev_cursor": previous.encode(),
        "kind": ChangeKind.CREATED.value,
        "at": entry.timestamp,
        "actor": None if entry.actor_id is None else Ref("member", entry.actor_id),
        "id": encode_id("AuditEntry", entry.id),
        "changed_fields": [],
        "audit_entry": Ref("audit_entry", entry.id),
    }


async def _wait(news: asyncio.Event) -> None:
    """Until somebody says that there is something new, and never long: whoever says so may not be heard."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(POLL):
            await news.wait()


async def archive_old(work: AgencyWork) -> None:
    """Archive what is older than the agency wants to have at hand, file by file."""
    state, tenant = work.state, work.tenant_id
    async with state.database.write(tenant) as session:
        agency = await session.get(models.Tenant, (tenant, tenant))
    if agency is None:
        return
    before = now() - timedelta(days=agency.audit_retention_days)
    while removed := await archives.archive(state.database, state.files, tenant, before):
        log.info("audit entries archived", tenant=str(tenant), count=removed)


class AuditFormat(Enum):
    """How the trail is written into a file."""

    CSV = "CSV"
    JSON = "JSON"


EXPORT = "audit.export"
PAGE = 1_000  # entries that are read at once
COLUMNS = (
    *("timestamp", "actor_name", "action", "outcome", "error_code", "operation", "resource_type", "resource_id"),
    *("resource_title", "old_values", "new_values", "ip_address", "user_agent", "request_id", "hash"),
)


@dataclass(frozen=True)
class Wanted:
    """Which part of the trail goes into a file."""

    format: str
    since: datetime | None
    until: datetime | None


async def export(
    command: Command,
    format: Annotated[AuditFormat, strawberry.argument(description="How it is written.")] = AuditFormat.CSV,
    from_: Annotated[datetime | None, strawberry.argument(name="from", description="Nothing older.")] = None,
    to: Annotated[datetime | None, strawberry.argument(description="Nothing newer.")] = None,
) -> models.Job:
    """Write the audit trail, or the part of a time, into a file; a job that can be watched."""
    since, until = _refused(from_, "from"), _refused(to, "to")
    command.action = AuditAction.EXPORT
    return await start(command, EXPORT, task=Wanted(format.value, since, until))


def _refused(given: Any, name: str) -> datetime | None:
    try:
        return _moment(given, name)
    except ApiError as error:
        raise Refusal([Problem(error.code, (name,), error.rule, error.details)]) from None


async def write_export(running: Running) -> None:
    """Write the file, a page of entries after another."""
    if P.AUDIT_READ not in running.context.signed_in.permissions:
        raise ApiError(ErrorCode.INSUFFICIENT_PERMISSIONS, status=403)
    wanted, tenant, reads = Wanted(**_task(running.row.task)), running.work.tenant_id, running.state.database.reads
    async with reads.read(tenant) as connection:
        first, last = await trail.span(connection, tenant, wanted.since, wanted.until)
    running.total, place = max(0, last - first + 1), first - 1
    table = wanted.format == AuditFormat.CSV.value
    with SpooledTemporaryFile(1 << 20) as spooled:
        file = cast(BinaryIO, spooled)
        if table:
            file.write(_line(COLUMNS))
        while place < last:
            running.step()
            async with reads.read(tenant) as connection:
                rows = await trail.told(connection, tenant, place, last, wanted.since, wanted.until, PAGE)
            for row in rows:
                told = _told(row)
                file.write(_line(told.values()) if table else orjson.dumps(told) + b"\n")
            place = rows[-1]["seq"] if len(rows) == PAGE else last
            running.done = place - first + 1
        file.seek(0)
        await running.keep(file, "audit.csv" if table else "audit.jsonl", "csv" if table else "jsonl")
    running.result = {"entries": running.total}


def _task(task: Mapping[str, Any]) -> dict[str, Any]:
    """What was wanted, out of the row of the job."""
    moments = {name: datetime.fromisoformat(task[name]) if task[name] else None for name in ("since", "until")}
    return {"format": task["format"], **moments}


def _told(row: Any) -> dict[str, Any]:
    """An entry as the file shows it, with the ids and moments of the API."""
    id = row["resource_id"]
    return {
        **{name: row[name] for name in COLUMNS},
        "timestamp": write_datetime(row["timestamp"]),
        "resource_id": None if id is None else encode_id(row["resource_type"], id),
        "hash": row["hash"].hex(),
    }


def _line(values: Iterable[Any]) -> bytes:
    """A line of the table. What a spreadsheet would compute is text: it begins with an apostrophe."""
    cells = []
    for value in values:
        cell = orjson.dumps(value).decode() if isinstance(value, dict) else "" if value is None else str(value)
        cells.append("'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell)
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerow(cells)
    return written.getvalue().encode()
