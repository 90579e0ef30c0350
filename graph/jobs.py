"""Jobs that people start and watch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.unset import UNSET

import models
from domain.access import P
from graph.kit.connection import Connection, Requested, list_arguments
from graph.kit.field import KitField, argument, derived, one
from graph.kit.files import link
from graph.kit.node import Node
from graph.kit.payload import Payload, Shape, row
from graph.kit.root import RootListSpec, lookup, mutation, subscription
from loaders.base import Source
from loaders.paging import DEFAULT_PAGE
from models.jobs import JobState
from resolvers import jobs
from resolvers.kit.filters import EnumFilter
from resolvers.kit.scalars import JSON, URL, Percent


def _progress(state: str, done: int, total: int | None) -> Percent:
    if state == JobState.DONE.value:
        return Percent("100.0")
    if not total:
        return Percent("0.0")
    tenths = min(done * 1_000 // total, 999)  # what has not ended is not whole
    return Percent(f"{tenths // 10}.{tenths % 10}")


def _result(result: Any) -> JSON | None:
    return JSON(result) if result else None


@strawberry.type(description="Something long that somebody started: an import, an export. Seen by who started it.")
class Job(Node, of=models.Job, needs=P.JOB_READ, common=False):
    kind: str
    state: JobState
    progress: Percent = derived(
        models.Job.state, models.Job.done, models.Job.total, compute=_progress, description="How much of it is done."
    )
    total: int | None
    done: int
    result_url: URL | None = link(
        models.Job.file_key, models.Job.file_name, description="The file it made, for a week; the link for 15 minutes."
    )
    result: JSON | None = derived(models.Job.result, compute=_result, description="What came of it; null before.")
    error: str | None
    attempts: int
    started_by = one(models.Job.created_by_id, description="Who started it.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@strawberry.type(description="The job, or why it was refused.")
class JobPayload(Payload):
    job: Job | None = strawberry.field(description="The job as it is now.")


@strawberry.type(description="How far a job is.")
class JobProgress(Shape):
    job = row(models.Job, "The job as it is now; null when it cannot be seen any longer.")
    message: str | None = strawberry.field(description="What it is doing, for a person.")


@dataclass(eq=False)
class JobsSpec(RootListSpec):
    """The list of jobs, by their state."""

    def arguments(self, owner: Source | None) -> list[StrawberryArgument]:
        state = argument("state", JobState | None, "Only those in this state.")
        return [state, *list_arguments(None, None, self.size)]

    def request(self, arguments: dict[str, Any], place: str) -> Requested:
        state = arguments.get("state")
        chosen = jobs.JobFilter(state=EnumFilter(eq=state)) if state not in (None, UNSET) else None
        return super().request({**arguments, "filter": chosen}, place)


def _listed(description: str) -> Any:
    return KitField(JobsSpec(table="job", filter=jobs.JobFilter, size=DEFAULT_PAGE), description=description)


@strawberry.type
class Query:
    jobs: Connection[Job] = _listed("Own jobs, the newest first; administrators see those of all.")
    job: Job | None = lookup(models.Job, description="One job; null when there is none.")


@strawberry.type
class Mutation:
    job_cancel: JobPayload = mutation(jobs.cancel, needs=P.JOB_READ)
    job_retry: JobPayload = mutation(jobs.retry, needs=P.JOB_READ)


@strawberry.type
class Subscription:
    job_progressed: JobProgress = subscription(jobs.progressed, needs=P.JOB_READ)
    import_progressed: JobProgress = subscription(jobs.import_progressed, needs=P.JOB_READ)
