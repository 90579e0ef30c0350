"""The audit trail: its list, its verification, its entries as they are written."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, ClassVar
from uuid import uuid5

import strawberry
import structlog
from sqlalchemy import ColumnElement, Text, func
from strawberry.types.unset import UNSET

import models
from domain.access import P
from domain.errors import ApiError, ErrorCode
from loaders.paging import OrderKey
from models.base import now
from models.events import AuditAction, AuditOutcome, ChangeKind
from resolvers.kit.commands import Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import DateTimeFilter, EnumFilter, Filter, IDFilter, Order, OrderDirection, StringFilter
from resolvers.kit.ids import encode_id
from resolvers.kit.jobs import AgencyWork
from resolvers.kit.scalars import Unreadable, read_datetime
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
