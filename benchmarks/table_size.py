"""Cost grows with the answer, not with the table: an agency of 1,000 properties beside one of 1,000,000 in one table.

    python3 dev.py bench table_size [--rows N] [--plans]

Through our server: first pages, pages behind a cursor 100,000 rows deep, every order that has an index, filters; all
without counting. Latency and CPU of server and database may be at most 1.5 times those of the small agency. Then what
counts: `totalCount` and the page form take at most twice a bare `count(*)` with the same condition. Then the plan of
every statement that was run, for its values and in general: an order that has an index never reads the whole table.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
import uvloop
from _agencies import Agency, add_many_properties, add_properties, make_agency, settle
from _load import Broken, Cluster, Connection, Load, Program, connected, cycled, measured, post
from _server import fresh_database
from screens import DOCUMENTS, OURS, answer, our_server, running

from app import compose, opened
from graph.kit.connection import scope_of
from graph.schema import schema
from loaders.base import NO_FILTER
from loaders.paging import OrderKey, encode_cursor
from resolvers.kit.context import State
from resolvers.kit.ids import encode_id
from resolvers.properties.filters import PropertyOrder
from settings import RateLimits, Settings
from storage.database import ReadPool, dsn, logins

SMALL = 1_000
PAGE = 50
MOST_RATIO, MOST_COUNT = 1.5, 2.0
ROUNDS, REQUESTS, CURSORS = 20, 10, 20
PATIENCE = 20.0  # seconds per case
COUNTS = 7  # repetitions of a count; the median counts

LIST = (DOCUMENTS / "PropertyList.graphql").read_text()
NODES = LIST[LIST.index("nodes {") : LIST.index("pageMeta")]
PAGE_OF = (
    "query Page($first: Int, $after: String, $filter: PropertyFilter, $orderBy: [PropertyOrder!]) {"
    f" properties(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {{ {NODES}"
    " pageInfo { hasNextPage endCursor } } }"
)
TOTAL = "query Total($filter: PropertyFilter) { properties(first: 1, filter: $filter) { totalCount nodes { id } } }"

# Order field → its column. Those with an index, see models/properties.py.
ORDERS = {
    "CREATED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "TITLE": "title_key",
    "PRICE": "price",
    "LIVING_AREA": "living_area",
}
# A filter and the same in SQL. Each finds more than a page even among the thousand.
FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "status": ({"status": {"eq": "AVAILABLE"}}, "status = 'AVAILABLE'"),
    "status, rarer": ({"status": {"eq": "RESERVED"}}, "status = 'RESERVED'"),
    "city": ({"city": {"eq": "Berlin"}}, "city = 'Berlin'"),
    "postal code": ({"postalCode": {"eq": "80331"}}, "postal_code = '80331'"),
    "type": ({"type": {"eq": "APARTMENT"}}, "type = 'APARTMENT'"),
    "price between": ({"price": {"between": ["200000", "700000"]}}, "price between 20000000 and 70000000"),
    "living area at least": ({"livingArea": {"gte": "200"}}, "living_area >= 20000"),
    "built since": ({"yearBuilt": {"gte": 1980}}, "year_built >= 1980"),
    "status and price": (
        {"status": {"eq": "AVAILABLE"}, "price": {"gte": "300000"}},
        "status = 'AVAILABLE' and price >= 30000000",
    ),
}


@dataclass(frozen=True)
class Case:
    """A page of the list, the same in both agencies."""

    name: str
    order: tuple[str, str] | None = None
    filter: dict[str, Any] | None = None
    where: str = "true"
    depth: tuple[int, int] | None = None  # rows before the page, in the small and in the large agency

    def variables(self, cursor: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {"first": PAGE}
        if self.order is not None:
            found["orderBy"] = [{"field": self.order[0], "direction": self.order[1]}]
        if self.filter is not None:
            found["filter"] = self.filter
        return found if cursor is None else found | {"after": cursor}


def cases(rows: int) -> list[Case]:
    deep = (SMALL // 2, min(100_000, rows // 2))
    behind = (SMALL * 8 // 10, rows * 8 // 10)  # where there are no prices any more
    found = []
    for field in ORDERS:
        for direction in ("DESC", "ASC"):
            found.append(Case(f"{field} {direction}, first page", (field, direction)))
            found.append(Case(f"{field} {direction}, after {deep[1]:,}", (field, direction), depth=deep))
    found += [Case(f"PRICE {way}, after {behind[1]:,}", ("PRICE", way), depth=behind) for way in ("DESC", "ASC")]
    found += [Case(f"filter {name}", None, given, where) for name, (given, where) in FILTERS.items()]
    # Sorted by what is filtered: there are no rows without a value to end with.
    for name, field in (("price between", "PRICE"), ("living area at least", "LIVING_AREA")):
        found += [Case(f"{name}, {field} {way}", (field, way), *FILTERS[name]) for way in ("DESC", "ASC")]
    return found


# Cursors, made here from the row at that depth


@dataclass(frozen=True)
class Place:
    """A cursor and the row that must follow it."""

    cursor: str
    following: UUID


async def places(connection: asyncpg.Connection, agency: Agency, case: Case, depth: int) -> list[Place]:
    assert case.order is not None
    field, direction = case.order
    name = "title_key" if field == "TITLE" else field.lower()
    key: OrderKey = PropertyOrder.keys[field.lower()].directed(direction == "DESC")
    step = 3
    rows = await connection.fetch(
        f"select {name} as value, id from property where tenant_id = $1 and deleted_at is null"
        f" order by {name} {direction} nulls last, id {direction} offset $2 limit $3",
        agency.id,
        depth,
        CURSORS * step + 1,
    )
    scope = scope_of("Property", NO_FILTER)
    return [
        Place(encode_cursor(scope, (key,), [rows[i]["value"]], rows[i]["id"]), rows[i + 1]["id"])
        for i in range(0, min(len(rows) - 1, CURSORS * step), step)
    ]


# Pages: the small agency and the large one in turns


@dataclass
class Side:
    """One of the two agencies as it answers a case."""

    agency: Agency
    requests: list[bytes]
    latencies: list[float]
    costs: list[float]

    @property
    def latency(self) -> float:
        return statistics.median(self.latencies) * 1000

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


def call(program: Program, agency: Agency, document: str, variables: dict[str, Any]) -> bytes:
    body = orjson.dumps({"query": document, "variables": variables})
    return post(program.address, body, {"Authorization": f"Bearer {agency.people[0].token}"})


async def prepare(connection: asyncpg.Connection, program: Program, case: Case, agency: Agency, large: bool) -> Side:
    """The requests of a case for one agency; that their answers are right is seen first."""
    asking = await Connection.open(program.address)
    found: list[Place | None] = [None]
    if case.depth is not None:
        found = [*await places(connection, agency, case, case.depth[large])]
    requests = []
    for place in found:
        request = call(program, agency, PAGE_OF, case.variables(place and place.cursor))
        nodes = (await answer(asking, request))["properties"]["nodes"]
        if len(nodes) != PAGE:
            raise Broken(f"{case.name}: {len(nodes)} rows instead of {PAGE}")
        if place is not None and nodes[0]["id"] != encode_id("Property", place.following):
            raise Broken(f"{case.name}: the page does not begin behind its cursor")
        requests.append(request)
    asking.close()
    return Side(agency, requests, [], [])


async def ask_all(asking: Connection, requests: Iterable[bytes]) -> Load:
    """One request after the other."""
    latencies = []
    started = time.perf_counter()
    for request in requests:
        begun = time.perf_counter()
        await asking.ask(request)
        latencies.append(time.perf_counter() - begun)
    return Load(time.perf_counter() - started, latencies)


async def measure(program: Program, cluster: Cluster, sides: tuple[Side, Side]) -> None:
    """Short rounds in turns: whatever else the machine does hits both."""
    asking = await Connection.open(program.address)
    begun = time.perf_counter()
    for side in sides:  # statements are prepared, pages in memory
        await ask_all(asking, cycled(side.requests, 2 * REQUESTS))
    for turn in range(ROUNDS):
        if turn and time.perf_counter() - begun > PATIENCE:
            break  # what is so slow needs no exact figure
        for side in sides if turn % 2 else reversed(sides):

            async def run(side: Side = side, start: int = turn * REQUESTS) -> Load:
                return await ask_all(asking, cycled(side.requests, REQUESTS, start))

            cost, seen = await measured([program.pid], cluster, REQUESTS, run)
            side.latencies += seen.latencies
            side.costs.append(sum(cost.per_request))
    asking.close()


async def pages(url: str, program: Program, small: Agency, large: Agency, rows: int) -> bool:
    passed = True
    print(f"{'pages of 50; ms per request, 1 connection':<44}{'latency p50':>24}{'CPU server + database':>28}")
    print(f"{'':<44}{'1,000':>8}{f'{rows:,}':>10}{'':>6}{'1,000':>12}{f'{rows:,}':>10}")
    async with connected(url) as connection:
        cluster = await Cluster.of(connection)
        cluster.ignored = {connection.get_server_pid()}
        for case in cases(rows):
            sides = (
                await prepare(connection, program, case, small, False),
                await prepare(connection, program, case, large, True),
            )
            await measure(program, cluster, sides)
            latency, cost = sides[1].latency / sides[0].latency, sides[1].cost / sides[0].cost
            good = latency <= MOST_RATIO and cost <= MOST_RATIO
            passed = passed and good
            print(
                f"{'    ' if good else 'FAIL'} {case.name:<39}"
                f"{sides[0].latency:>8.2f}{sides[1].latency:>10.2f}{f'×{latency:.2f}':>7}"
                f"{sides[0].cost:>11.2f}{sides[1].cost:>10.2f}{f'×{cost:.2f}':>7}",
                flush=True,
            )
    return passed


# What counts


async def timed(run: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await run()
    return (time.perf_counter() - started) * 1000


@contextlib.asynccontextmanager
async def as_server(url: str, tenant: UUID) -> AsyncIterator[asyncpg.Connection]:
    """A connection with the rights of the server, bound to an agency."""
    login = dsn(logins(Settings(environment="test", database_url=url)).app)
    connection = await asyncpg.connect(login, server_settings={"jit": "off"})
    try:
        await connection.execute("select set_config('app.tenant_id', $1, false)", str(tenant))
        yield connection
    finally:
        await connection.close()


async def counts(url: str, program: Program, agency: Agency) -> bool:
    passed = True
    print(f"\n{'what counts; ms, median':<44}{'count(*)':>10}{'totalCount':>12}{'':>7}{'page form':>11}")
    asking = await Connection.open(program.address)
    async with as_server(url, agency.id) as connection:
        filters = {"everything": (None, "true"), **FILTERS}
        for name, (given, where) in filters.items():
            bare = f"select count(*) from property where tenant_id = $1 and deleted_at is null and {where}"
            total = call(program, agency, TOTAL, {"filter": given})
            page = call(program, agency, LIST, {"filter": given, "page": {"number": 1, "size": PAGE}})
            expected = await connection.fetchval(bare, agency.id)
            seen = (await answer(asking, total))["properties"]["totalCount"]
            paged = (await answer(asking, page))["properties"]["pageMeta"]["total"]
            if not expected == seen == paged:
                raise Broken(f"{name}: {expected} rows, totalCount {seen}, pageMeta {paged}")
            taken: list[tuple[float, float, float]] = []
            for _ in range(COUNTS):
                taken.append(
                    (
                        await timed(lambda bare=bare: connection.fetchval(bare, agency.id)),
                        await timed(lambda total=total: asking.ask(total)),
                        await timed(lambda page=page: asking.ask(page)),
                    )
                )
            base, counted, form = (statistics.median(column) for column in zip(*taken, strict=True))
            good = counted <= MOST_COUNT * base and form <= MOST_COUNT * base
            passed = passed and good
            print(
                f"{'    ' if good else 'FAIL'} {name:<39}{base:>10.1f}{counted:>12.1f}{f'×{counted / base:.2f}':>7}"
                f"{form:>11.1f}{f'×{form / base:.2f}':>7}",
                flush=True,
            )
    asking.close()
    return passed


# Plans


class RecordingPool(ReadPool):
    """The read pool of the server; remembers every statement with its values."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(logins(settings).app, 1)
        self.seen: list[tuple[str, tuple[Any, ...]]] = []

    async def _connect(self) -> asyncpg.Connection[Any]:
        connection = await super()._connect()
        connection.add_query_logger(lambda query: self._note(query.query, tuple(query.args)))
        return connection

    def _note(self, sql: str, values: tuple[Any, ...]) -> None:
        """Preparing and executing are told separately."""
        if (sql, values) not in self.seen:
            self.seen.append((sql, values))


