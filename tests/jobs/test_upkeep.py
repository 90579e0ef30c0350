"""What is removed after its time, and what is not: each job is run as a worker runs it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

import jobs
from domain.access import Role
from domain.errors import ApiError, ErrorCode
from models.base import now, uuid7
from resolvers import platform as platform_records
from resolvers.kit.context import State
from resolvers.kit.jobs import AgencyWork, Work
from storage import events as streams
from storage import upkeep
from storage.events import Cursor
from tests.conftest import Signed
from tests.factories import connected, platform
from tests.graph.test_trash import discarded, noted
from tests.graph.world import created, events, rows, untouched
from tests.jobs.world import until

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DELETE = "mutation ($id: ID!) { propertyDelete(id: $id) { userErrors { code } } }"


async def run(state: State, name: str, tenant: UUID | None = None) -> list[dict[str, Any]]:
    """Carry a job out; answers its lines in the log."""
    work = Work(state, name, 7) if tenant is None else AgencyWork(state, name, 7, tenant)
    with capture_logs() as logs:
        await jobs.JOBS[name].function(work)
    return [dict(line) for line in logs]


async def age(state: State, signed: Signed, table: str, column: str, past: timedelta, *ids: Any) -> None:
    """Let something have happened so long ago."""
    of = {"event_outbox": "seq", "idempotency_key": "key"}.get(table, "id")
    await platform(
        state,
        f"update {table} set {column} = now() - $1::interval where tenant_id = $2 and {of}::text = any($3::text[])",
        past,
        signed.agency.id,
        [str(id) for id in ids],
    )


async def ids_of(state: State, signed: Signed, table: str) -> dict[str, UUID]:
    """Ids of rows by their titles or texts."""
    return {row.get("title") or row["body"]: row["id"] for row in await rows(state, signed.agency.id, table)}


# The trash


async def test_the_trash_is_emptied_of_what_is_old(state: State, acme: Signed, rival: Signed) -> None:
    await discarded(acme, title="Alt")
    await discarded(acme, title="Neu")
    keeper = await created(acme, title="Da")
    for title in ("Alt", "Neu"):
        await noted(acme, keeper["id"])
        note = (await ids_of(state, acme, "note"))["Notiz"]
        await platform(state, "update note set body = $1, deleted_at = now() where id = $2", title, note)
    await discarded(rival, title="Alt")
    properties, notes = await ids_of(state, acme, "property"), await ids_of(state, acme, "note")
    for signed in (acme, rival):
        alt = (await ids_of(state, signed, "property"))["Alt"]
        await age(state, signed, "property", "deleted_at", 30 * DAY + MINUTE, alt)
    await age(state, acme, "property", "deleted_at", 30 * DAY - MINUTE, properties["Neu"])
    await age(state, acme, "note", "deleted_at", 31 * DAY, notes["Alt"])
    before = len(await events(state, acme.agency.id))

    async with untouched(state, rival):
        await run(state, "trash.purge", acme.agency.id)
    assert set(await ids_of(state, acme, "property")) == {"Neu", "Da"}
    assert set(await ids_of(state, acme, "note")) == {"Neu"}
    told = (await events(state, acme.agency.id))[before:]
    # The note's property changed with it.
    assert [event[:2] for event in told] == [
        ("property.purged", "PURGED"),
        ("property.updated", "UPDATED"),
    ]
    first, second = (await rows(state, acme.agency.id, "audit_entry", "seq"))[-2:]
    assert {
        name: first[name] for name in ("actor_id", "actor_name", "action", "operation", "outcome", "request_id")
    } == {
        "actor_id": None,
        "actor_name": "System",
        "action": "PURGE",
        "operation": "trash.purge",
        "outcome": "SUCCESS",
        "request_id": "job-7",
    }
    assert (first["resource_type"], first["resource_id"]) == ("Property", properties["Alt"])
    assert (first["old_values"]["title"], first["new_values"]) == ("Alt", {})
    assert (second["resource_type"], second["resource_id"]) == ("Note", notes["Alt"])

    async with untouched(state, acme, rival):
        entries = len(await rows(state, acme.agency.id, "audit_entry"))
        await run(state, "trash.purge", acme.agency.id)
        assert len(await rows(state, acme.agency.id, "audit_entry")) == entries


async def test_a_record_that_cannot_be_removed_stops_no_other(state: State, acme: Signed) -> None:
    for title in ("Eins", "Zwei", "Drei"):
        await discarded(acme, title=title)
    found = await ids_of(state, acme, "property")
    await age(state, acme, "property", "deleted_at", 31 * DAY, *found.values())
    first, *others = sorted(found.values())
    work = AgencyWork(state, "trash.purge", 7, acme.agency.id)
    async with connected(state.database.logins.admin) as admin:
        await admin.execute("create table keeps (a uuid, b uuid, foreign key (a, b) references property)")
        try:
            await admin.execute("insert into keeps values ($1, $2)", acme.agency.id, first)
            with capture_logs() as logs, pytest.raises(ExceptionGroup) as failed:
                await jobs.JOBS["trash.purge"].function(work)
        finally:
            await admin.execute("drop table keeps")
    assert list((await ids_of(state, acme, "property")).values()) == [first]
    assert [type(error) for error in failed.value.exceptions] == [IntegrityError]
    assert [(line["event"], line["type"], line["id"]) for line in logs] == [
        ("record not purged", "PROPERTY", str(first)),
    ]
    assert len(others) == 2

    await run(state, "trash.purge", acme.agency.id)
    assert await ids_of(state, acme, "property") == {}


async def test_a_purge_that_always_fails_ends(state: State, acme: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_records, "MOST_FAILURES", 2)
    for title in ("Eins", "Zwei", "Drei"):
        await discarded(acme, title=title)
    found = await ids_of(state, acme, "property")
    await age(state, acme, "property", "deleted_at", 31 * DAY, *found.values())
    work = AgencyWork(state, "trash.purge", 7, acme.agency.id)
    async with connected(state.database.logins.admin) as admin:
        await admin.execute("create table keeps (a uuid, b uuid, foreign key (a, b) references property)")
        try:
            await admin.execute("insert into keeps select tenant_id, id from property")
            with capture_logs() as logs, pytest.raises(ExceptionGroup) as failed:
                await jobs.JOBS["trash.purge"].function(work)
        finally:
            await admin.execute("drop table keeps")
    assert (len(logs), len(failed.value.exceptions)) == (2, 2)
    assert await ids_of(state, acme, "property") == found


async def test_what_was_brought_back_meanwhile_stays(state: State, acme: Signed) -> None:
    """Between looking and removing somebody may restore a record: it is looked at again, locked."""
    for title in ("Eins", "Zwei"):
        await discarded(acme, title=title)
    one, two = sorted((await ids_of(state, acme, "property")).values())
    await age(state, acme, "property", "deleted_at", 31 * DAY, one, two)
    async with state.database.write(acme.agency.id) as session:
        connection = await session.connection()
        # The first one is held, so the second is restored before its turn comes.
        await connection.exec_driver_sql("select from property where id = $1 for update", (one,))
        purging = asyncio.create_task(run(state, "trash.purge", acme.agency.id))
        await until(lambda: _waits(state))
        await platform(state, "update property set deleted_at = null where id = $1", two)
        await session.rollback()
    await purging
    assert set((await ids_of(state, acme, "property")).values()) == {two}


async def _waits(state: State) -> bool:
    """Whether somebody waits for a row."""
    found = await platform(state, "select count(*) as waiting from pg_locks where not granted")
    return bool(found[0]["waiting"])


# The stream


async def head(state: State, signed: Signed) -> tuple[int, int]:
    (stream,) = await rows(state, signed.agency.id, "event_stream")
    return stream["min_seq"], stream["last_seq"]


async def seqs(state: State, signed: Signed) -> list[int]:
    return [row["seq"] for row in await rows(state, signed.agency.id, "event_outbox", "seq")]


async def test_the_stream_loses_what_nobody_can_resume_from(state: State, acme: Signed, rival: Signed) -> None:
    for _ in range(3):
        await created(acme)
        await created(rival)
    await age(state, acme, "event_outbox", "at", 7 * DAY + MINUTE, 1, 2)
    await age(state, acme, "event_outbox", "at", 7 * DAY - MINUTE, 3)
    async with untouched(state, rival):
        logs = await run(state, "stream.trim")
    assert [line["count"] for line in logs if line["tenant"] == str(acme.agency.id)] == [2]
    assert [line for line in logs if line["tenant"] == str(rival.agency.id)] == []
    assert (await seqs(state, acme), await head(state, acme)) == ([3], (3, 3))
    # Whoever has seen the last that was removed may go on; whoever has not is told so.
    async with state.database.reads.read(acme.agency.id) as connection:
        stream = await streams.head(connection, acme.agency.id)
    stream.check(Cursor(stream.epoch, 2))
    with pytest.raises(ApiError) as expired:
        stream.check(Cursor(stream.epoch, 1))
    assert expired.value.code is ErrorCode.CURSOR_EXPIRED
    await created(acme)
    assert (await seqs(state, acme), await head(state, acme)) == ([3, 4], (3, 4))


async def test_a_stream_may_become_empty_and_go_on(state: State, acme: Signed) -> None:
    for _ in range(5):
        await created(acme)
    await age(state, acme, "event_outbox", "at", 8 * DAY, *range(1, 6))
    before = now() - 7 * DAY
    assert await upkeep.trim_stream(state.database, acme.agency.id, before, batch=2) == 5
    assert (await seqs(state, acme), await head(state, acme)) == ([], (6, 5))
    assert acme.agency.id not in await upkeep.streams_older_than(state.database, before)
    await created(acme)
    assert (await seqs(state, acme), await head(state, acme)) == ([6], (6, 6))


async def test_what_follows_a_young_event_stays(state: State, acme: Signed) -> None:
    """Clocks of servers differ: a gap in the stream would be worse than an old event."""
    for _ in range(4):
        await created(acme)
    await age(state, acme, "event_outbox", "at", 8 * DAY, 1, 3)
    assert await upkeep.trim_stream(state.database, acme.agency.id, now() - 7 * DAY) == 1
    assert (await seqs(state, acme), await head(state, acme)) == ([2, 3, 4], (2, 4))


async def test_a_stream_whose_head_is_locked_is_not_half_trimmed(state: State, acme: Signed) -> None:
    await created(acme)
    await age(state, acme, "event_outbox", "at", 8 * DAY, 1)
    async with state.database.write(acme.agency.id) as session:
        await (await session.connection()).exec_driver_sql("select 1 from event_stream for update")
        with pytest.raises(Exception, match="lock timeout"):
            await upkeep.trim_stream(state.database, acme.agency.id, now() - 7 * DAY)
    assert (await seqs(state, acme), await head(state, acme)) == ([1], (1, 1))


# Keys, sessions, sign-ins, notes of jobs


async def test_stored_answers_are_forgotten_after_a_day(state: State, acme: Signed) -> None:
    for key in ("old", "young"):
        made = await created(acme)
        await acme.manager(DELETE, _headers={"Idempotency-Key": key}, id=made["id"])
    await age(state, acme, "idempotency_key", "created_at", DAY + MINUTE, "old")
    await age(state, acme, "idempotency_key", "created_at", DAY - MINUTE, "young")
    logs = await run(state, "idempotency.forget")
    assert logs[0]["count"] >= 1
    assert [row["key"] for row in await rows(state, acme.agency.id, "idempotency_key")] == ["young"]


async def test_ended_sessions_are_forgotten_after_a_month(state: State, acme: Signed) -> None:
    people = list(acme.agency.people.values())
    gone, ended, revoked, recent, living = (person.session_id for person in people[:5])
    await age(state, acme, "session", "expires_at", 30 * DAY + MINUTE, gone)
    await age(state, acme, "session", "expires_at", 30 * DAY - MINUTE, ended)
    await age(state, acme, "session", "revoked_at", 30 * DAY + MINUTE, revoked)
    await age(state, acme, "session", "revoked_at", 30 * DAY - MINUTE, recent)
    account, member = people[0].account_id, people[0].id
    marks = [uuid7().bytes for _ in range(2)]
    for mark, past in zip(marks, (30 * DAY + MINUTE, 30 * DAY - MINUTE), strict=True):
        await platform(
            state,
            "insert into token_directory (hash, kind, account_id, tenant, member_id, session_id, issued_at, expires_at)"
            " values ($1, 'REFRESH', $2, $3, $4, $5, now(), now() - $6::interval)",
            *(mark, account, acme.agency.id, member, gone, past),
        )
    recorded = [uuid7(), uuid7()]
    for id, past in zip(recorded, (365 * DAY + MINUTE, 365 * DAY - MINUTE), strict=True):
        await platform(
            state,
            "insert into security_event (id, at, kind, details) values ($1, now() - $2::interval, 'test', '{}')",
            *(id, past),
        )
    await run(state, "sessions.forget")
    left = {row["id"] for row in await rows(state, acme.agency.id, "session")}
    assert left == {ended, recent, living} | {person.session_id for person in people[5:]}
    tokens = await platform(state, "select hash from token_directory where hash = any($1)", marks)
    assert [row["hash"] for row in tokens] == [marks[1]]
    told = await platform(state, "select id from security_event where id = any($1)", recorded)
    assert [row["id"] for row in told] == [recorded[1]]
    # Whose session is there still is who they were.
    assert (await acme.as_(list(acme.agency.people)[4]).data("{ viewer { user { id } } }"))["viewer"] is not None


async def test_counts_of_failures_and_mailed_secrets_are_forgotten(state: State, acme: Signed) -> None:
    account = acme.agency.people[Role.AGENT].account_id
    marks = [uuid7().bytes * 2 for _ in range(4)]
    locks = (None, None, -MINUTE, MINUTE)
    for mark, last, lock in zip(marks, (DAY + MINUTE, DAY - MINUTE, 9 * DAY, 9 * DAY), locks, strict=True):
        await platform(
            state,
            "insert into sign_in_failure values ($1, 5, now() - $2::interval, now() + $3::interval - $4::interval)",
            *(mark, last, lock, DAY),
        )
        await platform(
            state,
            "insert into account_token values ($1, $2, 'PASSWORD_RESET', $3, now(), now() - $4::interval)",
            *(uuid7(), mark, account, last + 29 * DAY),
        )
    await run(state, "sessions.forget")
    counts = await platform(state, "select fingerprint from sign_in_failure where fingerprint = any($1)", marks)
    assert {row["fingerprint"] for row in counts} == {marks[1], marks[3]}
    secrets = await platform(state, "select hash from account_token where account_id = $1", account)
    assert {row["hash"] for row in secrets} == {marks[1]}


async def test_notes_of_jobs_are_forgotten_after_a_month(state: State) -> None:
    name = f"test.noted.{uuid7().hex}"
    (job,) = await platform(
        state,
        "insert into jobs.pgqueuer (priority, status, entrypoint) values (0, 'failed', $1) returning id",
        name,
    )
    for id, past in ((job["id"], 31 * DAY), (-1, 31 * DAY), (-1, 29 * DAY)):
        await platform(
            state,
            "insert into jobs.pgqueuer_log (job_id, status, priority, entrypoint, created)"
            " values ($1, 'failed', 0, $2, now() - $3::interval)",
            *(id, name, past),
        )
        await platform(
            state,
            "insert into jobs.pgqueuer_statistics (count, priority, status, entrypoint, created)"
            " values (1, 0, 'failed', $1, now() - $2::interval) on conflict do nothing",
            *(name, past),
        )
    await run(state, "jobs.forget")
    kept = await platform(
        state, "select job_id, now() - created > '30 days' as old from jobs.pgqueuer_log where entrypoint = $1", name
    )
    assert [(row["job_id"], row["old"]) for row in kept] == [(job["id"], True), (-1, False)]
    counted = await platform(
        state, "select now() - created > '30 days' as old from jobs.pgqueuer_statistics where entrypoint = $1", name
    )
    assert [row["old"] for row in counted] == [False]
    assert [
        row["status"]
        for row in await platform(state, "select status::text from jobs.pgqueuer where id = $1", job["id"])
    ] == ["failed"]
