"""How a stranger tries jobs; see `strangers`."""

import asyncio
from typing import Any

import models
from domain.errors import ApiError
from models.jobs import JobState
from resolvers.kit.ids import encode_id
from tests.conftest import Signed
from tests.contract.strangers import (
    NODES_MADE,
    OF_NOBODY,
    PROBES,
    WORDS,
    Probe,
    World,
    listening,
    mirror,
    nothing_more,
    other_cursor,
    other_id,
    probe,
)

_ANSWER = " { job { id state } userErrors { code field details } } }"


async def new_job(world: World, signed: Signed, state: JobState = JobState.QUEUED, **more: Any) -> str:
    """A job of the owner's that no worker knows of."""
    owner = signed.agency.people[next(iter(signed.agency.people))]
    row = models.Job(
        tenant_id=signed.agency.id,
        kind="properties_import",
        state=state.value,
        created_by_id=owner.id,
        task={"queue": "properties.import"},
        **more,
    )
    async with world.state.database.write(signed.agency.id) as session:
        session.add(row)
        await session.commit()
    return encode_id("Job", row.id)


async def any_job(world: World, signed: Signed) -> str:
    return await new_job(world, signed)


async def failed_job(world: World, signed: Signed) -> str:
    return await new_job(world, signed, JobState.FAILED)


async def _watched(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
    """What is told first of a job, or the code of the refusal."""
    return await _first(world, signed, "subscription($id: ID!) { jobProgressed(id: $id) { job { state } } }", name)


async def _import_watched(world: World, signed: Signed, name: str, more: dict[str, Any]) -> Any:
    """The same of an import."""
    return await _first(
        world, signed, "subscription($id: ID!) { importProgressed(jobId: $id) { job { state } } }", name
    )


async def _first(world: World, signed: Signed, document: str, name: str) -> Any:
    async with listening(world.state, signed.owner.token, document, id=name) as answers:
        try:
            async with asyncio.timeout(10):
                return {"data": (await anext(answers))["data"]}
        except ApiError as error:
            return {"errors": [error.code.value]}


async def two_jobs_cursor(world: World, signed: Signed) -> str:
    """The cursor of the newer of two jobs: behind it lies the older one."""
    await new_job(world, signed)
    await new_job(world, signed)
    data = await signed.owner.data("{ jobs(first: 1) { edges { cursor } } }")
    return str(data["jobs"]["edges"][0]["cursor"])


NODES_MADE["Job"] = any_job
probe("Query.job(id)", "query($x: ID!) { job(id: $x) { id state } }", any_job)
probe(
    "Query.jobs(after)",
    "query($x: String!) { jobs(after: $x) { nodes { id } totalCount pageInfo { hasNextPage } } }",
    two_jobs_cursor,
    other=other_cursor,
)
probe("Mutation.jobCancel(id)", "mutation($x: ID!) { jobCancel(id: $x)" + _ANSWER, any_job)
probe("Mutation.jobRetry(id)", "mutation($x: ID!) { jobRetry(id: $x)" + _ANSWER, failed_job)
mirror("Query.jobs", "{ jobs { totalCount nodes { id } } }", any_job)
PROBES["Subscription.jobProgressed(id)"] = Probe(
    "Subscription.jobProgressed(id)", _watched, any_job, other_id, nothing_more
)
PROBES["Subscription.importProgressed(jobId)"] = Probe(
    "Subscription.importProgressed(jobId)", _import_watched, any_job, other_id, nothing_more
)
for field in ("field", "column", "text"):
    WORDS[f"Mutation.propertiesImport(input.columns.{field})"] = "a name inside the file, or of a field"
OF_NOBODY["Mutation.propertiesImport"] = "what is in the file is the own agency's, see tests of imports"
