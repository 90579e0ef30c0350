"""Jobs that people started: cancelling, trying again, watching."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Select, Uuid, or_, select
from strawberry.types.unset import UNSET

import models
from domain.access import Audience, P
from domain.errors import ApiError, ErrorCode, Refusal
from loaders.sql import STATEMENTS, param
from loaders.visibility import own, predicates, sight, table_of
from models.base import now
from models.jobs import JobState
from resolvers.kit.commands import Command, Ref
from resolvers.kit.context import Context
from resolvers.kit.filters import EnumFilter, Filter
from resolvers.kit.ids import split_id
from resolvers.kit.running import Started

ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
LOOK = 1.0  # seconds between two looks when nobody says that something happened
PAUSE = 0.2  # at least between two looks
AT_ONCE = 100  # jobs that are watched together
MOMENT = timedelta(seconds=10)  # how long a job that has ended is still told of

_JOB = table_of(models.Job)


@strawberry.input(description="Conditions on jobs.")
class JobFilter(Filter, of=models.Job):
    state: EnumFilter[JobState] | None = UNSET


async def cancel(command: Command, id: strawberry.ID) -> models.Job:
    """Stop a job: one that waits at once, one that runs at its next step."""
    row = await command.find(models.Job, id)
    state = JobState(row.state)
    if state in ENDED:
        raise _wrong(state, JobState.CANCELLED)
    row.cancelling = True
    if state is JobState.QUEUED:
        row.state, row.finished_at = JobState.CANCELLED.value, now()
    return row


async def retry(command: Command, id: strawberry.ID) -> models.Job:
    """Try a failed job again, from its beginning."""
    row = await command.find(models.Job, id)
    state = JobState(row.state)
    if state is not JobState.FAILED:
        raise _wrong(state, JobState.QUEUED)
    row.state, row.error, row.finished_at, row.cancelling = JobState.QUEUED.value, None, None, False
    await command.enqueue(str(row.task["queue"]), Started(row.id))
    return row


def _wrong(state: JobState, target: JobState) -> Refusal:
    return Refusal.of(ErrorCode.INVALID_TRANSITION, "id", **{"from": state.value, "to": target.value})


async def progressed(
    context: Context,
    id: Annotated[
        strawberry.ID | None, strawberry.argument(description="This job alone, until it ends; else all own ones.")
    ] = None,
) -> AsyncGenerator[dict[str, Any]]:
    """How far a job is: first where it stands, then at every change, until it has ended.

    Every answer tells the present state, so nothing is lost on whoever missed one. NOT_FOUND for a job that cannot be
    seen.
    """
    job = _named(id)
    told: dict[UUID, Any] = {}
    with context.state.bus.listening(context.signed_in.tenant_id) as news:
        while True:
            news.clear()
            found = await _look(await context.renewed(), job)
            if job is not None and not found:
                raise ApiError(ErrorCode.NOT_FOUND, field=["id"])
            for row in found:
                if told.get(row["id"]) != row["updated_at"]:
                    told[row["id"]] = row["updated_at"]
                    yield {"job": Ref("job", row["id"]), "message": row["message"]}
            if job is not None and JobState(found[0]["state"]) in ENDED:
                return
            told = {row["id"]: row["updated_at"] for row in found}
            await asyncio.sleep(PAUSE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await news.wait()


async def import_progressed(
    context: Context, job_id: Annotated[strawberry.ID, strawberry.argument(description="The job of the import.")]
) -> AsyncGenerator[dict[str, Any]]:
    """How far an import is, until it has ended; see `jobProgressed`."""
    async with aclosing(progressed(context, job_id)) as told:
        async for answer in told:
            yield answer


def _named(id: str | None) -> UUID | None:
    if id is None:
        return None
    found = split_id(id)
    if found is None:
        raise ApiError(ErrorCode.INVALID_INPUT, field=["id"], rule="id")
    if found[0] != "Job":
        raise ApiError(ErrorCode.NOT_FOUND, field=["id"])
    return found[1]


def _select(seen: Audience) -> Select[Any]:
    columns = _JOB.c
    shown = select(columns.id, columns.state, columns.message, columns.updated_at)
    return shown.where(*predicates(models.Job, seen))


async def _look(context: Context, job: UUID | None) -> list[Any]:
    """The job, or the viewer's own ones that have not ended or ended a moment ago."""
    seen = sight(P.JOB_READ, context.signed_in)
    columns = _JOB.c

    def one() -> Any:
        return _select(seen).where(columns.id == param("job", Uuid))

    def mine() -> Any:
        fresh = columns.updated_at > param("since", _JOB.c.updated_at.type)
        going = columns.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
        return (
            _select(seen)
            .where(own(models.Job, columns), or_(going, fresh))
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(AT_ONCE)
        )

    if job is not None:
        return list(await context.loaders.fetch(STATEMENTS.get(("job", seen), one), {"job": job}))
    since = now() - MOMENT
    return list(await context.loaders.fetch(STATEMENTS.get(("jobs", seen), mine), {"since": since}))
