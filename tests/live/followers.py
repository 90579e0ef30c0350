"""Followers without a socket: what a transport does with a subscription, and nothing else."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from domain.access import Role
from graph.engine.calls import Call
from graph.engine.operations import Engine
from graph.live.operation import answers
from resolvers.kit.context import Context, Request, State
from tests.conftest import Signed
from tests.factories import Person, make_person, platform
from tests.live.reading import until

FOLLOW = """
subscription ($after: String, $ids: [ID!]) {
  propertyChanged(after: $after, ids: $ids) { cursor prevCursor kind id property { title } }
}"""


@dataclass(eq=False)
class Follower:
    """One subscription and what came of it."""

    engine: Engine
    context: Context
    document: str = FOLLOW
    variables: dict[str, Any] = field(default_factory=dict)
    crowd: bool = True  # whether it can be sent to without waiting, as WebSockets can
    heard: list[dict[str, Any]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def start(self) -> "Follower":
        self.task = asyncio.create_task(self._run())
        return self

    async def _run(self) -> None:
        accepted = self.engine.accept(Call(self.document, self.variables, None, {}))
        async with aclosing(
            answers(self.engine, accepted, self.context, self._take if self.crowd else None)
        ) as deliveries:
            async for delivery in deliveries:
                self._take(delivery.content)

    def _take(self, content: str | bytes) -> bool:
        answer = orjson.loads(content)
        assert "errors" not in answer, answer
        self.heard.append(answer["data"]["propertyChanged"])
        return True

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def end(self, seconds: float = 5) -> BaseException | None:
        """What ended it; fails when nothing does in time."""
        assert self.task is not None
        await asyncio.wait([self.task], timeout=seconds)
        assert self.task.done(), "it still listens"
        return self.task.exception()


async def all_heard(followers: list[Follower], count: int, seconds: float = 5) -> None:
    """Wait until each has heard so many; whoever has failed says why."""

    def done() -> bool:
        for follower in followers:
            if follower.task is not None and follower.task.done():
                follower.task.result()
        return all(len(follower.heard) >= count for follower in followers)

    await until(done, seconds)


async def following(state: State, signed: Signed, followers: list[Follower]) -> None:
    """Wait until all of them follow the agency's stream and its tail looks by itself."""

    def ready() -> bool:
        tail = state.tails._tails.get(signed.agency.id)
        count = sum(tail.followers.values()) if tail is not None else 0
        return count >= len(followers)

    await until(ready)
    await asyncio.sleep(0.05)  # from the tail's opening to the first wait


async def people(state: State, signed: Signed, count: int, role: Role = Role.AGENT) -> list[Person]:
    """More members of an agency."""
    async with state.database.write(signed.agency.id) as session:
        found = [await make_person(state, session, signed.agency.id, signed.agency.slug, role) for _ in range(count)]
        await session.commit()
    return found


async def context_of(state: State, person: Person) -> Context:
    request = Request(request_id="test", ip="127.0.0.1", user_agent="tests", transport="ws")
    return await Context.open(state, request, authorization=f"Bearer {person.token}", tenant_header=None)


async def change(state: State, agency: UUID, /, *statements: str, **values: Any) -> None:
    """Change rows behind the back of everything that could tell of it."""
    async with state.database.write(agency) as session:
        for statement in statements:
            bound = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), bound)
        await session.commit()


async def forgotten(state: State, tenant: UUID, up_to: int) -> None:
    """What the retention does: events are removed, and the stream says where it begins."""
    await platform(state, "delete from event_outbox where tenant_id = $1 and seq <= $2", tenant, up_to)
    await change(state, tenant, "update event_stream set min_seq = :first", first=up_to + 1)


async def told(state: State, tenant: UUID, entity: UUID, count: int = 1) -> None:
    """Events of a property as another process commits them: no hint comes from here."""
    await change(
        state,
        tenant,
        """with s as (update event_stream set last_seq = last_seq + :count where tenant_id = :tenant returning last_seq)
           insert into event_outbox
             (tenant_id, seq, event_id, at, type, kind, entity, entity_id, version, changed, data)
           select :tenant, last_seq - :count + n, gen_random_uuid(), now(), 'property.updated', 'UPDATED', 'property',
                  :entity, 1, '{}', '{}'
             from s, generate_series(1, cast(:count as int)) n""",
        tenant=tenant,
        entity=entity,
        count=count,
    )
