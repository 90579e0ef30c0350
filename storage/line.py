"""The queue as a worker works on it: what it takes, what becomes of that, when it is called by the clock."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from croniter import croniter  # type: ignore[import-untyped]
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job, Schedule

from storage.jobs import DEATHS, NAMES, Order

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """A job a worker has taken: the order, how often it was tried before, and how many workers fell silent over it."""

    id: int
    order: Order
    attempts: int
    deaths: int = 0


@dataclass(frozen=True)
class Pace:
    """How many jobs a worker takes at once, and how soon others notice that it is gone."""

    at_once: int = 4
    silence: timedelta = timedelta(seconds=30)  # after which a worker is taken for dead and its jobs for free
    look: timedelta = timedelta(seconds=10)  # how often to look without being told


class Again(Exception):
    """Raised by who carries a job out: it is to be tried again later. The text is kept in the queue."""

    def __init__(self, why: str, delay: timedelta) -> None:
        super().__init__(why)
        self.delay = delay


class GivenUp(Exception):
    """Raised by who carries a job out: it is held until somebody has looked at it. The text is kept in the queue."""


class _Trouble(logging.Handler):
    """What pgqueuer says of trouble of its own goes into our log; of jobs that failed their worker speaks."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, GivenUp):
            log.warning("trouble with the queue", said=record.getMessage(), error=repr(error) if error else None)


_TROUBLE = _Trouble(logging.WARNING)


class Line:
    """The queue as a worker sees it, over a connection of the worker's own."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        logging.getLogger("pgqueuer").addHandler(_TROUBLE)
        driver = AsyncpgDriver(connection)
        builders = QueryBuilderEnvironment(NAMES), QueryQueueBuilder(NAMES), QuerySchedulerBuilder(NAMES)
        self._connection = connection
        self._queue = PgQueuer(driver, NAMES.channel, queries=Queries(driver, *builders))

    @property
    def worker(self) -> UUID:
        """Whom the queue takes this worker for."""
        return self._queue.qm.queue_manager_id

    def handle(self, name: str, carry_out: Callable[[Taken], Awaitable[None]]) -> None:
        """Have jobs of this name carried out by a function, which ends, raises `Again` or raises `GivenUp`."""

        async def dispatched(job: Job) -> None:
            deaths = int(str((job.headers or {}).get(DEATHS, 0)))
            try:
                await carry_out(Taken(job.id, Order.decode(name, job.payload), job.attempts + deaths, deaths))
            except Again as again:
                raise RetryRequested(again.delay, str(again)) from None

        self._queue.entrypoint(name, accepts_context=False, on_failure="hold")(dispatched)

    def schedule(self, name: str, expression: str, tick: Callable[[datetime], Awaitable[None]]) -> None:
        """Call a function with the times of a cron expression (UTC): one worker of all does.

        At least once: a worker that reaches for a time just when it comes leaves it to be taken again.
        """

        async def scheduled(schedule: Schedule) -> None:
            # The time to come is set already. Told from it and not from a clock, no time is left out.
            await tick(croniter(expression, schedule.next_run).get_prev(datetime))

        self._queue.schedule(name, expression, accepts_context=False)(scheduled)

    async def run(self, pace: Pace) -> None:
        """Work until told to stop, or until the connection is lost."""
        await self._queue.run(
            dequeue_timeout=pace.look,
            heartbeat_timeout=pace.silence,
            batch_size=max(1, pace.at_once // 2),
            max_concurrent_tasks=max(2, pace.at_once),
            shutdown_on_listener_failure=True,
        )

    def stop(self) -> None:
        """Take no more; `run` ends when what was taken is done."""
        self._queue.shutdown.set()

    async def hand_back(self, worker: UUID) -> None:
        """Free at once what a worker had taken that stopped working on it; otherwise its silence would tell."""
        await self._connection.execute(
            "update jobs.pgqueuer set status = 'queued', queue_manager_id = null, updated = now()"
            " where queue_manager_id = $1 and status = 'picked'",
            worker,
        )
