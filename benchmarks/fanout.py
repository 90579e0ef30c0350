"""What a delivery costs the server: 1,000 subscribers of one agency's stream, ours beside graphql-ws on Node.

    python3 dev.py bench fanout [--clients N] [--events N]

All ask the same document and hold the same rights; ours are six people. The Node server (`peers/node/live.mjs`) gets
the same changes by NOTIFY, reads the row once per change and knows no rights, no limits and no resuming. What both send
is compared, value by value. They take turns of a few changes; the CPU time of the server's process counts, user and
system, not the clock: on a shared machine the median of the turns is what can be repeated. PostgreSQL's is left out.
Also told: the memory of idle sockets, and what an idle server spends while nothing happens.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import uvloop
from _agencies import Agency
from _live import NODE, Following, Writer, agencies, clients, signed_in
from _load import Broken, Program, connected, cpu, resident, started
from _server import fresh_database
from screens import NODE_FOLDER, OURS, difference, install_node_packages, our_server

TURN = 5  # changes of one server, then it is the other's turn
WARM_UP = 40
IDLE_SECONDS = 15.0  # longer than the time between two beats of a quiet connection
BAR, GOAL, MOST_MEMORY = 2.0, 4.0, 60.0


@dataclass
class Spent:
    """What a server was seen to need."""

    idle: float = 0.0  # CPU milliseconds per second
    memory: float = 0.0  # megabytes more than without sockets
    turns: list[float] = field(default_factory=list)  # deliveries per CPU second

    @property
    def rate(self) -> float:
        return statistics.median(self.turns)


async def run(url: str, places: list[Agency], arguments: argparse.Namespace) -> bool:
    count, peer = arguments.clients, our_server(OURS, "planned")
    # Several workers tell each other by NOTIFY: so our server hears of what this program commits.
    environment = {**peer.environment, "DATABASE_URL": url, "WORKERS": "2", "LIMIT_SOCKETS_PER_USER": str(count)}
    async with AsyncExitStack() as stack:
        ours = stack.enter_context(started(peer.command, peer.cwd, environment))
        node = stack.enter_context(started([NODE, "live.mjs"], NODE_FOLDER, {"DATABASE_URL": url}))
        connection = await stack.enter_async_context(connected(url))
        followed, spent = [], {"ours": Spent(), "node": Spent()}
        trusted = [{"tenant": str(places[1].id)}]
        for name, program, place, params in (
            ("ours", ours, places[0], signed_in(places[0], "AGENT")),
            ("node", node, places[1], trusted),
        ):
            before = resident(program.pid)
            following = await stack.enter_async_context(clients(program, count, params))
            await asyncio.sleep(1)
            spent[name].memory = resident(program.pid) - before
            followed.append(Following(name, program, following, Writer(connection, place)))
        await idle({one.name: one.program for one in followed}, spent)
        await compare(followed)
        for turn in range(arguments.events // TURN):
            for one in followed if turn % 2 else reversed(followed):
                begun = cpu(one.program.pid)
                for _ in range(TURN):
                    await one.event()
                spent[one.name].turns.append(TURN * count * 1e9 / (cpu(one.program.pid) - begun))
        memory = {one.name: resident(one.program.pid) for one in followed}
    return judge(spent, memory, arguments)


async def idle(programs: dict[str, Program], spent: dict[str, Spent]) -> None:
    """What both spend while nothing happens."""
    before = {name: cpu(program.pid) for name, program in programs.items()}
    await asyncio.sleep(IDLE_SECONDS)
    for name, program in programs.items():
        spent[name].idle = (cpu(program.pid) - before[name]) / 1e6 / IDLE_SECONDS


async def compare(followed: list[Following]) -> None:
    """Hot servers, which have sent the same for the same changes."""
    sent: list[dict[int, object]] = []
    for one in followed:
        await one.begin()
        last = one.writer.number + WARM_UP
        found = {}
        while one.writer.number < last:
            _, heard = await one.event()
            found[heard.number] = heard.content
        sent.append(found)
    compared = sent[0].keys() & sent[1].keys()
    for number in compared:
        different = difference(sent[0][number], sent[1][number])
        if different is not None:
            raise Broken(f"node sends something else: {different}")
    print(f"{len(compared)} changes compared, both send the same")


def judge(spent: dict[str, Spent], memory: dict[str, float], arguments: argparse.Namespace) -> bool:
    ours, node = spent["ours"], spent["node"]
    print(f"{arguments.events} changes to {arguments.clients} clients each; of {len(ours.turns)} turns the median")
    print(f"{'':<8}{'deliveries per CPU second':>27}{'µs each':>9}{'sockets MB':>12}{'idle CPU ms/s':>15}{'RSS MB':>8}")
    for name, one in spent.items():
        spread = f"({min(one.turns):.0f} to {max(one.turns):.0f})"
        figures = f"{1e6 / one.rate:>9.1f}{one.memory:>12.1f}{one.idle:>15.1f}{memory[name]:>8.0f}"
        print(f"{name:<8}{one.rate:>9.0f} {spread:>17}{figures}")
    # Turn by turn: what else the machine does meets both of a pair.
    found = statistics.median(one / other for one, other in zip(ours.turns, node.turns, strict=True))
    passed = found >= BAR, ours.memory < MOST_MEMORY
    for good, text in zip(
        passed,
        (
            f"{found:.2f} times as many deliveries as Node, at least {BAR}, goal {GOAL}",
            f"{ours.memory:.1f} MB for {arguments.clients} idle sockets, less than {MOST_MEMORY:.0f}",
        ),
        strict=True,
    ):
        print(f"{'pass' if good else 'FAIL'}: {text}")
    return all(passed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=75, help="per server")
    arguments = parser.parse_args()
    install_node_packages()
    with fresh_database() as url:
        places = asyncio.run(agencies(url, 2))
        try:
            return 0 if uvloop.run(run(url, places, arguments)) else 1
        except Broken as error:
            print(error, file=sys.stderr)
            return 1


if __name__ == "__main__":
    raise SystemExit(main())
