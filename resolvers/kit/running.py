"""Jobs that somebody starts and watches: how one is started by a mutation, and what it tells while it is carried out.

A worker that dies leaves its job to another one, which begins it anew: whoever writes such a job makes sure that the
second time changes nothing that the first one did. A job that fails waits for a person to try it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import case, delete, update
from sqlalchemy.exc import DBAPIError

import models
from domain.errors import ApiError, Refusal, say
from loaders.visibility import table_of
from models.base import now
from models.jobs import JobState
from resolvers.kit.commands import Command
from resolvers.kit.context import Context, State
from resolvers.kit.jobs import JOBS, AgencyWork, Job, encoded, job
from resolvers.kit.uploads import Upload
from storage.files import content_type_of, new_key

T = TypeVar("T")

AREA = "jobs"
BEAT = 1.0  # seconds between two looks at what was done
PATIENCE = timedelta(hours=1)

log = structlog.get_logger(__name__)

_JOB = table_of(models.Job)


@dataclass(frozen=True)
class Started:
    """Payload of every such job."""

    job_id: UUID


class Cancelled(Exception):
    """Somebody wants the job to stop."""


@dataclass
class Running:
    """A job being carried out. `done`, `total` and `message` are told by themselves, every second."""

    work: AgencyWork
    row: models.Job
    context: Context  # of the member who started it, with the rights of this moment
    done: int = 0
    total: int | None = None
    message: str | None = None
    cancelling: bool = False
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None  # why it failed, although there is a result
    _file: tuple[str, str] | None = None

    @property
    def state(self) -> State:
        return self.work.state

    def step(self) -> None:
        """Between two steps: whether to go on. Raises `Cancelled`."""
        if self.cancelling:
            raise Cancelled

    async def apart(self, what: Callable[[], T]) -> T:
        """Do something long that waits for nothing in a thread of its own."""
        return await asyncio.to_thread(what)

    async def source(self) -> BinaryIO:
        """The file that came with the mutation; whoever asks closes it."""
        assert self.row.source_key is not None
        return await self.state.files.get(self.row.source_key)

    async def keep(self, file: BinaryIO, name: str, extension: str) -> None:
        """Store the file the job made; it is kept for a week."""
        key = new_key(self.work.tenant_id, AREA, extension)
        await self.state.files.put(key, file, name=name, content_type=content_type_of(key))
        self._file = key, name

    async def save(self, state: JobState, **more: Any) -> None:
        """Write down where the job stands, unless it has ended by other means."""
        key, name = self._file or (None, None)
        told = {"done": self.done, "total": self.total, "message": self.message, "updated_at": now(), **more}
        if state is not JobState.RUNNING:
            told |= {"finished_at": now(), "file_key": key, "file_name": name, "result": self.result}
        statement = (
            update(_JOB)
            .where(
                _JOB.c.tenant_id == self.work.tenant_id,
                _JOB.c.id == self.row.id,
                _JOB.c.state == JobState.RUNNING.value,
            )
            .values(state=state.value, **told)
            .returning(_JOB.c.cancelling)
        )
        async with self.state.database.write(self.work.tenant_id) as session:
            found = (await session.execute(statement)).scalar()
            await session.commit()
        self.cancelling = found is not False  # also when the row is gone, or another worker has ended it
        await self.state.bus.hint(self.work.tenant_id)

    @contextlib.asynccontextmanager
    async def told(self) -> AsyncIterator[None]:
        """Tell how far the job is, as long as this lasts."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT)
                try:
                    await self.save(JobState.RUNNING)
                except (OSError, DBAPIError) as error:
                    # The job itself will notice soon enough; what is told next holds all that was not told now.
                    log.warning("progress not written", job=str(self.row.id), error=repr(error))

        beating = asyncio.create_task(beat(), name=f"progress of {self.row.id}")
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating


