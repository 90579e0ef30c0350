"""Reminders of tasks: who is told what, and that nobody is told twice."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

import jobs
import models
from loaders.visibility import table_of
from models.base import now, uuid7
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Work
from resolvers.kit.system import transaction
from resolvers.tasks import reminders
from resolvers.tasks.reminders import agencies_to_remind
from tests.conftest import Signed
from tests.factories import platform
from tests.graph.world import rows, untouched

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def task(state: State, signed: Signed, due: datetime, title: str = "Anrufen", **columns: Any) -> UUID:
    """A task on the agency's first board, written directly."""
    boards = table_of(models.Board).c
    async with state.database.write(signed.agency.id) as session:
        board = (await session.scalars(select(boards.id).where(boards.tenant_id == signed.agency.id))).one()
        id = uuid7()
        given = {"board_id": board, "rank": id.hex, "title": title, "due_date": due, **columns}
        session.add(models.Task(tenant_id=signed.agency.id, id=id, **given))
        await session.commit()
    return id


async def remind(state: State, signed: Signed) -> None:
    await jobs.JOBS["tasks.remind"].function(AgencyWork(state, "tasks.remind", 7, signed.agency.id))


async def told(state: State, signed: Signed) -> list[tuple[str, UUID]]:
    """What the stream says, in order."""
    return [(row["type"], row["entity_id"]) for row in await rows(state, signed.agency.id, "event_outbox", "seq")]


async def test_a_day_before_and_when_it_is_overdue(state: State, acme: Signed) -> None:
    at = now()
    soon, late = await task(state, acme, at + 24 * HOUR - MINUTE), await task(state, acme, at - MINUTE)
    await task(state, acme, at + 24 * HOUR + MINUTE)
    before = {row["id"]: (row["version"], row["updated_at"]) for row in await rows(state, acme.agency.id, "task")}
    await remind(state, acme)
    assert await told(state, acme) == [("task.overdue", late), ("task.due", soon)]
    for event in await rows(state, acme.agency.id, "event_outbox"):
        (board,) = await rows(state, acme.agency.id, "board")
        shown = {name: event[name] for name in ("kind", "entity", "version", "actor_id", "changed", "data")}
        assert shown == {
            "kind": "UPDATED",
            "entity": "task",
            "version": 1,
            "actor_id": None,
            "changed": [],
            "data": {"board": str(board["id"])},
        }
    # A reminder is no change: what clients hold of the task stays true.
    after = {row["id"]: (row["version"], row["updated_at"]) for row in await rows(state, acme.agency.id, "task")}
    assert after == before
    (entry,) = await rows(state, acme.agency.id, "audit_entry")
    assert (entry["operation"], entry["action"], entry["actor_name"]) == ("tasks.remind", "UPDATE", "System")
    assert (entry["resource_type"], entry["resource_id"]) == ("Task", late)

    async with untouched(state, acme):
        await remind(state, acme)
    assert len(await rows(state, acme.agency.id, "audit_entry")) == 1


async def test_each_stage_has_its_reminder(state: State, acme: Signed) -> None:
    id = await task(state, acme, now() + HOUR)
    await remind(state, acme)
    await platform(state, "update task set due_date = now() - interval '1 second' where id = $1", id)
    for _ in range(2):
        await remind(state, acme)
    assert await told(state, acme) == [("task.due", id), ("task.overdue", id)]


async def test_nobody_is_reminded_of_what_is_over(state: State, acme: Signed, rival: Signed) -> None:
    at = now()
    for due in (at - HOUR, at + HOUR):
        await task(state, acme, due, status="DONE", completed_at=at, progress=100)
        await task(state, acme, due, status="CANCELLED")
        await task(state, acme, due, archived_at=at)
        await task(state, acme, due, deleted_at=at)
    theirs = await task(state, rival, at - HOUR)
    async with untouched(state, acme, rival):
        await remind(state, acme)
    due = await platform(state, str(agencies_to_remind(at).compile(compile_kwargs={"literal_binds": True})))
    assert {row["id"] for row in due} & {acme.agency.id, rival.agency.id} == {rival.agency.id}
    await remind(state, rival)
    assert await told(state, rival) == [("task.overdue", theirs)]


async def test_many_are_reminded_in_batches(state: State, acme: Signed) -> None:
    at = now()
    late = [await task(state, acme, at - HOUR + number * MINUTE) for number in range(3)]
    soon = [await task(state, acme, at + HOUR + number * MINUTE) for number in range(3)]
    limits, found = (2, 2, 2, 2), []
    work = AgencyWork(state, "tasks.remind", 7, acme.agency.id)
    for limit in limits:
        async with transaction(work) as doing:
            found.append(await reminders.remind(doing, acme.agency.id, at, limit))
    assert found == [2, 2, 2, 0]
    assert sorted(await told(state, acme)) == sorted(
        [*(("task.overdue", id) for id in late), *(("task.due", id) for id in soon)]
    )


async def test_two_workers_at_once_remind_once(state: State, acme: Signed) -> None:
    at, ids = now(), [await task(state, acme, now() - HOUR) for _ in range(3)]
    work = AgencyWork(state, "tasks.remind", 7, acme.agency.id)
    async with transaction(work) as first:
        assert await reminders.remind(first, acme.agency.id, at) == 3
        # What the other one does is not yet to be seen, and not waited for.
        async with transaction(work) as second:
            assert await reminders.remind(second, acme.agency.id, at) == 0
    assert sorted(await told(state, acme)) == sorted(("task.overdue", id) for id in ids)


async def test_agencies_with_something_due_get_a_job(state: State, acme: Signed, rival: Signed) -> None:
    await task(state, acme, now() - HOUR)
    await platform(state, "delete from jobs.pgqueuer where entrypoint = 'tasks.remind'")
    for _ in range(2):
        await jobs.JOBS["tasks.find_due"].function(Work(state, "tasks.find_due", 7))
    found = await platform(
        state,
        "select convert_from(payload, 'UTF8')::jsonb ->> 'tenant' as tenant from jobs.pgqueuer"
        " where entrypoint = 'tasks.remind'",
    )
    ours = [row["tenant"] for row in found if row["tenant"] in (str(acme.agency.id), str(rival.agency.id))]
    assert ours == [str(acme.agency.id)]
    await platform(state, "delete from jobs.pgqueuer where entrypoint = 'tasks.remind'")