@contextlib.asynccontextmanager
async def in_process(url: str) -> AsyncIterator[tuple[httpx2.AsyncClient, RecordingPool]]:
    """The application in this process, so that its statements can be seen."""
    plenty = RateLimits(**dict.fromkeys(RateLimits.model_fields, "1000000/minute"))
    settings = Settings(database_url=url, log_format="json", rate_limits=plenty)
    pool = RecordingPool(settings)

    @contextlib.asynccontextmanager
    async def opening() -> AsyncIterator[State]:
        async with opened(settings) as state:
            state.database.reads = pool
            yield state
        await pool.close()

    app = compose(settings, schema._schema, opening)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield client, pool


def literal(value: Any) -> str:
    """A bound value as SQL text; PostgreSQL reads it as the type the statement wants there."""
    if value is None:
        return "null"
    if isinstance(value, list):
        inner = ",".join('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in value)
        return literal("{" + inner + "}")
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


async def plan_of(connection: asyncpg.Connection, sql: str, values: tuple[Any, ...], mode: str) -> list[str]:
    await connection.execute(f"set plan_cache_mode = {mode}")
    await connection.execute(f"prepare shown as {sql}")
    try:
        listed = f"({', '.join(map(literal, values))})" if values else ""
        rows = await connection.fetch(f"explain (costs off) execute shown{listed}")
    finally:
        await connection.execute("deallocate shown")
    return [row[0] for row in rows]


def whole_table(plan: list[str]) -> bool:
    return any("Seq Scan on property" in line for line in plan)


async def plans(url: str, large: Agency, rows: int, *, verbose: bool) -> bool:
    """The plan of every statement of the cases, for these values and in general."""
    passed = True
    print("\nplans in the large agency, for the values given and in general")
    headers = {"Authorization": f"Bearer {large.people[0].token}"}
    async with in_process(url) as (client, pool), as_server(url, large.id) as explaining, connected(url) as reading:
        for case in cases(rows):
            cursor = None
            if case.depth is not None:
                cursor = (await places(reading, large, case, case.depth[1]))[0].cursor
            body = {"query": PAGE_OF, "variables": case.variables(cursor)}
            with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):  # the server's log
                await client.post("/graphql", json=body, headers=headers)  # recognises the caller
                pool.seen.clear()
                answered = (await client.post("/graphql", json=body, headers=headers)).json()
            if "errors" in answered:
                raise Broken(f"{case.name}: {answered['errors']}")
            for sql, values in (seen for seen in pool.seen if "FROM property" in seen[0]):
                for mode in ("force_custom_plan", "force_generic_plan"):
                    found = await plan_of(explaining, sql, values, mode)
                    bad = case.filter is None and whole_table(found)
                    passed = passed and not bad
                    used = sorted(
                        {word for line in found for word in line.split() if word.startswith(("ix_", "uq_", "pk_"))}
                    )
                    scans = "THE WHOLE TABLE" if whole_table(found) else ", ".join(used)
                    print(f"{'FAIL' if bad else '    '} {case.name:<39}{mode[6:-5]:<9}{scans}")
                    if verbose or bad:
                        print("\n".join(f"          {line}" for line in found))
    return passed


# The course of a run


async def fill(url: str, rows: int) -> tuple[Agency, Agency]:
    async with connected(url) as connection:
        small, large = await make_agency(connection, 0), await make_agency(connection, 1)
        await add_properties(connection, small, SMALL, texts=False)
        started = time.perf_counter()
        await add_many_properties(url, large, rows)
        await settle(connection)
    print(f"{rows:,} properties written in {time.perf_counter() - started:.0f} s\n")
    return small, large


async def run(url: str, arguments: argparse.Namespace) -> bool:
    small, large = await fill(url, arguments.rows)
    with running(our_server(OURS, "planned"), url, {}) as one:
        good = [
            await pages(url, one.program, small, large, arguments.rows),
            await counts(url, one.program, large),
        ]
    good.append(await plans(url, large, arguments.rows, verbose=arguments.plans))
    print("\npassed" if all(good) else "\nFAILED")
    return all(good)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large agency")
    parser.add_argument("--plans", action="store_true", help="print every plan as a whole")
    arguments = parser.parse_args()
    with fresh_database() as url:
        try:
            return 0 if uvloop.run(run(url, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