async def start(command: Command, name: str, *, task: Any, source: Upload | None = None) -> models.Job:
    """Start the job of this name with the mutation: it runs when that has committed. `task` is a dataclass."""
    state, viewer = command.context.state, command.viewer
    row = models.Job(
        tenant_id=viewer.tenant_id,
        kind=name.replace(".", "_"),
        created_by_id=viewer.member_id,
        task={"language": command.context.request.language, "queue": name, **encoded(task)},
    )
    if source is not None:
        # When the mutation is refused in the end, nobody knows of the file: the nightly sweep takes it.
        row.source_key = new_key(viewer.tenant_id, AREA)
        await state.files.put(row.source_key, source.file, name=source.name, content_type="application/octet-stream")
    await command.add(row)
    await command.enqueue(name, Started(row.id))
    return row


async def clear(state: State, tenant: UUID, *, files_before: datetime, jobs_before: datetime) -> int:
    """Forget the files of jobs that ended before then, and the jobs that did; answers how many."""
    ended = [JobState.DONE.value, JobState.FAILED.value, JobState.CANCELLED.value]
    over = (_JOB.c.tenant_id == tenant, _JOB.c.state.in_(ended))
    async with state.database.write(tenant) as session:
        await session.execute(
            update(_JOB).where(*over, _JOB.c.finished_at < files_before).values(file_key=None, source_key=None)
        )
        gone = await session.execute(delete(_JOB).where(*over, _JOB.c.finished_at < jobs_before).returning(_JOB.c.id))
        count = len(gone.all())
        await session.commit()
    return count


Function = Callable[[Running], Awaitable[None]]


def watched(
    name: str, *, patience: timedelta = PATIENCE, registry: dict[str, Job] = JOBS
) -> Callable[[Function], Function]:
    """Declare a job that people watch: `async def function(running)`. It fills `running.result` and may keep a file."""

    def declare(function: Function) -> Function:
        async def carry_out(work: AgencyWork, started: Started) -> None:
            running = await _begin(work, started.job_id)
            if running is not None:
                await _run(running, function)

        job(name, patience=patience, registry=registry)(carry_out)
        return function

    return declare


async def _begin(work: AgencyWork, id: UUID) -> Running | None:
    """Mark a job as begun; None when there is nothing to be done any more."""
    statement = (
        update(_JOB)
        .where(
            _JOB.c.tenant_id == work.tenant_id,
            _JOB.c.id == id,
            _JOB.c.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
        )
        .values(
            state=JobState.RUNNING.value,
            attempts=_JOB.c.attempts + 1,
            done=0,
            started_at=case((_JOB.c.started_at.is_(None), now()), else_=_JOB.c.started_at),
            updated_at=now(),
        )
        .returning(*_JOB.c)
    )
    async with work.state.database.write(work.tenant_id) as session:
        found = (await session.execute(statement)).mappings().one_or_none()
        await session.commit()
    if found is None:
        return None
    row = models.Job(**found)
    await work.state.bus.hint(work.tenant_id)
    language = str(row.task.get("language", "de"))
    context = Context.of_job(work.state, f"job-{work.id}", language)
    return Running(work, row, context, total=row.total)


async def _run(running: Running, function: Function) -> None:
    language = running.context.request.language
    try:
        await running.context.become_member(running.work.tenant_id, running.row.created_by_id)
        async with running.told():
            await function(running)
        running.step()
    except Cancelled:
        await running.save(JobState.CANCELLED)
    except ApiError as error:
        await running.save(JobState.FAILED, error=error.message(language))
    except Refusal as refusal:
        await running.save(JobState.FAILED, error=refusal.problems[0].message(language))
    except (OSError, DBAPIError):
        raise  # the queue tries it again
    except Exception:
        log.exception("job failed", job=str(running.row.id), kind=running.row.kind)
        await running.save(JobState.FAILED, error=say("INTERNAL_ERROR", language))
    else:
        if running.error is not None:
            await running.save(JobState.FAILED, error=running.error[:500])
            return
        running.done = running.done if running.total is None else running.total
        await running.save(JobState.DONE)
