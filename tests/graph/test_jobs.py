"""Jobs that people start: who sees them, how they are told of, cancelled, tried again, and what is left of them."""

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx2
import pytest

import jobs
import models
from domain.access import Role
from domain.errors import ErrorCode, Refusal
from models.jobs import JobState
from resolvers.kit import running as kit
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id, split_id
from resolvers.kit.jobs import AgencyWork, Job
from resolvers.kit.running import Running, Started, watched
from storage.files import new_key
from tests.conftest import Signed
from tests.contract.strangers import listening
from tests.factories import platform

ERRORS = "userErrors { code field }"
CANCEL = f"mutation ($id: ID!) {{ jobCancel(id: $id) {{ job {{ state finishedAt }} {ERRORS} }} }}"
RETRY = f"mutation ($id: ID!) {{ jobRetry(id: $id) {{ job {{ state error finishedAt }} {ERRORS} }} }}"
ONE = "query ($id: ID!) { job(id: $id) { state progress total done result error attempts resultUrl startedBy { id } } }"


async def made(state: State, signed: Signed, role: Role = Role.AGENT, at: JobState = JobState.QUEUED) -> str:
    row = models.Job(
        tenant_id=signed.agency.id,
        kind="tests_count",
        created_by_id=signed.agency.people[role].id,
        state=at.value,
        task={"queue": "tests.count", "language": "de"},
    )
    async with state.database.write(signed.agency.id) as session:
        session.add(row)
        await session.commit()
    return encode_id("Job", row.id)


async def carry_out(state: State, signed: Signed, id: str, function: Any) -> None:
    """Have a job carried out as a worker does."""
    registry: dict[str, Job] = {}
    watched("tests.count", registry=registry)(function)
    found = split_id(id)
    assert found is not None
    work = AgencyWork(state, "tests.count", 7, signed.agency.id)
    await registry["tests.count"].function(work, Started(found[1]))


async def test_a_job_tells_what_came_of_it(state: State, http: httpx2.AsyncClient, acme: Signed) -> None:
    async def count(running: Running) -> None:
        assert running.context.signed_in.member_id == acme.agency.people[Role.AGENT].id
        running.total, running.done, running.result = 3, 3, {"counted": 3}
        await running.keep(io.BytesIO(b"1;2;3"), "Zahlen.csv", "csv")

    id = await made(state, acme)
    await carry_out(state, acme, id, count)
    found = (await acme.agent.data(ONE, id=id))["job"]
    link = found.pop("resultUrl")
    assert found == {
        "state": "DONE",
        "progress": "100.0",
        "total": 3,
        "done": 3,
        "result": {"counted": 3},
        "error": None,
        "attempts": 1,
        "startedBy": {"id": acme.agency.people[Role.AGENT].gid},
    }
    response = await http.get(link)
    assert (response.status_code, response.content) == (200, b"1;2;3")
    assert response.headers["content-disposition"] == "attachment; filename=\"Zahlen.csv\"; filename*=UTF-8''Zahlen.csv"


async def test_who_sees_a_job(state: State, acme: Signed) -> None:
    id, other = await made(state, acme), await made(state, acme, Role.MANAGER)
    seen = {
        role: {node["id"] for node in (await acme.as_(role).data("{ jobs { nodes { id } } }"))["jobs"]["nodes"]}
        for role in Role
    }
    both = {id, other}
    assert seen == {
        Role.OWNER: both,
        Role.ADMIN: both,
        Role.MANAGER: {other},
        Role.AGENT: {id},
        Role.CUSTOMER: set(),
    }
    assert await acme.agent.data(ONE, id=other) == {"job": None}
    assert (await acme.agent.data(CANCEL, id=other))["jobCancel"]["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["id"]}
    ]


async def test_the_list_by_state(state: State, acme: Signed) -> None:
    failed = await made(state, acme, at=JobState.FAILED)
    await made(state, acme)
    document = "query ($state: JobState) { jobs(state: $state) { totalCount nodes { id state } } }"
    assert (await acme.agent.data(document, state="FAILED"))["jobs"] == {
        "totalCount": 1,
        "nodes": [{"id": failed, "state": "FAILED"}],
    }
    assert (await acme.agent.data(document))["jobs"]["totalCount"] == 2
    assert (await acme.agent.data(document, state=None))["jobs"]["totalCount"] == 2


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            Refusal.of(ErrorCode.SUBSCRIPTION_INACTIVE),
            "Das Abonnement ist nicht aktiv; Daten können nur gelesen werden.",
        ),
        (
            RuntimeError("secret"),
            "Bei uns ist etwas schiefgegangen. Mit der Request-ID finden wir die Ursache.",
        ),
    ],
)
async def test_a_job_that_fails_can_be_tried_again(state: State, acme: Signed, error: Exception, text: str) -> None:
    async def fail(running: Running) -> None:
        raise error

    id = await made(state, acme)
    await carry_out(state, acme, id, fail)
    found = (await acme.agent.data(ONE, id=id))["job"]
    assert (found["state"], found["error"], found["attempts"]) == ("FAILED", text, 1)
    again = (await acme.agent.data(RETRY, id=id))["jobRetry"]
    assert again == {"job": {"state": "QUEUED", "error": None, "finishedAt": None}, "userErrors": []}
    enqueued = await platform(state, "select payload from jobs.pgqueuer where entrypoint = 'tests.count'")
    assert any(str(split_id(id)[1]) in row["payload"].decode() for row in enqueued)  # type: ignore[index]
    assert (await acme.agent.data(RETRY, id=id))["jobRetry"]["userErrors"] == [
        {"code": "INVALID_TRANSITION", "field": ["id"]}
    ]


