"""What the tests of jobs share: jobs of their own, a worker in this process, the queue as it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from jobs.worker import JobWorker, Patience, working
from models.base import uuid7
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Job, Work, job
from storage.jobs import Order, enqueue_now
from storage.line import Pace
from tests.factories import platform

QUICK = Pace(at_once=4, silence=timedelta(seconds=2), look=timedelta(milliseconds=200))
HASTY = Patience(delays=(timedelta(0), timedelta(0)), stop=timedelta(seconds=2), connect=timedelta(seconds=1))


@dataclass(frozen=True)
class Page:
    """A payload."""

    number: int
    property_id: UUID


@dataclass
class Book:
    """Jobs of a test, under names of its own, and what was done for them."""

    registry: dict[str, Job] = field(default_factory=dict)
    done: list[tuple[Any, ...]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    mark: str = field(default_factory=lambda: uuid7().hex)

    def add(self, name: str, function: Callable[[Work], Awaitable[None]], **options: Any) -> str:
        """Declare a job of the platform."""

        async def carry_out(work: Work) -> None:
            await function(work)

        return self._declare(name, carry_out, **options)

    def add_of_agency(self, name: str, function: Callable[[AgencyWork], Awaitable[None]], **options: Any) -> str:
        """Declare a job of agencies."""

        async def carry_out(work: AgencyWork) -> None:
            await function(work)

        return self._declare(name, carry_out, **options)

    def _declare(self, name: str, function: Callable[..., Awaitable[None]], **options: Any) -> str:
        named = f"{name}.{self.mark}"
        job(named, registry=self.registry, **options)(function)
        return named

    def worker(self, state: State, pace: Pace = QUICK, patience: Patience = HASTY) -> JobWorker:
        return JobWorker(state, self.registry, lambda outcome, _: self.outcomes.append(outcome), pace, patience)

    @asynccontextmanager
    async def at_work(self, state: State, **options: Any) -> AsyncIterator[JobWorker]:
        worker = self.worker(state, **options)
        async with working(worker):
            yield worker

    async def order(self, state: State, name: str, tenant: UUID | None = None, **payload: Any) -> None:
        await enqueue_now(state.database, Order(name, tenant, payload))

    async def queue(self, state: State) -> list[tuple[str, str, int]]:
        """Name, status and attempts of this test's jobs in the queue."""
        rows = await platform(
            state,
            "select split_part(entrypoint, '.' || $1, 1) as name, status::text, attempts from jobs.pgqueuer"
            " where entrypoint like '%' || $1 order by id",
            self.mark,
        )
        return [(row["name"], row["status"], row["attempts"]) for row in rows]


# Connections of workers to this database.
WORKERS = "from pg_stat_activity where datname = current_database() and application_name = 'immonow-jobs'"


async def settled(connection: Any, found: str, number: int) -> None:
    """Wait until there are so many connections: those of other tests may still be ending by themselves."""

    async def holds() -> bool:
        return bool(await connection.fetchval(f"select count(*) {found}") == number)

    await until(holds)


async def until(holds: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until something holds; fails when it does not in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.01)
