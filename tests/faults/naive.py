"""A server as many are built: numbers from a sequence, and readers that ask for what is above the highest they saw.

Numbers are drawn before the commit, and commits overtake each other. It exists to show that the check finds the loss.
"""

import asyncio
import random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from resolvers.kit import execution
from storage import events
from storage.tail import Tail
from tests.faults.processes import serve

OVERTAKING = 0.03  # seconds at most between drawing a number and the commit
PREPARE = "create sequence naive_seq; grant usage on sequence naive_seq to immonow_app"
DRAW = text("select nextval('naive_seq')")
RECORD = text(
    """
    with head as (update event_stream set last_seq = greatest(last_seq, :seq) where tenant_id = :tenant)
    insert into event_outbox (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, changed, data)
    values (:tenant, :seq, gen_random_uuid(), now(), :type, :kind, :entity, :id, :version, :changed, '{}')
    """
)


async def append(session: AsyncSession, tenant: UUID, given: list[events.Event], audit: events.Audit) -> None:
    for event in given:
        seq = (await session.execute(DRAW)).scalar_one()
        await asyncio.sleep(random.uniform(0, OVERTAKING))  # noqa: S311 - what else a transaction has to do
        told = {"type": event.type, "kind": event.kind, "entity": event.entity, "id": event.entity_id}
        told |= {"tenant": tenant, "seq": seq, "version": event.version, "changed": event.changed}
        await session.execute(RECORD, told)


async def after(tail: Any, cursor: events.Cursor) -> list[events.Stored]:
    """Whatever is above the highest number seen: nothing asks whether lower ones are still to come."""
    await asyncio.sleep(0.005)
    async with tail._reads.read(tail.tenant) as connection:
        return await events.read(connection, tail.tenant, cursor.seq)


def serve_naively(port: int) -> None:
    execution.append = append  # type: ignore[assignment]
    Tail.after = after  # type: ignore[method-assign]
    serve(port)
