"""Two worker processes beside one: how evenly they share the requests, and what a request costs in each arrangement.

    python3 dev.py bench workers [--requests N] [--rounds N]

Which worker holds which connection is read from the kernel, so requests are counted exactly. Each worker must serve 40
to 60 % of them over 16 and over 64 kept connections, and a request may cost a tenth more CPU than with one worker. A
shared machine makes the same work dearer or cheaper from one second to the next: rounds are short, and always in pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psutil
import uvloop
from _agencies import Agency, fill
from _load import Broken, Connection, Program, connected, cpu, cycled, started
from _server import HERE, PLENTY, fresh_database
from screens import SCREENS, our_server, questions

from settings import RateLimits

LEVELS = (16, 64)
WARM_UP = 2_000  # per worker
MOST, MOST_COST = 0.6, 1.1
# The launcher is started past its own environment check: the packages are here already.
LAUNCHER = """
import sys
import dev
sys.argv[0] = "dev.py"
dev.enter_environment = lambda pins: None
dev.run_and_exit()
"""


@dataclass
class Arrangement:
    """A server with some workers, and what was seen of it."""

    workers: int
    program: Program
    requests: list[bytes]
    costs: dict[int, list[float]] = field(default_factory=dict)
    rates: dict[int, list[float]] = field(default_factory=dict)
    shares: dict[int, list[float]] = field(default_factory=dict)  # of the busiest worker, in requests
    loads: dict[int, list[float]] = field(default_factory=dict)  # and in CPU time

    def processes(self) -> list[int]:
        """The server's process and its workers."""
        return [self.program.pid, *(child.pid for child in psutil.Process(self.program.pid).children(recursive=True))]


@contextlib.contextmanager
def serving(url: str, workers: int) -> Iterator[Program]:
    rates = {f"RATE_LIMIT_{name.upper()}": PLENTY for name in RateLimits.model_fields}
    environment = {"DATABASE_URL": url, "PYTHONPATH": str(HERE), "LOG_FORMAT": "json", **rates}
    options = ["serve", "--no-demo", "--port", "{port}", "--workers", str(workers)]
    with started([sys.executable, "-c", LAUNCHER, *options], HERE, environment) as program:
        yield program


def holders(processes: Sequence[int], connections: Sequence[Connection]) -> dict[Connection, int]:
    """The process at the other end of each connection."""
    by_port = {
        found.raddr.port: pid
        for pid in processes
        for found in psutil.Process(pid).net_connections("tcp")
        if found.raddr
    }
    return {connection: by_port[connection.port] for connection in connections}


async def drive(one: Arrangement, level: int, count: int, start: int) -> None:
    """`count` requests over `level` connections. Each sends its part, as clients do who know nothing of each other."""
    connections = [await Connection.open(one.program.address) for _ in range(level)]
    # Only an answer tells that a connection is in its worker's hands; an idle one is closed after a few seconds.
    await asyncio.gather(*(connection.ask(one.requests[1]) for connection in connections))
    processes = one.processes()
    held = holders(processes, connections)
    served: Counter[int] = Counter()
    part = count // level

    async def ask(number: int, connection: Connection) -> None:
        for request in cycled(one.requests, part, start + number * part):
            body = await connection.ask(request)
            if b'"errors":' in body:
                raise Broken(body[:1000].decode())
            served[held[connection]] += 1

    before, begun = {pid: cpu(pid) for pid in processes}, time.perf_counter()
    await asyncio.gather(*(ask(number, connection) for number, connection in enumerate(connections)))
    seconds = time.perf_counter() - begun
    spent = {pid: cpu(pid) - before[pid] for pid in processes}
    for connection in connections:
        connection.close()
    requests = part * level
    one.costs.setdefault(level, []).append(sum(spent.values()) / 1e6 / requests)
    one.rates.setdefault(level, []).append(requests / seconds)
    one.shares.setdefault(level, []).append(max(served.values()) / requests)
    one.loads.setdefault(level, []).append(max(spent.values()) / sum(spent.values()))


async def run(url: str, agencies: list[Agency], arguments: argparse.Namespace) -> bool:
    async with connected(url) as connection:
        asked = await questions(connection, agencies)
    with contextlib.ExitStack() as stack:
        arrangements = []
        peer = our_server("ours", "planned")
        for workers in (1, 2):
            program = stack.enter_context(serving(url, workers))
            requests = [
                peer.request(program.address, question)
                for pair in zip(*(asked[screen] for screen in SCREENS), strict=True)
                for question in pair
            ]
            arrangements.append(Arrangement(workers, program, requests))
        for one in arrangements:
            # Every connection of every worker's pool prepares every statement once.
            await drive(one, LEVELS[-1], WARM_UP * one.workers, 0)
            for seen in (one.costs, one.rates, one.shares, one.loads):
                seen.clear()
        for turn in range(arguments.rounds):
            for level in LEVELS:
                for one in arrangements if turn % 2 else reversed(arrangements):
                    await drive(one, level, arguments.requests, turn * arguments.requests)
    return judge(*arrangements)


def judge(alone: Arrangement, together: Arrangement) -> bool:
    """Costs are compared round by round, and the median counts: what else the machine does meets both of a pair."""
    passed, median = True, statistics.median
    print(f"{'':<12}{'conns':>6}{'CPU ms: median':>16}{'least':>8}{'most':>8}{'req/s':>8}")
    for one in (alone, together):
        for level in LEVELS:
            costs, rate = one.costs[level], median(one.rates[level])
            name = f"{one.workers} worker(s)"
            print(f"{name:<12}{level:>6}{median(costs):>16.3f}{min(costs):>8.3f}{max(costs):>8.3f}{rate:>8.0f}")
    for level in LEVELS:
        share, loads = max(together.shares[level]), together.loads[level]
        ratios = [two / one for one, two in zip(alone.costs[level], together.costs[level], strict=True)]
        quarter, half, rest = statistics.quantiles(ratios, n=4)
        busier = f"its processor time {median(loads):.0%} of both, at most {max(loads):.0%}"
        spread = f"half of the rounds ×{quarter:.2f} to ×{rest:.2f}"
        for good, text in (
            (share <= MOST, f"a worker served at most {share:.1%}, bar {MOST:.0%}; {busier}"),
            (half <= MOST_COST, f"a request costs ×{half:.2f}, bar ×{MOST_COST}; {spread}"),
        ):
            passed = passed and good
            print(f"{'pass' if good else 'FAIL'}: over {level} connections {text}")
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=480, help="per arrangement, level and round")
    parser.add_argument("--rounds", type=int, default=25)
    arguments = parser.parse_args()
    with fresh_database() as url:
        agencies = asyncio.run(fill(url, 4, 500))
        try:
            return 0 if uvloop.run(run(url, agencies, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
