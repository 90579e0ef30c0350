"""Faults: whatever surprises the planned executor, the answer is whole, and what was counted is counted once."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from domain.access import Role
from graph.engine import planned as planned_module
from graph.engine import values as values_module
from graph.engine.operations import Answer
from graph.engine.planner import Planner
from graph.engine.shapes import Code, Unexpected
from graph.engine.steps import Execution, ListPlace, ListStep, LookupStep
from resolvers import platform
from resolvers.kit.context import State
from settings import RateLimits, Settings
from storage.database import Database, ReadPool
from storage.ratelimits import RateLimiter
from tests.conftest import PLENTY
from tests.engine.executors import Executors, engines, told
from tests.engine.story import CREATE, Teller
from tests.engine.world import World
from tests.factories import connected, make_agency, property_input
from tests.graph.world import events, rows

TEXT = """query ($id: ID!) { streamCursor property(id: $id) { id title notes(first: 2) { nodes { id body } totalCount }
  contactPersons { name } assignedAgent { name } } properties(first: 3) { nodes { id } totalCount }
  tenant { id usage { activeUsers } } trash(first: 2) { totalCount nodes { id deletedBy { id } } pageMeta { total } }
  node(id: $id) { id ... on Property { title } } viewer { user { id } tenant { id } } }"""

ERRORS: list[Callable[[], Exception]] = [
    lambda: Unexpected("a fault of the test"),
    lambda: RuntimeError("a fault of the test"),
    lambda: KeyError("fault"),
    lambda: RecursionError(),
    lambda: asyncpg.DataError("a fault of the test"),
    lambda: asyncpg.ConnectionDoesNotExistError("a fault of the test"),
    lambda: asyncpg.UndefinedColumnError("a fault of the test"),
    lambda: OSError("a fault of the test"),
]
# Where it can go wrong: when the plan is made, when arguments are read, when rows are read, when they are shown.
PLACES: list[tuple[Any, str]] = [
    (Planner, "step"),
    (Planner, "rows"),
    (Code, "function"),
    (planned_module, "put_output"),
    (ListPlace, "bind"),
    (ListStep, "bind"),
    (LookupStep, "bind"),
    (LookupStep, "run"),
    (ListStep, "run"),
    (Execution, "fetch"),
    (values_module, "read_by_ids"),
]


def raising(error: Callable[[], Exception]) -> Any:
    def fail(*_args: Any, **_kwargs: Any) -> Any:
        raise error()

    return fail


@pytest.fixture
def fresh(world: World) -> Executors:
    """Executors that have planned nothing yet."""
    return Executors.of(world)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0].__name__}.{place[1]}")
async def test_a_fault_at_any_place_leaves_the_answer_to_the_reference(
    fresh: Executors, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str]
) -> None:
    variables = {"id": fresh.world.ids["Property"][0]}
    before = await fresh.compare(TEXT, variables, Role.AGENT)
    for error in ERRORS:
        with monkeypatch.context() as patched:
            patched.setattr(*place, raising(error))
            answer = await Executors.of(fresh.world).compare(TEXT, variables, Role.AGENT, planned=False)
            assert answer.body["data"] == before.body["data"]
    assert (await fresh.compare(TEXT, variables, Role.AGENT)).planned


async def test_what_was_begun_is_not_left_behind(fresh: Executors, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that fails takes the ones waiting behind it along: a forgotten coroutine would be a warning."""
    count, calls = platform.trash_count, [0]

    async def fail_once(*args: Any) -> int:
        calls[0] += 1
        if calls[0] == 1:
            raise RuntimeError("a fault of the test")
        return await count(*args)

    monkeypatch.setattr(platform, "trash_count", fail_once)
    text = "{ trash(page: { size: 2 }) { totalCount t: totalCount pageMeta { total } nodes { id } } }"
    await fresh.compare(text, {}, Role.OWNER, planned=False)
    gc.collect()
    assert calls[0] > 1


# --- statements that take too long -----------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def alone(world: World, settings: Settings) -> AsyncIterator[Executors]:
    """Executors over connections that nobody else uses."""
    database = await Database.open(settings)
    yield Executors.of(replace(world, state=replace(world.state, database=database)))
    await database.close()


