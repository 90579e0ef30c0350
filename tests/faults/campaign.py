"""A while of writing and listening during which everything dies, again and again, and what came of it."""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

from domain.access import Role
from migrations import run
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from settings import Settings
from storage.bus import Bus
from storage.database import Database, logins
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens
from tests.factories import connected, make_agency, make_properties
from tests.faults.processes import Mortal, Postgres, Redis, Server, serve
from tests.faults.traffic import Subscriber, Writer
from tests.faults.verdict import unheard, unstored

CATCH_UP_SECONDS = 60


@dataclass(frozen=True)
class Orders:
    """How long, how much, and what dies. It ends when all of it was reached."""

    seed: int
    seconds: float
    events: int
    rarity: int = 25  # events from one fault to the next, on average: as many on a slow machine as on a fast one
    redis: bool = False
    deadly: bool = True
    writers: int = 8
    subscribers: int = 8
    serve: Callable[[int], None] = serve
    prepare: str = "select"  # statement run by the administrator before the servers start


@dataclass
class Report:
    """What happened, and what should not have."""

    orders: Orders
    seconds: float = 0.0
    events: int = 0
    attempts: int = 0
    connections: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        deaths = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())) or "none"
        ends = ", ".join(f"{name} {count}" for name, count in sorted(self.ends.items())) or "none"
        return (
            f"seed {self.orders.seed}: {self.events} events in {self.seconds:.1f} s, {self.attempts} attempts, "
            f"{self.connections} connections of {self.orders.subscribers} subscribers; "
            f"faults: {deaths}; connections that ended otherwise: {ends}; wrong: {self.wrong or 'nothing'}"
        )


@dataclass
class World:
    """All that runs."""

    postgres: Postgres
    redis: Redis | None
    servers: list[Server]
    settings: Settings
    tenant: UUID
    token: str
    properties: list[str]


@asynccontextmanager
async def world(orders: Orders) -> AsyncIterator[World]:
    """Two servers on a database of their own, and an agency with a property per writer."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="immonow-faults-"))
        stack.callback(shutil.rmtree, folder)
        postgres = Postgres()
        stack.push_async_callback(postgres.close)
        await postgres.start()
        redis = Redis(folder) if orders.redis else None
        if redis is not None:
            stack.push_async_callback(redis.close)
            await redis.start()
        # More than one worker is what makes a server speak to others through PostgreSQL.
        settings = Settings(
            environment="test", database_url=postgres.url, workers=2, redis_url=redis.url if redis is not None else ""
        )
        await run.upgrade(settings)
        async with connected(logins(settings).admin) as admin:
            await admin.execute(orders.prepare)
        database = await Database.open(settings)
        state = State(settings, database, RateLimiter(settings), Bus(settings), Tokens(settings))
        agency = await make_agency(state, "Acme")
        made = await make_properties(state, agency, [{} for _ in range(orders.writers)])
        await state.limiter.close()
        await database.close()
        servers = [Server(folder, settings, orders.serve) for _ in range(2)]
        for server in servers:
            stack.push_async_callback(server.close)
        await asyncio.gather(*(server.start() for server in servers))
        properties = [encode_id("Property", row.id) for row in made]
        yield World(postgres, redis, servers, settings, agency.id, agency.people[Role.AGENT].token, properties)


class Killer:
    """Kills at random and brings back, at times several things; never the same thing twice at once."""

    def __init__(
        self, world: World, random: Random, faults: Counter[str], rarity: int, written: Callable[[], int]
    ) -> None:
        self._random = random
        self._rarity = rarity
        self._written = written
        self._faults = faults
        self._alive: dict[int, asyncio.Lock] = {}
        self._world = world
        one, two = world.servers
        self.ways: dict[str, Callable[[], Awaitable[None]]] = {
            "server": lambda: self._die(random.choice(world.servers)),
            "both servers": lambda: self._die(one, two),
            "postgres": lambda: self._die(world.postgres),
            "database connections": self._cut,
        }
        if (redis := world.redis) is not None:
            self.ways["redis"] = lambda: self._die(redis)
            self.ways["redis and server"] = lambda: self._die(redis, one)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; everything lives then."""
        async with asyncio.TaskGroup() as group:
            waiting: list[str] = []
            while not stop.is_set():
                waiting = waiting or self._random.sample(sorted(self.ways), len(self.ways))
                name = waiting.pop()
                group.create_task(self._commit(name))
                await self._progress(stop)

    async def _progress(self, stop: asyncio.Event) -> None:
        """Wait until some more was written."""
        enough = self._written() + self._random.randint(0, 2 * self._rarity)
        await asyncio.sleep(self._random.uniform(0.1, 0.5))
        while self._written() < enough and not stop.is_set():  # noqa: ASYNC110 - writers tell nobody
            await asyncio.sleep(0.02)

    async def _commit(self, name: str) -> None:
        await self.ways[name]()
        self._faults[name] += 1

    async def _die(self, *victims: Mortal) -> None:
        async with AsyncExitStack() as stack:
            for victim in sorted(victims, key=id):
                await stack.enter_async_context(self._alive.setdefault(id(victim), asyncio.Lock()))
            for victim in victims:
                await victim.kill()
            await asyncio.sleep(self._random.uniform(0.0, 0.8))
            for victim in victims:
                await victim.start()

    async def _cut(self) -> None:
        """End every connection of the servers to the database, wherever a transaction is."""
        alive = self._alive.setdefault(id(self._world.postgres), asyncio.Lock())
        async with alive, connected(logins(self._world.settings).admin) as admin:
            await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'immonow_app'")


