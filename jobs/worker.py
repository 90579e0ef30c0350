"""Carries out jobs: several of them side by side, in a server or in a process of its own, as many workers as wanted.

A worker has one connection to the queue. When that is cut, what it was doing is stopped, because soon another worker
will begin it anew, and it goes on over a new connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from croniter import croniter  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError

from models.base import now
from resolvers.kit.context import State
from resolvers.kit.jobs import JOBS, AgencyWork, Hopeless, Job, Work
from storage.jobs import Clock, clocks, enqueue_at, enqueue_due
from storage.line import Again, GivenUp, Line, Pace, Taken

# How often the clocks of the agencies are looked at: no zone differs from another by less.
QUARTERS = "*/15 * * * *"
SECOND = timedelta(seconds=1)

log = structlog.get_logger(__name__)

Count = Callable[[str, float], None]


def uncounted(outcome: str, seconds: float) -> None:
    """What became of an attempt and how long it took, told to nobody."""


@dataclass(frozen=True)
class Patience:
    """How long a worker waits."""

    delays: tuple[timedelta, ...] = tuple(timedelta(seconds=10 * 3**n) for n in range(5))  # before trying again
    stop: timedelta = timedelta(seconds=10)  # for jobs to finish before they go back into the queue
    connect: timedelta = timedelta(seconds=5)  # at most between two connections


@dataclass
class JobWorker:
    """Works on the queue until it is stopped."""

    state: State
    jobs: Mapping[str, Job] = field(default_factory=lambda: JOBS)
    count: Count = uncounted
    pace: Pace = field(default_factory=Pace)
    patience: Patience = field(default_factory=Patience)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _interrupted: bool = False
    _before: UUID | None = None  # whom the queue took this worker for on its last connection

    @classmethod
    def of(cls, state: State, count: Count = uncounted) -> Self:
        """A worker on all jobs, as the settings want it."""
        return cls(state, count=count, pace=Pace(state.settings.jobs_at_once))

    async def run(self) -> None:
        """Serve, over one connection after the other."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                await self._serve()
            except Exception as error:
                # Whatever it was: jobs are not lost, and a worker that ended would do nobody any good.
                failures = 1 if time.monotonic() - began > self.patience.connect.total_seconds() else failures + 1
                log.warning("the queue was lost", error=repr(error))
                with contextlib.suppress(TimeoutError):
                    pause = min(0.1 * 2 ** (failures - 1), self.patience.connect.total_seconds())
                    await asyncio.wait_for(self._stopping.wait(), pause)

    def stop(self) -> None:
        """Take no more jobs; `run` ends when those at work are done, or back in the queue."""
        self._stopping.set()

    async def _serve(self) -> None:
        if not await self.state.database.ready():
            raise ConnectionError("the database is away, or its schema is not the one of this program")
        connection = await self.state.database.queue_connection()
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            line = self._line(Line(connection))
            if self._before is not None:
                await line.hand_back(self._before)
            self._before = line.worker
            self._interrupted = False
            await self._until(line, lost)
        finally:
            await self._interrupt()
            connection.terminate()

    def _line(self, line: Line) -> Line:
        for job in self.jobs.values():
            line.handle(job.name, self._carrying_out(job))
            if job.cron is not None:
                line.schedule(job.name, QUARTERS if job.of_agency else job.cron, self._ticking(job))
        return line

    async def _until(self, line: Line, lost: asyncio.Event) -> None:
        """Work until the connection is lost, or this worker is told to stop."""
        serving = asyncio.create_task(line.run(self.pace), name="jobs")
        ends = [asyncio.create_task(lost.wait()), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait([serving, *ends], return_when=asyncio.FIRST_COMPLETED)
            if lost.is_set():
                raise ConnectionResetError("the connection was cut")
            if not serving.done():
                line.stop()
                await asyncio.wait([serving], timeout=self.patience.stop.total_seconds())
                await self._interrupt()
            await serving
        finally:
            await self._interrupt()
            for task in (*ends, serving):
                task.cancel()
            await asyncio.wait([*ends, serving])

    async def _interrupt(self) -> None:
        """Stop what is being done; each attempt hands its job back."""
        self._interrupted = True
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(list(self._running))

    def _carrying_out(self, job: Job) -> Callable[[Taken], Awaitable[None]]:
        async def carry_out(taken: Taken) -> None:
            if self._interrupted:
                raise Again("the worker stopped", timedelta(0))
            task = asyncio.create_task(self._attempt(job, taken), name=f"{job.name} {taken.id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
            if task.cancelled():
                raise Again("the worker stopped", timedelta(0))
            error = task.exception()
            if error is not None:
                raise error

        return carry_out

    async def _attempt(self, job: Job, taken: Taken) -> None:
        """Try once. What is kept of a failure names the place, never a value."""
        began = time.monotonic()
        told = {"job": job.name, "id": taken.id, "attempt": taken.attempts + 1, "tenant": _text(taken.order.tenant)}
        try:
            if taken.deaths > len(self.patience.delays):
                raise KillsWorkers("each worker that began it fell silent")
            work, arguments = self._work(job, taken)
            async with asyncio.timeout(job.patience.total_seconds()):
                await job.function(work, *arguments)
        except Exception as error:
            why = str(error) if type(error) is Hopeless else place(error)
            end: Exception
            if taken.attempts < len(self.patience.delays) and not isinstance(error, Hopeless):
                delay = self.patience.delays[taken.attempts]
                log.warning("job failed, to be tried again", **told, error=why, seconds=delay.total_seconds())
                outcome, end = "retried", Again(why, delay)
            else:
                log.exception("job failed, held", **told, error=why)
                outcome, end = "held", GivenUp(why)
        else:
            self.count("done", time.monotonic() - began)
            return
        self.count(outcome, time.monotonic() - began)
        raise end  # out here: with the failure as its context, the queue would keep that as well

    def _work(self, job: Job, taken: Taken) -> tuple[Work, tuple[object, ...]]:
        order = taken.order
        if job.of_agency != (order.tenant is not None):
            raise Unreadable("an agency's job without an agency, or the other way round")
        try:
            arguments = job.read(order.payload)
        except ValueError as error:
            raise Unreadable("the payload is not the job's") from error
        if order.tenant is None:
            return Work(self.state, job.name, taken.id), arguments
        return AgencyWork(self.state, job.name, taken.id, order.tenant), arguments

    def _ticking(self, job: Job) -> Callable[[datetime], Awaitable[None]]:
        async def tick(at: datetime) -> None:
            database = self.state.database
            try:
                if job.of_agency:
                    await enqueue_due(database, job.name, due(job, await clocks(database), now()))
                else:
                    await enqueue_at(database, job.name, at)
            except Exception:
                log.exception("job not enqueued at its time", job=job.name)
                raise

        return tick


class Unreadable(Hopeless):
    """What was ordered is no such job."""


class KillsWorkers(Hopeless):
    """As many workers died of the job as may try one that fails."""


def due(job: Job, agencies: list[Clock], at: datetime) -> dict[UUID, datetime]:
    """When a job of agencies was last due by the clock of each; not before there was the agency."""
    found = {}
    for agency in agencies:
        try:
            zone = ZoneInfo(agency.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            log.warning("unknown time zone", tenant=str(agency.tenant), timezone=agency.timezone)
            continue
        # The time itself is due as well: what is looked for lies before the second after it.
        local = (at + SECOND).astimezone(zone)
        last = croniter(job.cron, local).get_prev(datetime)
        if last > agency.since:
            found[agency.tenant] = last
    return found


def place(error: BaseException) -> str:
    """What failed and where, without any value: messages of errors may quote what people typed."""
    root = Path(__file__).parents[1]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    where = (
        f" in {frames[-1].name} ({Path(frames[-1].filename).relative_to(root)}:{frames[-1].lineno})" if frames else ""
    )
    cause = getattr(error.orig, "__cause__", None) if isinstance(error, DBAPIError) else error
    parts = [type(error).__name__, getattr(cause, "sqlstate", None), getattr(cause, "constraint_name", None)]
    return " ".join(part for part in parts if part) + where


def _text(tenant: UUID | None) -> str | None:
    return str(tenant) if tenant else None


@asynccontextmanager
async def working(worker: JobWorker) -> AsyncIterator[None]:
    """Have a worker at work beside whatever else is done."""
    running = asyncio.create_task(worker.run(), name="worker")
    try:
        yield
    finally:
        worker.stop()
        await running
