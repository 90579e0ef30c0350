"""The pool of readers: never more connections than its size, each for one agency at a time, nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from domain.properties import PropertyStatus
from resolvers.kit.context import State
from resolvers.kit.filters import DecimalFilter, EnumFilter, StringFilter, condition
from resolvers.properties import PropertyFilter
from settings import Settings
from storage.database import ReadPool
from tests.conftest import Signed
from tests.factories import connected

BOUND = "select current_setting('app.tenant_id')"


@pytest_asyncio.fixture
async def pool(state: State) -> AsyncIterator[ReadPool]:
    found = ReadPool(state.database.logins.app, 2)
    yield found
    assert found.in_use == 0
    await found.close()


async def bound_to(pool: ReadPool, tenant: UUID) -> tuple[int, str]:
    """Which connection served, and for whom it was set."""
    async with pool.read(tenant) as connection:
        return connection.get_server_pid(), await connection.fetchval(BOUND)


async def test_a_connection_is_set_for_whoever_reads(pool: ReadPool, acme: Signed, rival: Signed) -> None:
    tenants = [(acme, rival)[n % 2].agency.id for n in range(40)]
    found = await asyncio.gather(*(bound_to(pool, tenant) for tenant in tenants))
    assert [tenant for _, tenant in found] == [str(tenant) for tenant in tenants]
    assert len({pid for pid, _ in found}) == 2


async def test_each_agency_keeps_its_connection_while_there_is_room(
    pool: ReadPool, acme: Signed, rival: Signed
) -> None:
    first, second = await bound_to(pool, acme.agency.id), await bound_to(pool, rival.agency.id)
    assert first[0] != second[0]
    for _ in range(3):
        assert await bound_to(pool, acme.agency.id) == first
        assert await bound_to(pool, rival.agency.id) == second


async def test_who_waits_for_the_same_agency_is_next(pool: ReadPool, acme: Signed, rival: Signed) -> None:
    order: list[str] = []

    async def read(name: str, tenant: UUID) -> None:
        async with pool.read(tenant):
            order.append(name)

    async with pool.read(acme.agency.id), pool.read(acme.agency.id):
        waiting = [
            asyncio.ensure_future(read("rival", rival.agency.id)),
            asyncio.ensure_future(read("acme", acme.agency.id)),
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == ["acme", "rival"]


async def test_who_waited_long_enough_is_next(
    pool: ReadPool, acme: Signed, rival: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReadPool, "PATIENCE", 0.0)
    order: list[str] = []

    async def read(name: str, tenant: UUID) -> None:
        async with pool.read(tenant):
            order.append(name)

    async with pool.read(acme.agency.id):
        async with pool.read(acme.agency.id):
            waiting = [
                asyncio.ensure_future(read("rival", rival.agency.id)),
                asyncio.ensure_future(read("acme", acme.agency.id)),
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
    assert order == ["rival", "acme"]


async def test_who_gives_up_waiting_leaves_the_place_to_others(pool: ReadPool, acme: Signed) -> None:
    async def read() -> str:
        return (await bound_to(pool, acme.agency.id))[1]

    async with pool.read(acme.agency.id), pool.read(acme.agency.id):
        gone, stays = asyncio.ensure_future(read()), asyncio.ensure_future(read())
        await asyncio.sleep(0)
        gone.cancel()
    assert await stays == str(acme.agency.id)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert pool.in_use == 0


async def test_given_a_place_and_cancelled_at_once(pool: ReadPool, acme: Signed) -> None:
    async def read() -> str:
        return (await bound_to(pool, acme.agency.id))[1]

    async with pool.read(acme.agency.id), pool.read(acme.agency.id):
        gone = asyncio.ensure_future(read())
        await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert (pool.in_use, await read()) == (0, str(acme.agency.id))


async def test_after_an_error_the_connection_is_gone(pool: ReadPool, acme: Signed) -> None:
    kept: list[Any] = []

    async def fail() -> None:
        async with pool.read(acme.agency.id) as connection:
            kept.append(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert kept[0].is_closed()
    assert (await bound_to(pool, acme.agency.id))[1] == str(acme.agency.id)


async def test_a_statement_whose_client_is_cut_off_ends(pool: ReadPool, acme: Signed, settings: Settings) -> None:
    """Nobody tells the database to stop, as when a server is killed: it has to notice by itself that nobody listens."""
    begun: asyncio.Future[asyncpg.Connection[Any]] = asyncio.get_running_loop().create_future()
    async with connected(settings.database_url) as admin:

        async def sleep() -> None:
            async with pool.read(acme.agency.id) as connection:
                begun.set_result(connection)
                await connection.fetchval("select pg_sleep(12)")

        async def until(expected: list[str]) -> None:
            """Wait until that is what the connection's process in the database is running."""
            query = "select query from pg_stat_activity where pid = $1 and state = 'active'"
            while [row["query"] for row in await admin.fetch(query, server)] != expected:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.02)

        sleeping = asyncio.ensure_future(sleep())
        connection = await begun
        server = connection.get_server_pid()
        async with asyncio.timeout(3):
            await until(["select pg_sleep(12)"])
        connection.terminate()
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await sleeping
        async with asyncio.timeout(3):
            await until([])


async def test_a_statement_whose_connection_is_ended_by_the_database_is_read_again(
    pool: ReadPool, acme: Signed, settings: Settings
) -> None:
    """As when the database is restarted, or fails over: what only reads may be asked twice."""
    text = "select pg_backend_pid() as server, pg_sleep(0.5)"
    reading = asyncio.ensure_future(pool.fetch(acme.agency.id, text, [], asyncpg.Record))
    running = "select pid from pg_stat_activity where query = $1 and state = 'active'"
    async with connected(settings.database_url) as admin, asyncio.timeout(5):
        while (first := await admin.fetchval(running, text)) is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        assert await admin.fetchval("select pg_terminate_backend($1)", first)
        ((second, _),) = await reading
    assert second != first


async def test_statements_of_ranges_are_planned_for_their_values(pool: ReadPool, acme: Signed) -> None:
    """Whatever the connection was used for before, and for the same agency."""
    found = []
    for one_plan in (True, False, False, True):
        ((mode,),) = await pool.fetch(
            acme.agency.id, "select current_setting('plan_cache_mode')", [], asyncpg.Record, one_plan=one_plan
        )
        found.append(mode)
    assert found == ["force_generic_plan", "auto", "auto", "force_generic_plan"]


@pytest.mark.parametrize(
    ("given", "one_plan"),
    [
        (None, True),
        (PropertyFilter(status=EnumFilter(eq=PropertyStatus.SOLD)), True),
        (PropertyFilter(city=StringFilter(in_=["Köln", "Bonn"])), True),
        (PropertyFilter(city=StringFilter(starts_with="K")), False),
        (PropertyFilter(price=DecimalFilter(gte="1.00")), False),
        (PropertyFilter(and_=[PropertyFilter(price=DecimalFilter(between=["1.00", "2.00"]))]), False),
        (PropertyFilter(search="Altbau"), False),
    ],
)
def test_a_filter_that_may_find_few_rows_or_all_gets_its_own_plan(given: PropertyFilter | None, one_plan: bool) -> None:
    assert condition(given).one_plan is one_plan
    assert condition(given).prefixed("l0_").one_plan is one_plan