async def campaign(orders: Orders) -> Report:
    """Write, listen and kill as ordered; the report tells what was lost, doubled or invented."""
    report = Report(orders)
    async with world(orders) as found:
        try:
            await _rage(found, orders, report)
        except BaseException:
            for server in found.servers:
                print(server.words())
            raise
    return report


async def _rage(found: World, orders: Orders, report: Report) -> None:
    random = Random(orders.seed)  # noqa: S311 - a test that can be repeated
    properties, token = found.properties, found.token

    def own() -> Random:
        return Random(random.random())  # noqa: S311

    writers = [
        Writer(f"writer {n}", property_id, token, found.servers, own()) for n, property_id in enumerate(properties)
    ]
    # Every fourth follows two properties only.
    subscribers = [
        Subscriber(f"subscriber {n}", token, found.servers, own(), properties[:2] if n % 4 == 3 else None)
        for n in range(orders.subscribers)
    ]

    def written() -> int:
        return sum(len(writer.acknowledged) for writer in writers)

    killer = Killer(found, own(), report.faults, orders.rarity, written)
    enough, peace, started = asyncio.Event(), asyncio.Event(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        listening = [group.create_task(subscriber.run()) for subscriber in subscribers]
        writing = [group.create_task(writer.run(enough)) for writer in writers]
        killing = group.create_task(killer.run(peace)) if orders.deadly else None
        while not _reached(orders, report, written(), killer, time.monotonic() - started):  # noqa: ASYNC110 - a clock
            await asyncio.sleep(0.1)
        enough.set()
        await asyncio.wait(writing)
        peace.set()
        if killing is not None:
            await asyncio.wait([killing])
        report.seconds = time.monotonic() - started
        stored, effects = await _stored(found)
        await _caught_up(subscribers, stored, found)
        for task in listening:
            task.cancel()
    acknowledged = [body for writer in writers for body in writer.acknowledged]
    numbers = [seq for seq, _ in stored]
    report.events, report.attempts = len(stored), sum(writer.attempts for writer in writers)
    report.wrong += unstored(acknowledged, effects, numbers)
    if len(stored) != len(acknowledged):
        report.wrong.append(f"{len(acknowledged)} acknowledged writes made {len(stored)} events")
    for subscriber in subscribers:
        report.connections += subscriber.connections
        report.ends += subscriber.ends
        report.wrong += unheard(subscriber.listener, _meant_for(subscriber, stored))


def _reached(orders: Orders, report: Report, events: int, killer: Killer, seconds: float) -> bool:
    deaths = not orders.deadly or all(report.faults[name] for name in killer.ways)
    return seconds >= orders.seconds and events >= orders.events and deaths


async def _stored(found: World) -> tuple[list[tuple[int, str]], list[str]]:
    """Numbers and properties of all stored events, in order; and the notes there are."""
    async with connected(logins(found.settings).admin) as admin:
        events = await admin.fetch(
            "select seq, entity_id from event_outbox where tenant_id = $1 order by seq", found.tenant
        )
        notes = await admin.fetch("select body from note where tenant_id = $1", found.tenant)
    return [(row["seq"], encode_id("Property", row["entity_id"])) for row in events], [row["body"] for row in notes]


def _meant_for(subscriber: Subscriber, stored: Sequence[tuple[int, str]]) -> list[int]:
    return [seq for seq, id in stored if subscriber.ids is None or id in subscriber.ids]


async def _caught_up(subscribers: Sequence[Subscriber], stored: Sequence[tuple[int, str]], found: World) -> None:
    """Wait until all are at the end of what is meant for them, or long enough to say that they never will be."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    for subscriber in subscribers:
        await subscriber.known.wait()
        meant = _meant_for(subscriber, stored)
        while meant and subscriber.position < meant[-1] and time.monotonic() < deadline:  # noqa: ASYNC110 - a clock
            await asyncio.sleep(0.05)
