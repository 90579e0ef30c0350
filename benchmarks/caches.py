"""Memory under thousands of different documents: what is kept of a document is bounded, so memory levels off.

    python3 dev.py bench caches [--quick]

Every document is valid and unlike all others: its own fields under its own names, so it has a plan and statements of
its own; callers of all roles send them with filters and orders of all forms. A document that was never seen costs many
times what a known one does, so most are small: one of ten is as large as a screen, which is what memory is made of.
Memory of the server is told as it grows; from half of the documents to all of them it may grow by a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from itertools import chain

import orjson
import psutil
import uvloop
from _agencies import Agency, fill
from _load import Broken, Cluster, Connection, Program, connected, cpu, post, resident
from _server import fresh_database, percentile
from screens import OURS, answer, list_variables, our_server, running, visible

from resolvers.kit.ids import encode_id

DOCUMENTS = 10_000
STEPS = (0.1, 0.25, 0.5, 0.75, 1.0)
MOST_GROWTH = 1.1
LARGE = 0.1  # of the documents
LANES = 2  # connections: the database works for the one while the server works for the other
AGAIN = 200  # the latest documents are sent once more, to see what keeping them saves

FIELDS = [
    *("externalNumber", "title", "description", "status", "type", "subtype", "usage", "marketingType", "version"),
    *("priceOnRequest", "livingArea", "usableArea", "totalArea", "plotArea", "rooms", "bedrooms", "bathrooms", "floor"),
    *("floorsTotal", "yearBuilt", "lastModernisation", "condition", "availableFrom", "isRented", "location"),
    *("amenities", "daysOnMarket", "createdAt", "updatedAt"),
    *(f"{name} {{ amount currency }}" for name in ("price", "rentCold", "rentWarm", "deposit", "pricePerSqm")),
    "address { street postalCode city formatted geo { latitude longitude } }",
    "features { balcony garden elevator energyClass parkingSpaces flooring unknown }",
    "commission { model buyerPercent text }",
    "assignedAgent { id name role }",
    "createdBy { id name }",
    "contactPersons { id name role }",
    "notes(first: 3) { nodes { id body author { id name } } }",
    "viewerCan { update publish allowedStatuses }",
]


def selection(draw: random.Random, fewest: int, most: int) -> str:
    """Some fields of a property in some order, about half of the first fifteen renamed: thirty may be in a document."""
    chosen = draw.sample(FIELDS, draw.randint(fewest, most))
    return " ".join(
        f"a{draw.randrange(1_000)}_{place}: {field}" if place < 15 and draw.random() < 0.5 else field
        for place, field in enumerate(chosen)
    )


LIST = "properties(page: $page, filter: $filter, orderBy: $orderBy)"
DECLARED = "$page: PageInput, $filter: PropertyFilter, $orderBy: [PropertyOrder!]"


def document(draw: random.Random) -> str:
    """A list and a property with much of each, or a little of one of them."""
    if draw.random() < LARGE:
        many, one = selection(draw, 5, 25), selection(draw, 5, 25)
        return (
            f"query Own({DECLARED}, $id: ID!) {{ {LIST} {{ nodes {{ id {many} }} }} property(id: $id) {{ id {one} }} }}"
        )
    few = f"a{draw.randrange(10**9)}: id {selection(draw, 1, 4)}"
    if draw.random() < 0.5:
        return f"query Own({DECLARED}) {{ {LIST} {{ nodes {{ {few} }} }} }}"
    return f"query Own($id: ID!) {{ property(id: $id) {{ {few} }} }}"


def call(program: Program, draw: random.Random, text: str, agency: Agency, id: str) -> bytes:
    variables = list_variables(draw)
    variables["page"] = {"number": 1, "size": 2}
    body = orjson.dumps({"query": text, "variables": variables | {"id": id}})
    return post(program.address, body, {"Authorization": f"Bearer {draw.choice(agency.people).token}"})


def sessions_memory(cluster: Cluster) -> float:
    """Megabytes that the database's processes hold for themselves: prepared statements live there."""
    return sum(psutil.Process(pid).memory_full_info().uss for pid in cluster.backends()) / 1_000_000


async def send(connection: Connection, calls: Iterator[tuple[str, bytes]]) -> list[float]:
    """Send calls over one connection until there are no more; the seconds of each."""
    taken = []
    for text, request in calls:
        started = time.perf_counter()
        try:
            await answer(connection, request)
        except Broken as error:
            raise Broken(f"{text}: {error}") from None
        taken.append(time.perf_counter() - started)
    return taken


async def run(url: str, agencies: list[Agency], count: int) -> bool:
    draw = random.Random(1)  # noqa: S311 - repeatable, not secret
    async with connected(url) as connection:
        cluster = await Cluster.of(connection)
        ids = {agency.id: encode_id("Property", (await visible(connection, agency))[0]) for agency in agencies}
        with running(our_server(OURS, "planned"), url, {}) as one:
            program = one.program
            asking = [await Connection.open(program.address) for _ in range(LANES)]
            latest: deque[bytes] = deque(maxlen=AGAIN)

            def calls(number: int) -> Iterator[tuple[str, bytes]]:
                for _ in range(number):
                    agency, text = draw.choice(agencies), document(draw)
                    latest.append(call(program, draw, text, agency, ids[agency.id]))
                    yield text, latest[-1]

            print(f"{'documents':>10}{'server MB':>12}{'database MB':>13}{'p50 ms':>9}{'CPU ms':>9}")
            print(f"{0:>10,}{resident(program.pid):>12.1f}{sessions_memory(cluster):>13.1f}")
            grown: dict[int, float] = {}
            before = 0
            for number in (int(count * share) for share in STEPS):
                spent, waiting = cpu(program.pid), calls(number - before)
                taken = list(chain(*await asyncio.gather(*(send(lane, waiting) for lane in asking))))
                each = (cpu(program.pid) - spent) / 1e6 / (number - before)
                grown[number], before = resident(program.pid), number
                print(
                    f"{number:>10,}{grown[number]:>12.1f}{sessions_memory(cluster):>13.1f}"
                    f"{percentile(taken, 0.5) * 1000:>9.2f}{each:>9.2f}",
                    flush=True,
                )
            spent, again = cpu(program.pid), list(latest)
            for request in again:
                await answer(asking[0], request)
            each = (cpu(program.pid) - spent) / 1e6 / len(again)
            print(f"the last {len(again)} once more: {each:.2f} ms of CPU each")
            for lane in asking:
                lane.close()
    growth = grown[count] / grown[count // 2]
    told = f"from {count // 2:,} to {count:,} documents ×{growth:.3f}"
    if count < DOCUMENTS:
        print(f"{told}: too few to judge")
        return True
    print(f"{'pass' if growth <= MOST_GROWTH else 'FAIL'}: {told}, at most {MOST_GROWTH}")
    return growth <= MOST_GROWTH


async def prepare_and_run(url: str, count: int) -> bool:
    return await run(url, await fill(url, 3, 200), count)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the documents; too few to judge")
    count = DOCUMENTS // 10 if parser.parse_args().quick else DOCUMENTS
    with fresh_database() as url:
        try:
            return 0 if uvloop.run(prepare_and_run(url, count)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