@pytest.fixture
def hasty(alone: Executors, monkeypatch: pytest.MonkeyPatch) -> Executors:
    """Executors over connections whose statements may take a moment only."""
    connect = ReadPool._connect

    async def connect_hasty(self: ReadPool) -> asyncpg.Connection:
        connection = await connect(self)
        await connection.execute("set statement_timeout = '250ms'")
        return connection

    monkeypatch.setattr(ReadPool, "_connect", connect_hasty)
    return alone


@asynccontextmanager
async def locked(settings: Settings, table: str) -> AsyncIterator[None]:
    """Nobody reads the table meanwhile."""
    async with connected(make_url(settings.database_url)) as connection, connection.transaction():
        await connection.execute(f"lock table {table} in access exclusive mode")
        yield


def codes(answer: Answer) -> list[tuple[str, list[Any]]]:
    """Code and path of every error, by path."""
    return sorted(
        ((error["extensions"]["code"], error["path"]) for error in told(answer.body)), key=lambda pair: pair[1]
    )


async def test_a_statement_that_takes_too_long_is_told_at_its_root_field(hasty: Executors, settings: Settings) -> None:
    """Its field is null, the others are answered; nothing half read is shown, and nothing is tried a second time."""
    text = """query ($id: ID!, $note: ID!) { streamCursor
      property(id: $id) { id notes { totalCount } } plain: property(id: $id) { id }
      node(id: $note) { id } tenant { id } viewer { user { id } } }"""
    variables = {"id": hasty.world.ids["Property"][0], "note": hasty.world.ids["Note"][0]}
    calm = (await hasty.compare(text, variables, Role.AGENT)).body["data"]
    assert None not in calm.values()
    async with locked(settings, "note"):
        answer, _ = await hasty.answers(text, variables, Role.AGENT)
    assert answer.planned
    assert orjson.loads(orjson.dumps(answer.body["data"])) == calm | {"property": None, "node": None}
    assert codes(answer) == [("QUERY_TOO_COMPLEX", ["node"]), ("QUERY_TOO_COMPLEX", ["property"])]
    assert {error["path"][0]: error["locations"] for error in told(answer.body)} == {
        "property": [{"line": 2, "column": 7}],
        "node": [{"line": 3, "column": 7}],
    }
    assert (await hasty.compare(text, variables, Role.AGENT)).body["data"] == calm


@pytest.mark.parametrize(
    ("table", "text", "path"),
    [
        ("note", "{ properties(first: 2) { nodes { notes { totalCount } } } tenant { id } }", ["properties"]),
        ("property", "{ tenant { id } a: properties { totalCount } }", ["a"]),
        ("note", "{ trash { totalCount } tenant { id } }", ["trash"]),
        ("note", "query ($note: ID!) { nodes(ids: [$note]) { id } tenant { id } }", ["nodes"]),
    ],
)
async def test_a_field_that_may_not_be_null_takes_the_answer_along(
    hasty: Executors, settings: Settings, table: str, text: str, path: list[str]
) -> None:
    async with locked(settings, table):
        answer, _ = await hasty.answers(text, {"note": hasty.world.ids["Note"][0]}, Role.AGENT)
    assert answer.planned
    assert answer.body["data"] is None
    assert codes(answer) == [("QUERY_TOO_COMPLEX", path)]
    gc.collect()


async def test_the_position_is_told_when_the_statement_that_reads_it_takes_too_long(
    hasty: Executors, settings: Settings
) -> None:
    text = "query ($id: ID!) { property(id: $id) { notes { totalCount } } streamCursor }"
    variables = {"id": hasty.world.ids["Property"][0]}
    calm = (await hasty.compare(text, variables, Role.AGENT)).body["data"]
    async with locked(settings, "note"):
        answer, _ = await hasty.answers(text, variables, Role.AGENT)
    assert answer.body["data"] == {"property": None, "streamCursor": calm["streamCursor"]}
    assert codes(answer) == [("QUERY_TOO_COMPLEX", ["property"])]


