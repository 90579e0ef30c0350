"""The queue: what is to be done later, put there by the transaction whose consequence it is.

The tables are pgqueuer's and stand in a schema of their own, outside the tenant policy: a worker must see the jobs of
all agencies. They hold names, ids and what went wrong in words of ours; whoever carries a job out opens a session of
its agency like everybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import BigInteger, Select, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import Timestamp
from storage.database import Database

# Every name is given: what is left out, pgqueuer would look for in the environment.
NAMES = DBSettings(
    prefix="",
    db_schema="jobs",
    channel="ch_pgqueuer",
    function="fn_pgqueuer_changed",
    trigger="tg_pgqueuer_changed",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    schedules_table="pgqueuer_schedules",
    statistics_table="pgqueuer_statistics",
)
NOW = timedelta(0)
DEATHS = "deaths"  # among the headers of a job, counted by a trigger of its table

_ENQUEUE = QueryQueueBuilder(NAMES).build_enqueue_query("skip")


@dataclass(frozen=True)
class Order:
    """Something to be done: by its name, for an agency or for none, with ids that say more."""

    name: str
    tenant: UUID | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    # Whether one that waits or runs already is enough.
    once: bool = False

    def encode(self) -> bytes:
        return orjson.dumps({"tenant": str(self.tenant) if self.tenant else None, "payload": dict(self.payload)})

    @property
    def key(self) -> str | None:
        return f"{self.name}:{self.tenant or ''}" if self.once else None

    @classmethod
    def decode(cls, name: str, body: bytes | None) -> Order:
        """An order as it came out of the queue."""
        read = orjson.loads(body or b"{}")
        tenant = read.get("tenant")
        return cls(name, UUID(tenant) if tenant else None, read.get("payload", {}))


async def enqueue(session: AsyncSession, *orders: Order) -> None:
    """Put orders into the queue with the session's transaction: they are there when it commits, and only then."""
    connection = await session.connection()
    await connection.exec_driver_sql(
        _ENQUEUE,
        (
            [0] * len(orders),
            [order.name for order in orders],
            [order.encode() for order in orders],
            [NOW] * len(orders),
            [order.key for order in orders],
            [None] * len(orders),
        ),
    )


# What is due at a time of day of each agency

_AGENCIES = text("select id, timezone, created_at from tenant order by id")
_CLAIM = text(
    """
    insert into jobs.agency_cron (tenant_id, name, at)
    select due.tenant_id, :name, due.at from unnest(:tenants, :times) as due (tenant_id, at)
        on conflict (tenant_id, name) do update set at = excluded.at where agency_cron.at < excluded.at
    returning tenant_id
    """
).bindparams(
    bindparam("name", type_=Text), bindparam("tenants", type_=ARRAY(Uuid)), bindparam("times", type_=ARRAY(Timestamp))
)

_CLAIM_OF_PLATFORM = text(
    """
    insert into jobs.platform_cron (name, at) values (:name, :at)
        on conflict (name) do update set at = excluded.at where platform_cron.at < excluded.at
    returning name
    """
).bindparams(bindparam("name", type_=Text), bindparam("at", type_=Timestamp))


@dataclass(frozen=True)
class Clock:
    """Where an agency's clock stands, and since when there is one."""

    tenant: UUID
    timezone: str
    since: datetime


async def clocks(database: Database) -> list[Clock]:
    """The clocks of all agencies."""
    async with database.platform() as session:
        return [Clock(*row) for row in await session.execute(_AGENCIES)]


async def enqueue_due(database: Database, name: str, due: Mapping[UUID, datetime]) -> int:
    """Enqueue an agency's job for the time it was last due, unless that was done: once, whoever asks and how often."""
    if not due:
        return 0
    tenants = sorted(due)
    async with database.platform() as session:
        given = {"name": name, "tenants": tenants, "times": [due[tenant] for tenant in tenants]}
        claimed = list((await session.execute(_CLAIM, given)).scalars())
        if claimed:
            await enqueue(session, *(Order(name, tenant, once=True) for tenant in claimed))
        await session.commit()
    return len(claimed)


