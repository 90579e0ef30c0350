"""Two locks, one door: each holds without the other, and without both the stranger tests notice.

The locks are switched off on purpose here, the policies in a database of its own.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

import models
import tests.contract.probes  # noqa: F401 - those of all domains are there from here on
from app import compose
from graph.schema import schema
from loaders import visibility
from loaders.sql import STATEMENTS
from resolvers.kit.context import State
from settings import Settings
from storage.bus import Bus
from storage.database import Database, ReadPool, dsn
from storage.ratelimits import RateLimiter
from storage.tokens import Tokens
from tests.conftest import TEMPLATE, Client, Signed
from tests.contract.strangers import NODES_MADE, PROBES, Leak, World, intrude, new_property
from tests.factories import connected, make_agency

# Probes that stay quiet without both locks, because they never ask for a row of the kind the predicates are about.
BEYOND_THE_LOCKS = {
    "Query.employees(search)": "the search door names the tenant itself",
    **dict.fromkeys(
        ("Mutation.authLogin(tenantId)", "Mutation.authSwitchTenant(tenantId)"),
        "decided by the sign-in directory, which has no policy",
    ),
    "Mutation.authLogout(refreshToken)": "the statement names tenant and member",
    "Mutation.authRefresh": "the session belongs to the token",
    "Mutation.propertyCreate(input.contactPersons.id)": "compared with the persons of a new property: none",
    "Mutation.propertyUpdate(input.contactPersons.id)": "compared with the persons of the own property",
    "Query.streamCursor": "one row per agency, by the agency's key",
    "Mutation.tenantUpdate": "one row per agency, by the agency's key",
    "Query.tenant": "one row per agency, by the agency's key",
    **dict.fromkeys(
        (
            "Mutation.avatarRemove",
            "Mutation.profileUpdate",
            "Query.node(id) Session",
            "Query.nodes(ids) Session",
            "Query.viewer",
        ),
        "rows by the keys of the session",
    ),
    **dict.fromkeys(
        (
            "Mutation.auditExport",
            "Mutation.boardUpdate(input.columns.id)",
            "Mutation.commentUpdate(text)",
            "Mutation.taskCommentAdd(text)",
            "Mutation.taskCreate(input.assigneeId)",
            "Mutation.taskCreate(input.boardId)",
            "Mutation.taskMove(input.boardId)",
            "Mutation.taskUpdate(input.assigneeId)",
            "Mutation.tasksUpdate(input.assigneeId)",
            "Query.auditVerify",
        ),
        "the statement names the agency itself",
    ),
    **dict.fromkeys(
        (
            "Mutation.boardColumnAdd(input.id)",
            "Mutation.boardColumnDelete(moveTasksToId)",
            "Mutation.boardColumnUpdate(input.id)",
            "Mutation.boardColumnsReorder(columnIds)",
            "Mutation.boardCreate(input.columns.id)",
            "Mutation.taskCommentAdd(parentId)",
            "Mutation.taskCreate(input.subtasks.id)",
            "Mutation.taskSubtasksReorder(subtaskIds)",
            "Mutation.taskUpdate(input.subtasks.id)",
            "Mutation.teamMembersRemove(userIds)",
        ),
        "compared with the parts of the own record",
    ),
    **dict.fromkeys(
        (
            "Subscription.auditRecorded(after)",
            "Subscription.boardChanged(after)",
            "Subscription.boardChanged(boardId)",
            "Subscription.taskChanged(after)",
            "Subscription.taskChanged(boardId)",
            "Subscription.taskChanged(taskId)",
            "Subscription.teamChanged(after)",
            "Subscription.tenantChanged(after)",
            "Subscription.viewerChanged(after)",
        ),
        "the stream is read by the agency's key",
    ),
    "Subscription.propertyChanged(after)": "the stream is read by the agency's key and has an epoch of its own",
    "Subscription.propertyChanged(ids)": "the stream is read by the agency's key",
}


# --- switching locks off ---------------------------------------------------------------------------------------------


def _without_tenant(*args: Any, **kwargs: Any) -> list[Any]:
    found = _PREDICATES(*args, **kwargs)
    assert "tenant_id" in str(found[0])
    return found[1:]


_PREDICATES = visibility.predicates


@contextmanager
def predicates_off() -> Iterator[int]:
    """Forget the tenant in every statement of ours. Answers how many modules build statements with it."""
    modules = [
        module
        for module in list(sys.modules.values())
        if getattr(module, "__dict__", {}).get("predicates") is _PREDICATES
    ]
    STATEMENTS._entries.clear()
    for module in modules:
        module.predicates = _without_tenant  # type: ignore[attr-defined]
    try:
        yield len(modules)
    finally:
        for module in modules:
            module.predicates = _PREDICATES  # type: ignore[attr-defined]
        STATEMENTS._entries.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_settings(settings: Settings) -> AsyncIterator[Settings]:
    """A copy of the database whose policies are switched off."""
    here = make_url(settings.database_url)
    name = f"{here.database}_open"
    async with connected(here.set(database="postgres")) as connection:
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name} template {TEMPLATE}")
    found = settings.model_copy(update={"database_url": dsn(here.set(database=name))})
    async with connected(found.database_url) as connection:
        tables = await connection.fetch("select relname from pg_class where relkind = 'r' and relrowsecurity")
        for row in tables:
            await connection.execute(f"alter table {row['relname']} disable row level security")
    yield found
    async with connected(here.set(database="postgres")) as connection:
        await connection.execute(f"drop database {name} with (force)")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[World, Signed, Signed]]:
    """The application over a database, with two agencies."""
    state = State(settings, await Database.open(settings), RateLimiter(settings), Bus(settings), Tokens(settings))

    @asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        yield state

    app = compose(settings, schema._schema, opening)
    try:
        async with connected(settings.database_url) as admin, app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50_000))
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
                acme = Signed(await make_agency(state, "Acme"), http)
                rival = Signed(await make_agency(state, "Rival"), http)
                yield World(state, admin, Client(http, None)), acme, rival
    finally:
        await state.limiter.close()
        await state.database.close()


async def leaks(world: World, acme: Signed, rival: Signed) -> set[str]:
    """Names of the probes by which a stranger notices or changes something."""
    found = set()
    for name, probe in PROBES.items():
        try:
            await intrude(probe, world, acme, rival)
        except Leak:
            found.add(name)
    return found


async def rows_seen(world: World, acme: Signed, rival: Signed) -> int:
    """How many properties of the other agency a stranger lists."""
    own = await new_property(world, acme)
    seen = await rival.owner("{ properties(first: 100) { nodes { id } } }")
    return Counter(node["id"] for node in seen["data"]["properties"]["nodes"])[own]


async def test_with_the_policies_off_the_predicate_holds(open_settings: Settings) -> None:
    async with running(open_settings) as (world, acme, rival):
        table = models.metadata.tables["property"]
        await new_property(world, acme)
        async with world.state.database.reads.read(rival.agency.id) as connection:
            # The lock is really off: a statement that forgets its tenant sees everything.
            assert await connection.fetchval(f"select count(*) > 0 from {table.name}")
        assert await rows_seen(world, acme, rival) == 0
        assert await leaks(world, acme, rival) == set()


async def test_with_the_predicates_off_the_policy_holds(settings: Settings) -> None:
    async with running(settings) as (world, acme, rival):
        with predicates_off() as modules:
            assert modules >= 4  # loaders, commands, streams, resolvers
            assert await rows_seen(world, acme, rival) == 0
            assert await leaks(world, acme, rival) == set()


async def test_with_both_off_the_stranger_tests_go_red(open_settings: Settings) -> None:
    async with running(open_settings) as (world, acme, rival):
        with predicates_off():
            assert await rows_seen(world, acme, rival) == 1
            assert await leaks(world, acme, rival) == set(PROBES) - set(BEYOND_THE_LOCKS)


# --- the read pool ---------------------------------------------------------------------------------------------------

OWNERS = "select distinct tenant_id from property"


@pytest_asyncio.fixture
async def pool(state: State) -> AsyncIterator[ReadPool]:
    found = ReadPool(state.database.logins.app, 2)
    yield found
    await found.close()


async def test_parallel_reads_of_two_tenants_never_mix(
    pool: ReadPool, state: State, acme: Signed, rival: Signed
) -> None:
    for signed in (acme, rival):
        await signed.owner.data(
            'mutation { propertyCreate(input: { title: "Haus", type: HOUSE }) { property { id } } }'
        )
    pids = set()

    async def look(tenant: UUID) -> list[UUID]:
        async with pool.read(tenant) as connection:
            pids.add(connection.get_server_pid())
            await asyncio.sleep(0)
            return [row["tenant_id"] for row in await connection.fetch(OWNERS)]

    tenants = [acme.agency.id, rival.agency.id] * 100
    assert await asyncio.gather(*(look(tenant) for tenant in tenants)) == [[tenant] for tenant in tenants]
    assert len(pids) == 2


async def test_a_connection_is_dropped_after_an_error(pool: ReadPool, acme: Signed, rival: Signed) -> None:
    async with pool.read(acme.agency.id) as connection:
        first = connection.get_server_pid()
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with pool.read(acme.agency.id) as connection:
            await connection.fetch("select 1/0")
    async with pool.read(rival.agency.id) as connection:
        assert connection.get_server_pid() != first
        assert await connection.fetchval("select current_setting('app.tenant_id')") == str(rival.agency.id)


async def test_a_connection_is_dropped_when_its_reader_is_cancelled(pool: ReadPool, acme: Signed) -> None:
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def slow() -> None:
        async with pool.read(acme.agency.id) as connection:
            started.set_result(connection.get_server_pid())
            await connection.fetch("select pg_sleep(30)")

    task = asyncio.create_task(slow())
    cancelled = await started
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with pool.read(acme.agency.id) as connection:
        assert connection.get_server_pid() != cancelled
        assert await connection.fetchval("select 1") == 1


async def test_a_connection_bound_to_one_tenant_is_bound_anew_for_another(
    state: State, acme: Signed, rival: Signed
) -> None:
    pool = ReadPool(state.database.logins.app, 1)
    for signed in (acme, rival, rival, acme):
        async with pool.read(signed.agency.id) as connection:
            assert await connection.fetchval("select app.current_tenant()") == signed.agency.id
            assert [row["id"] for row in await connection.fetch("select id from tenant")] == [signed.agency.id]
    await pool.close()


async def test_the_read_pool_only_reads(pool: ReadPool, acme: Signed) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with pool.read(acme.agency.id) as connection:
            await connection.execute("update tenant set name = 'x'")


# --- without a tenant, and the write session -------------------------------------------------------------------------


async def secured_tables(admin_url: str) -> list[str]:
    async with connected(admin_url) as connection:
        return [
            row[0]
            for row in await connection.fetch(
                "select relname from pg_class where relrowsecurity and relkind = 'r' order by relname"
            )
        ]


@pytest.mark.parametrize("setting", [None, ""])
async def test_without_a_tenant_no_row_is_seen_or_written(
    setting: str | None, settings: Settings, state: State, acme: Signed
) -> None:
    tables = await secured_tables(settings.database_url)
    assert {"tenant", "property", "event_outbox", "audit_entry"} <= set(tables)
    async with connected(state.database.logins.app) as connection:
        if setting is not None:
            await connection.execute("select set_config('app.tenant_id', $1, false)", setting)
        counts = {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}
        assert counts == dict.fromkeys(tables, 0)
        assert await connection.execute("update property set title = 'x'") == "UPDATE 0"
        assert await connection.execute("delete from note") == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "insert into number_sequence (tenant_id, name, last) values ($1, 'x', 1)", acme.agency.id
            )


async def _tenants(session: Any) -> list[UUID]:
    return list((await session.execute(text("select id from tenant"))).scalars())


async def test_a_write_session_is_bound_again_in_every_transaction(state: State, acme: Signed) -> None:
    own = [acme.agency.id]
    async with state.database.write(acme.agency.id) as session:
        assert await _tenants(session) == own
        await session.commit()
        assert await _tenants(session) == own
        await session.rollback()
        assert await _tenants(session) == own
        with pytest.raises(DBAPIError):
            await session.execute(text("select 1/0"))
        await session.rollback()
        assert await _tenants(session) == own


async def test_a_tenant_does_not_stay_on_a_connection_of_the_write_pool(state: State, acme: Signed) -> None:
    async with state.database.write(acme.agency.id) as session:
        assert await _tenants(session) == [acme.agency.id]
        await session.commit()
    for _ in range(state.settings.write_pool_size * 2):
        async with state.database.directory() as session:
            assert await _tenants(session) == []


async def test_parallel_write_sessions_never_mix(state: State, acme: Signed, rival: Signed) -> None:
    async def twice(tenant: UUID) -> list[list[UUID]]:
        async with state.database.write(tenant) as session:
            first = await _tenants(session)
            await session.commit()
            return [first, await _tenants(session)]

    tenants = [acme.agency.id, rival.agency.id] * 30
    assert await asyncio.gather(*(twice(tenant) for tenant in tenants)) == [[[tenant], [tenant]] for tenant in tenants]


async def test_a_row_of_another_tenant_cannot_be_written(state: State, acme: Signed, rival: Signed) -> None:
    async with state.database.write(rival.agency.id) as session:
        session.add(models.NumberSequence(tenant_id=acme.agency.id, name="x", last=1))
        with pytest.raises(DBAPIError) as refused:
            await session.flush()
    assert refused.value.orig.sqlstate == "42501"
    async with state.database.write(rival.agency.id) as session:
        moved = await session.execute(
            text("update tenant set name = 'x' where id = :id returning id"), {"id": acme.agency.id}
        )
        assert list(moved.scalars()) == []


async def test_a_row_cannot_refer_to_another_tenants_row(state: State, acme: Signed, rival: Signed) -> None:
    """Even a resolver that checks nothing: the composite key finds no such row."""
    foreign = next(iter(acme.agency.people.values())).id
    async with state.database.write(rival.agency.id) as session:
        session.add(models.Session(tenant_id=rival.agency.id, member_id=foreign, expires_at=models.base.now()))
        with pytest.raises(DBAPIError) as refused:
            await session.flush()
    assert refused.value.orig.sqlstate == "23503"


async def test_full_text_search_stays_inside_the_agency(state: State, acme: Signed, rival: Signed) -> None:
    """The search function runs as a role that sees every row; the tenant is written out inside it."""
    assert "Property" in NODES_MADE
    document = 'mutation { propertyCreate(input: { title: "Einzigartigeswort", type: HOUSE }) { property { id } } }'
    ids = {}
    for signed in (acme, rival):
        await signed.owner.data(document)
        found = await signed.owner.data('{ properties(filter: { search: "einzigartigeswort" }) { nodes { id } } }')
        ids[signed.agency.id] = [node["id"] for node in found["properties"]["nodes"]]
    assert [len(found) for found in ids.values()] == [1, 1]
    assert ids[acme.agency.id] != ids[rival.agency.id]
    async with connected(state.database.logins.app) as connection:
        sql = "select app.search_property('einzigartigeswort')"
        assert await connection.fetch(sql) == []
        for tenant in ids:
            await connection.execute("select set_config('app.tenant_id', $1, false)", str(tenant))
            assert len(await connection.fetch(sql)) == 1