async def test_a_payload_that_takes_too_long_leaves_the_change_done_once(hasty: Executors, settings: Settings) -> None:
    state = hasty.world.state
    teller = Teller(state, hasty.planned, await make_agency(state, "Eins"))
    id = (await teller.send(CREATE, input=property_input()))["propertyCreate"]["property"]["id"]
    text = """mutation ($id: ID!) { propertyUpdate(id: $id, input: { title: "Neu" }) { userErrors { code }
      property { title notes { totalCount } } } }"""
    before = await events(state, teller.agency.id)
    async with locked(settings, "note"):
        answer = await teller.ask(text, id=id)
    assert answer.body["data"] == {"propertyUpdate": {"userErrors": [], "property": {"title": "Neu", "notes": None}}}
    assert codes(answer) == [("QUERY_TOO_COMPLEX", ["propertyUpdate", "property", "notes"])]
    assert [row["version"] for row in await rows(state, teller.agency.id, "property")] == [2]
    assert len(await events(state, teller.agency.id)) == len(before) + 1


async def test_a_connection_that_broke_meanwhile_is_replaced(alone: Executors, settings: Settings) -> None:
    """The only idle connection is cut: noticed or not, the answer comes over a new one."""
    text, variables = "query ($id: ID!) { property(id: $id) { id title } }", {"id": alone.world.ids["Property"][0]}
    before = await alone.compare(text, variables, Role.AGENT)
    async with alone.world.state.database.reads.read(alone.world.acme.id) as reading:
        pid = reading.get_server_pid()
    async with connected(make_url(settings.database_url)) as connection:
        assert await connection.fetchval("select pg_terminate_backend($1)", pid)
    answer, _ = await alone.answers(text, variables, Role.AGENT)
    assert orjson.loads(orjson.dumps(answer.body["data"])) == before.body["data"]
    assert (await alone.compare(text, variables, Role.AGENT)).planned


# --- rates -----------------------------------------------------------------------------------------------------------

TWO = """query ($id: ID!, $filter: PropertyFilter) { property(id: $id) { id }
  list: properties(first: 1, filter: $filter) { totalCount } tenant { id } viewer { user { id } } }"""
ONE_AFTER_ANOTHER = """query ($id: ID!) { a: property(id: $id) { id } b: property(id: $id) { title } tenant { id }
  c: property(id: $id) { status } }"""


def with_rate(both: Executors, rate: str) -> Executors:
    """The same world with a limit for reading."""
    state: State = both.world.state
    rates = RateLimits(**dict.fromkeys(RateLimits.model_fields, PLENTY) | {"read": rate})
    settings = state.settings.model_copy(update={"rate_limits": rates})
    return Executors(
        replace(both.world, state=replace(state, settings=settings, limiter=RateLimiter(settings))), *engines(settings)
    )


async def consumed(both: Executors) -> tuple[int, int]:
    """How often properties and the rest were counted."""
    tenant = both.world.acme.id
    found = []
    for resource in ("property", "other"):
        allowance = await both.world.state.limiter.hit("read", f"{tenant}:{resource}")
        found.append(allowance.limit - allowance.remaining - 1)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("place", "given"),
    [
        (None, {}),
        (None, {"filter": {"price": {"eq": "x"}}}),  # the plan gives up before anything is counted
        (None, {"filter": {"unknown": 1}}),  # nothing is executed
        ((Execution, "fetch"), {}),
        ((LookupStep, "run"), {}),
        ((ListStep, "bind"), {}),
        ((Planner, "rows"), {}),
    ],
)
async def test_every_root_field_is_counted_once(
    both: Executors, monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str] | None, given: dict[str, Any]
) -> None:
    if place is not None:
        monkeypatch.setattr(*place, raising(lambda: Unexpected("a fault of the test")))
    variables = {"id": both.world.ids["Property"][0], **given}
    counted = []
    for number in range(2):
        limited = with_rate(both, "100/minute")
        (await limited.answers(TWO, variables, Role.AGENT))[number]
        counted.append(await consumed(limited))
    assert counted[0] == counted[1] == ((0, 0) if "unknown" in str(given) else (4, 2))


async def test_a_rate_used_up_half_way_refuses_the_same_fields(both: Executors) -> None:
    """Two of three root fields are within the limit: those are answered, whoever answers."""
    variables = {"id": both.world.ids["Property"][0]}
    for rate in ("1/minute", "2/minute", "3/minute"):
        found = []
        for reference in (False, True):
            limited = with_rate(both, rate)
            only = replace(limited, **{"planned": limited.reference} if reference else {"reference": limited.planned})
            first, _ = await only.answers(ONE_AFTER_ANOTHER, variables, Role.AGENT)
            found.append((orjson.loads(orjson.dumps(first.body["data"])), codes(first), first.retry_after is None))
        assert found[0] == found[1], rate