async def test_a_job_whose_worker_died_is_begun_anew(state: State, acme: Signed) -> None:
    async def die(running: Running) -> None:
        running.done = 2
        raise ConnectionResetError("the database went away")

    async def count(running: Running) -> None:
        assert running.done == 0
        running.result = {"counted": 3}

    id = await made(state, acme)
    with pytest.raises(ConnectionResetError):
        await carry_out(state, acme, id, die)
    assert (await acme.agent.data(ONE, id=id))["job"]["state"] == "RUNNING"
    await carry_out(state, acme, id, count)
    found = (await acme.agent.data(ONE, id=id))["job"]
    assert (found["state"], found["attempts"], found["result"]) == ("DONE", 2, {"counted": 3})
    await carry_out(state, acme, id, die)  # what is done is not done again
    assert (await acme.agent.data(ONE, id=id))["job"]["state"] == "DONE"


async def test_a_job_of_somebody_who_left(state: State, acme: Signed) -> None:
    async def count(running: Running) -> None:
        raise AssertionError

    id = await made(state, acme)
    await platform(state, "update member set status = 'DEACTIVATED' where id = $1", acme.agency.people[Role.AGENT].id)
    await carry_out(state, acme, id, count)
    found = (await acme.owner.data(ONE, id=id))["job"]
    assert (found["state"], found["error"]) == ("FAILED", "Dafür fehlt Ihnen die Berechtigung.")


async def test_a_waiting_job_is_cancelled_at_once(state: State, acme: Signed) -> None:
    async def count(running: Running) -> None:
        raise AssertionError

    id = await made(state, acme)
    found = (await acme.agent.data(CANCEL, id=id))["jobCancel"]
    assert (found["job"]["state"], found["userErrors"]) == ("CANCELLED", [])
    await carry_out(state, acme, id, count)
    assert (await acme.agent.data(ONE, id=id))["job"]["state"] == "CANCELLED"
    assert (await acme.agent.data(CANCEL, id=id))["jobCancel"]["userErrors"] == [
        {"code": "INVALID_TRANSITION", "field": ["id"]}
    ]


async def test_a_running_job_stops_at_its_next_step(
    state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "BEAT", 0.02)
    began = asyncio.Event()

    async def endless(running: Running) -> None:
        while True:
            running.done += 1
            running.step()
            began.set()
            await asyncio.sleep(0.01)

    id = await made(state, acme)
    async with asyncio.timeout(20):
        task = asyncio.create_task(carry_out(state, acme, id, endless))
        await began.wait()
        assert (await acme.agent.data(CANCEL, id=id))["jobCancel"]["userErrors"] == []
        await task
    assert (await acme.agent.data(ONE, id=id))["job"]["state"] == "CANCELLED"


async def test_progress_is_told_to_whoever_watches(state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "BEAT", 0.02)
    go = asyncio.Event()

    async def count(running: Running) -> None:
        running.total, running.done, running.message = 4, 1, "Zählen"
        await go.wait()

    id = await made(state, acme)
    document = "subscription ($id: ID!) { jobProgressed(id: $id) { job { state progress } message } }"
    async with asyncio.timeout(20), listening(state, acme.agent.token, document, id=id) as heard:
        answers = (answer["data"]["jobProgressed"] async for answer in heard)
        assert await anext(answers) == {"job": {"state": "QUEUED", "progress": "0.0"}, "message": None}
        task = asyncio.create_task(carry_out(state, acme, id, count))
        seen = [await anext(answers)]
        while seen[-1]["message"] is None:
            seen.append(await anext(answers))
        assert seen[-1] == {"job": {"state": "RUNNING", "progress": "25.0"}, "message": "Zählen"}
        go.set()
        seen = [answer async for answer in answers]
        await task
    assert seen[-1]["job"] == {"state": "DONE", "progress": "100.0"}


async def test_files_go_after_a_week_and_jobs_after_a_month(state: State, acme: Signed, rival: Signed) -> None:
    async def keep(running: Running) -> None:
        await running.keep(io.BytesIO(b"x"), "x.csv", "csv")

    ids = [await made(state, acme) for _ in range(3)]
    waiting = await made(state, acme)
    for id in ids:
        await carry_out(state, acme, id, keep)
    stray = new_key(acme.agency.id, "jobs", "csv")
    await state.files.put(stray, io.BytesIO(b"x"), name="x", content_type="text/csv")
    other = new_key(acme.agency.id, "documents", "csv")
    await state.files.put(other, io.BytesIO(b"x"), name="x", content_type="text/csv")
    fresh = {entry.key async for entry in state.files.every(acme.agency.id)}
    await sweep(state, acme)
    assert {entry.key async for entry in state.files.every(acme.agency.id)} == fresh

    for id, days in zip(ids, (6, 8, 31), strict=True):
        await platform(
            state,
            "update job set finished_at = now() - $2::interval where id = $1",
            split_id(id)[1],  # type: ignore[index]
            timedelta(days=days),
        )
    await sweep(state, acme)
    left = {node["id"]: node["resultUrl"] is not None for node in await nodes(acme)}
    assert left == {ids[0]: True, ids[1]: False, waiting: False}
    assert len([entry async for entry in state.files.every(acme.agency.id)]) == 5


async def sweep(state: State, signed: Signed) -> None:
    await jobs.JOBS["jobs.sweep"].function(AgencyWork(state, "jobs.sweep", 7, signed.agency.id))


async def nodes(signed: Signed) -> list[Any]:
    found: list[Any] = (await signed.agent.data("{ jobs { nodes { id resultUrl } } }"))["jobs"]["nodes"]
    return found
