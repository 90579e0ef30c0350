"""What an agency's job changes is recorded like what a person does: events, audit, one transaction. Nobody did it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from resolvers.kit.auditing import action_of, describe
from resolvers.kit.changes import Recorder
from resolvers.kit.execution import touch_parents
from resolvers.kit.jobs import AgencyWork
from storage.events import Audit, Event, append

ACTOR = "System"


@dataclass
class Doing:
    """A transaction of a job: its session, and events that no changed row tells of."""

    session: AsyncSession
    events: list[Event] = field(default_factory=list)


@asynccontextmanager
async def transaction(work: AgencyWork) -> AsyncIterator[Doing]:
    """A transaction of the job's agency; what changed nothing leaves no trace."""
    state, tenant = work.state, work.tenant_id
    async with state.database.write(tenant) as session:
        recorder = Recorder(None)
        session.info["recorder"] = recorder
        doing = Doing(session)
        yield doing
        await session.flush()
        events = [*recorder.events(), *await touch_parents(session, recorder, tenant), *doing.events]
        keys = [*recorder.changes, *((event.entity, event.entity_id) for event in doing.events)]
        if keys:
            entry = Audit(action_of(recorder, keys[0]).value, work.name, f"job-{work.id}", ACTOR)
            describe(entry, recorder, keys)
            await append(session, tenant, events, entry)
        await session.commit()
    await state.bus.hint(tenant)