async def enqueue_at(database: Database, name: str, at: datetime) -> bool:
    """Enqueue a job of the platform for a time, unless that was done; whether it was done now."""
    async with database.platform() as session:
        claimed = (await session.execute(_CLAIM_OF_PLATFORM, {"name": name, "at": at})).first() is not None
        if claimed:
            await enqueue(session, Order(name, once=True))
        await session.commit()
    return claimed


async def enqueue_now(database: Database, order: Order) -> None:
    """Put a job into the queue that is no consequence of anything else."""
    async with database.queue() as session:
        await enqueue(session, order)
        await session.commit()


async def enqueue_for(database: Database, name: str, agencies: Select[UUID]) -> int:
    """Enqueue a job for every agency whose id a statement finds, unless one waits there already."""
    async with database.platform() as session:
        found = list(await session.scalars(agencies))
        if found:
            await enqueue(session, *(Order(name, tenant, once=True) for tenant in found))
        await session.commit()
    return len(found)


# Looking at the queue


@dataclass(frozen=True)
class Held:
    """A job that was given up until somebody has looked at it."""

    id: int
    name: str
    tenant: UUID | None
    since: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class Sizes:
    """How many jobs wait, are worked on, are held."""

    queued: int = 0
    picked: int = 0
    failed: int = 0


_HELD = text(
    """
    select job.id, job.entrypoint, job.payload, job.updated,
           job.attempts + coalesce((job.headers ->> 'deaths')::integer, 0), said.traceback ->> 'exception_message'
      from jobs.pgqueuer job
      left join lateral (
           select log.traceback from jobs.pgqueuer_log log
            where log.job_id = job.id and log.status = 'failed' order by log.created desc limit 1) said on true
     where job.status = 'failed' order by job.updated, job.id limit :limit
    """
)
# The key goes: another one of its kind may wait already, and both shall be done.
_REQUEUE = text(
    """
    update jobs.pgqueuer
       set status = 'queued', execute_after = now(), updated = now(), attempts = 0, headers = null,
           dedupe_key = null
     where status = 'failed' and (:every or id = any(:ids)) returning id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
_FORGET = text(
    """
    with told as (
      delete from jobs.pgqueuer_log log
       where log.created < :before and not exists (select from jobs.pgqueuer job where job.id = log.job_id)
      returning 1),
    counted as (
      delete from jobs.pgqueuer_statistics where created < :before)
    select count(*) from told
    """
)
_SIZES = text("select status::text, count(*) from jobs.pgqueuer group by status")


async def held(database: Database, limit: int = 100) -> list[Held]:
    """Jobs that are held, the longest first."""
    async with database.queue() as session:
        rows = (await session.execute(_HELD, {"limit": limit})).all()
    return [
        Held(id, name, Order.decode(name, payload).tenant, since, attempts + 1, error or "")
        for id, name, payload, since, attempts, error in rows
    ]


async def requeue(database: Database, ids: Sequence[int] | None) -> list[int]:
    """Put held jobs back into the queue, these or all; answers those that were held."""
    async with database.queue() as session:
        done = await session.execute(_REQUEUE, {"every": ids is None, "ids": list(ids or ())})
        found = sorted(done.scalars())
        await session.commit()
    return found


async def sizes(database: Database) -> Sizes:
    """How much there is to do."""
    async with database.queue() as session:
        return Sizes(**{str(status): int(count) for status, count in await session.execute(_SIZES)})


async def forget(database: Database, before: datetime) -> int:
    """Remove what was noted before then of jobs that are there no more."""
    async with database.queue() as session:
        removed: int = (await session.execute(_FORGET, {"before": before})).scalar_one()
        await session.commit()
    return removed
